"""Formgrader shows what a student wrote and lets none of it run, and an instructor can still grade with it."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace
from urllib.parse import quote

import course
import nbformat
import pytest
from graded_course import ASSIGNMENT, MASTER
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers
from playwright.sync_api import sync_playwright

SECONDS = 60  # how long anything may take before a test gives up on it
OTHERS = ("jupyterlab", "notebook", "notebook_shim", "jupyter_lsp", "jupytext", "jupyter_server_terminals")

# Where a payload that runs leaves its name.
RAN = "(window.ran || '').split(';').filter(name => name)"
WHAT_RAN = f"""async () => {{
    const seconds = time => new Promise(done => setTimeout(done, 1000 * time));
    while (window.jQuery && jQuery.active) await seconds(0.02);
    await seconds(0.1);
    return {RAN};
}}"""
ANSWER, TEST = "shift-invariance-proof", "softmax-test-1"


def mark(name):
    return f"top.ran=(top.ran||'')+';{name}'"


def script(name):
    return f"<script>{mark(name)}</script>"


STUDENT = f"<img src=x onerror={mark('id')}>"  # a folder's name, so without a slash
NAME = script("name")


MOVES = "<style>@keyframes k { to { opacity: 1 } }</style>"


def display(data, **metadata):
    return new_output("display_data", data, metadata=metadata)


# By name: a cell, or a list of outputs.
PAYLOADS = {
    "html-script": [display({"text/html": script("html-script")})],
    "html-handler": [display({"text/html": f'<img src=x onerror="{mark("html-handler")}">'})],
    "html-svg": [display({"text/html": f'<svg onload="{mark("html-svg")}"></svg>'})],
    "html-srcdoc": [display({"text/html": f'<iframe srcdoc="{script("html-srcdoc")}"></iframe>'})],
    "html-focus": [display({"text/html": f'<input autofocus onfocus="{mark("html-focus")}">'})],
    "html-toggle": [display({"text/html": f'<details open ontoggle="{mark("html-toggle")}">x</details>'})],
    "html-mutation": [
        display({"text/html": f'<noscript><p title="</noscript><img src=x onerror={mark("html-mutation")}>">'})
    ],
    "html-animation": [
        display({"text/html": f'<b style="animation:k 1s" onanimationstart="{mark("html-animation")}">{MOVES}'})
    ],
    "html-frame": [display({"text/html": f'<iframe src="javascript:{mark("html-frame")}"></iframe>'})],
    "svg": [display({"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{script('svg')}</svg>"})],
    "svg-attribute": [display({"image/svg+xml": f'<svg/>"><img src=x onerror="{mark("svg-attribute")}">'})],
    "javascript": [display({"application/javascript": mark("javascript")})],
    "markdown-output": [display({"text/markdown": script("markdown-output")})],
    "latex": [display({"text/latex": f"$x$ {script('latex')}"})],
    "latex-text": [display({"text/latex": rf"$\text{{</math>{script('latex-text')}}}$"})],
    "plain": [display({"text/plain": f"\x1b[31m{script('plain')}\x1b[0m"})],
    "png": [display({"image/png": f'" onerror="{mark("png")}'})],
    "png-size": [display({"image/png": "AAAA"}, **{"image/png": {"width": f"1 onerror={mark('png-size')}"}})],
    "png-alt": [display({"image/png": "AAAA"}, **{"image/png": {"alt": f'" onerror="{mark("png-alt")}'}})],
    "widget": [display({"application/vnd.jupyter.widget-view+json": {"model_id": f"</script>{script('widget')}"}})],
    "unknown-type": [display({"text/vnd.mermaid": script("unknown-type"), "application/x": script("unknown-type")})],
    "stream": [new_output("stream", name="stdout", text=f"\x1b]8;;x\x07{script('stream')}")],
    "traceback": [new_output("error", ename=script("traceback"), evalue="x", traceback=[script("traceback")])],
    "code": new_code_cell(f"'</pre></div>{script('code')}'"),
    "markdown": new_markdown_cell(script("markdown")),
    "markdown-handler": new_markdown_cell(f'text <img src=x onerror="{mark("markdown-handler")}"> text'),
    "markdown-fence": new_markdown_cell(f'```"><img/src=x/onerror="{mark("markdown-fence")}">\nx\n```'),
    "markdown-image": new_markdown_cell(f'![" onerror="{mark("markdown-image")}](x.png)'),
    "mermaid": new_markdown_cell(f"```mermaid\n{script('mermaid')}\n```"),
    "attachment": new_markdown_cell(
        "![x](attachment:a.png)",
        attachments={"a.png": {"image/png": f'" onerror="{mark("attachment")}'}},
    ),
    "raw": new_raw_cell(f"{script('raw')}<img src=x onerror={mark('raw')}>", metadata={"raw_mimetype": "text/html"}),
    "grade-id": new_markdown_cell(
        "x", metadata={"nbgrader": {"grade": True, "grade_id": f'">{script("grade-id")}', "points": 1}}
    ),
    "points": new_markdown_cell(
        "x", metadata={"nbgrader": {"grade": True, "grade_id": "points", "points": script("points")}}
    ),
    "tags": new_code_cell("1", metadata={"tags": [f'">{script("tags")}'], "magics_language": script("tags")}),
}
# A Markdown cell that needs no script: nbgrader would load the configuration of the folder handed in.
REQUEST = f"![x](/formgrader/?path=submitted/eve/{ASSIGNMENT}) <img src='/formgrader/?path=submitted/eve/{ASSIGNMENT}'>"
LINKS = f"[one](javascript:{mark('link')}) [two](plan.html) [three](http://127.0.0.1:8888/formgrader/) # {ANSWER}"


def hostile():
    """The master as a student may have filled it in, with every payload."""
    notebook = course.read(MASTER)
    for cell in notebook.cells:
        if course.grade_id(cell) == ANSWER:
            cell.source = f"My proof: $\\frac{{e^c}}{{e^c}} = 1$. {script('answer')}\n\n# {ANSWER}-comment\n\n{LINKS}"
        if course.grade_id(cell) == TEST:
            cell.outputs = PAYLOADS["traceback"]
    for name, payload in PAYLOADS.items():
        cell = payload if isinstance(payload, dict) else new_code_cell(f"# {name}", outputs=payload)
        notebook.cells.append(nbformat.from_dict(cell))
    notebook.cells.append(new_markdown_cell(REQUEST))
    state = {"application/vnd.jupyter.widget-state+json": {"state": f"</script>{script('state')}"}}
    notebook.metadata.update(title=f"</title>{script('title')}", widgets=state)
    notebook.metadata.language_info = {"name": "python", "pygments_lexer": f'x">{script("lexer")}'}
    return notebook


# A course, its server, and a browser


def gradebook_of(folder):
    return Gradebook(f"sqlite:///{folder}/gradebook.db", "digits-from-scratch")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A course in which one hostile submission has been graded."""
    folder = tmp_path_factory.mktemp("course")
    for file in ("jupyter_config.py", "nbgrader_config.py"):
        shutil.copy(course.ROOT / file, folder)
    shutil.copytree(MASTER.parent, folder / "solutions" / ASSIGNMENT)
    for step in ("submitted", "autograded"):
        path = folder / step / STUDENT / ASSIGNMENT / "softmax.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(hostile(), path)
        (path.parent / "plan.html").write_text(script("file"))
    eve = folder / "submitted" / "eve" / ASSIGNMENT
    eve.mkdir(parents=True)
    (eve / "nbgrader_config.py").write_text(f"open({str(folder / 'run-by-the-server')!r}, 'w').close()\n")
    with pytest.MonkeyPatch.context() as patch:
        # To make a gradebook, nbgrader calls alembic, which lies beside the Python that runs this.
        patch.setenv("PATH", os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]))
        gradebook_of(folder).close()
    with gradebook_of(folder) as gradebook:
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_notebook("softmax", ASSIGNMENT)
        for cell in course.read(MASTER).cells:
            role = cell.metadata.get("nbgrader", {})
            names = role.get("grade_id"), "softmax", ASSIGNMENT
            if role.get("grade"):
                gradebook.add_grade_cell(*names, max_score=role["points"], cell_type=cell.cell_type)
            if role.get("solution"):
                gradebook.add_solution_cell(*names)
            if "grade_id" in role:
                gradebook.add_source_cell(*names, cell_type=cell.cell_type, source=cell.source)
        gradebook.add_student(STUDENT, first_name=NAME, last_name=NAME)
        gradebook.add_submission(ASSIGNMENT, STUDENT)
    return folder


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    """The server with the course's configuration, but without JupyterLab, which takes its time to start."""
    home = tmp_path_factory.mktemp("home")
    config = folder / "quick_config.py"
    config.write_text(
        f"load_subconfig('jupyter_config.py')\nfor name in {OTHERS}:\n"
        "    get_config().ServerApp.jpserver_extensions[name] = False\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "XDG_", "DIGITS"))}
    environment |= {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    log = home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", f"--config={config}", "--no-browser", "--port=0"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield wait_for(process, home / "runtime", log)
    finally:
        process.terminate()
        process.wait(SECONDS)


def wait_for(process, folder, log):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in folder.glob(f"jpserver-{process.pid}.json"):
            try:
                info = json.loads(path.read_text())
            except json.JSONDecodeError:  # only half of it is written yet
                continue
            return SimpleNamespace(url=f"http://127.0.0.1:{info['port']}", token=info["token"], log=log)
        time.sleep(0.05)
    pytest.fail(f"the server did not start; the end of its log:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def page(server):
    """A page of the instructor, which asks nobody but the server; `page.asked` are the addresses it asked for."""
    path = shutil.which("chromium")
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("Chromium is not installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(SECONDS * 1000)
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: message.type == "error" and page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.route(lambda url: not url.startswith((server.url, "data:")), lambda route: route.abort())
        page.goto(f"{server.url}/formgrader/manage_students?token={server.token}")
        yield page
        browser.close()


@pytest.fixture
def visit(page, server):
    """Opens an address of the server: what ran in the page."""

    def visit(address):
        page.asked.clear()
        page.said.clear()
        page.answer = page.goto(f"{server.url}{address}")
        return set(page.evaluate(WHAT_RAN))

    return visit


@pytest.fixture(scope="module")
def submission(folder):
    """The address of the hostile submission."""
    with gradebook_of(folder) as gradebook:
        return f"/formgrader/submissions/{gradebook.find_submission_notebook('softmax', ASSIGNMENT, STUDENT).id}/"


def showing(page, server, text):
    """Have the server show a text at an address of its own."""
    page.unroute(f"{server.url}/shown")
    page.route(f"{server.url}/shown", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
    return "/shown"


# A submission


def test_payloads_run_in_the_page_that_nbgrader_would_make(page, server, visit):
    """So the tests below look for what would show."""
    about = {"assignment_id": ASSIGNMENT, "notebook_id": "softmax", "submission_id": "x", "base_url": "", "index": 0}
    about |= {"total": 1, "student": "x", "notebook_path": "x", "first_name": NAME, "last_name": NAME}
    exporter = HTMLExporter(template_name="formgrade", extra_template_basedirs=[handlers.template_path])
    text, _ = exporter.from_notebook_node(hostile(), about)
    visit(showing(page, server, text))
    expected = {name for name in PAYLOADS if name.startswith("html-")} - {"html-mutation"}
    expected |= {"answer", "grade-id", "javascript", "markdown", "markdown-output", "mermaid", "name", "png-size"}
    page.wait_for_function(f"{sorted(expected)}.every(name => {RAN}.includes(name))")


def test_nothing_of_a_submission_runs(page, server, visit, submission):
    assert visit(submission) == set()
    text = page.answer.text()
    shown = page.locator("#notebook").first.text_content()
    assert all(f"# {name}" in shown for name, payload in PAYLOADS.items() if isinstance(payload, list))
    assert script("markdown") in shown and script("traceback") in shown and script("raw") in shown
    assert "three (http://127.0.0.1:8888/formgrader/)" in shown
    assert page.locator("#notebook-container a:not([href^='https://'])").count() == 0
    assert not [address for address in page.asked if "path=" in address or not address.startswith(server.url)]
    assert page.locator("script[src*='mathjax' i]").count() == 0 and page.locator("iframe").count() == 0

    bare = re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", "", text)
    assert len(bare) < len(text)
    assert visit(showing(page, server, bare)) == set(), "only the policy has stopped it"
    assert not [address for address in page.asked if "path=" in address]

    attack = "".join(payload[0].data["text/html"] for name, payload in PAYLOADS.items() if name.startswith("html-"))
    attack += f"{script('inline')}<script src='/theirs.js'></script>"
    page.route(f"{server.url}/theirs.js", lambda route: route.fulfill(body=mark("of-a-file")))
    assert visit(showing(page, server, text.replace("</body>", f"{attack}</body>"))) == set()
    assert any("Content Security Policy" in text for text in page.said)


def test_a_submission_can_be_read_and_graded(page, visit, submission, folder):
    visit(submission)
    assert page.locator("#notebook math").count() > 20
    assert page.locator("#notebook img[src^='data:image/png']").first.evaluate("image => image.naturalWidth") > 100
    assert page.evaluate("[...document.fonts].map(font => font.status)").count("loaded") >= 1
    page.locator("span.glyphicon.name-hidden").click()
    assert NAME in page.locator("a.name-shown").inner_text()
    cell = page.locator(".nbgrader_cell", has=page.locator(f"#{ANSWER}"))
    cell.locator(".score").fill("1")
    cell.locator(".score").blur()
    cell.locator(".score-saved").wait_for(state="visible")
    cell.locator("textarea.comment").fill("Say why.")
    cell.locator("textarea.comment").blur()
    cell.locator(".comment-saved").wait_for(state="visible")
    page.keyboard.press("Control+Shift+F")
    page.get_by_text("Submission flagged").wait_for()
    assert not page.said
    with gradebook_of(folder) as gradebook:
        names = ANSWER, "softmax", ASSIGNMENT, STUDENT
        assert gradebook.find_grade(*names).manual_score == 1
        assert gradebook.find_comment(*names).manual_comment == "Say why."


# The other pages


@pytest.mark.parametrize(
    "address",
    [
        "manage_assignments",
        f"manage_submissions/{ASSIGNMENT}",
        "gradebook",
        f"gradebook/{ASSIGNMENT}",
        f"gradebook/{ASSIGNMENT}/softmax",
        "manage_students",
        f"manage_students/{quote(STUDENT)}",
        f"manage_students/{quote(STUDENT)}/{ASSIGNMENT}",
        f"manage_students/{quote(chr(34) + ';' + mark('address') + chr(59) + chr(34))}",
        "api/students",
        f"api/submissions/{ASSIGNMENT}",
    ],
    ids=lambda address: re.sub(r"%.*?(?=/|$)", "hostile", address),
)
def test_names_do_not_run_in_lists(page, visit, address):
    assert visit(f"/formgrader/{address}") == set()
    if address in ("manage_students", f"gradebook/{ASSIGNMENT}/softmax"):
        assert NAME in page.locator("#main-table").text_content()
    if address.startswith("manage_students/%3C"):
        assert page.locator(".breadcrumb").inner_text().count(STUDENT) == 1


def test_what_lies_beside_a_submission_is_not_served(page, server, submission):
    for address in (f"{submission}plan.html", submission.replace("submissions/", "submissions//") + "plan.html"):
        assert page.request.get(f"{server.url}{address}").status == 404
    assert page.request.get(f"{server.url}{submission}next").status == 200


def test_no_configuration_but_that_of_the_course_is_loaded(page, server, folder):
    ask = page.request.get
    assert ask(f"{server.url}/formgrader/?path={quote(str(folder))}").status == 200
    for path in (f"submitted/eve/{ASSIGNMENT}", f"{folder}/submitted/eve/{ASSIGNMENT}"):
        assert ask(f"{server.url}/formgrader?path={quote(path)}").status == 403
    assert not (folder / "run-by-the-server").exists()
