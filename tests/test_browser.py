"""The course as its users meet it: JupyterLab in headless Chromium, from the landing page to Formgrader.

The tests share one server and one page and run in the order of this file, those of one released notebook after the
other: it is opened and run once for all of them. Each test leaves a picture of the page in build/screenshots/, named
after the test; that of a failed test begins with FAIL_.
"""

import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from course import MASTERS, name, read, release
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
SCREENSHOTS = ROOT / "build" / "screenshots"
RELEASE = "notebooks/02-softmax/softmax.ipynb"
MASTER = "solutions/02-softmax/softmax.ipynb"
SECONDS = 60  # how long anything may take before the test gives up on it
RUN_SECONDS = {"05-backpropagation": 120, "06-mlp": 120}  # how long Run All may take where it trains

NAIVE_SOFTMAX = """def softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)"""

CELLS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell"
PICTURE = ".jupyter-widgets [role=img]"  # a widget draws one, and says in words what it shows
ERROR = "[data-mime-type='application/vnd.jupyter.stderr']"  # JupyterLab shows tracebacks like that, too


# The course, its server and its browser


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium")
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("Chromium is not installed (on Debian: apt-get install chromium)")
    return path


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course: its folder, and the environment of somebody who has never used Jupyter before."""
    folder = tmp_path_factory.mktemp("course")
    for file in ("README.md", "jupyter_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / file, folder)
    for part in ("docs", "solutions"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    for master in MASTERS:  # the repository's own notebooks/ may have been worked in
        (folder / path_of_release(master)).parent.mkdir(parents=True)
        nbformat.write(release(master), folder / path_of_release(master))
    home = tmp_path_factory.mktemp("home")
    exchange = tmp_path_factory.mktemp("exchange")
    exchange.chmod(0o777)  # nbgrader insists on it
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON", "XDG_", "MPL"))
    }
    environment |= {
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "DIGITS_EXCHANGE": str(exchange),
        "DIGITS_BRIEF": "yes",  # one epoch is enough to look at
        # As in the Makefile: a broken configuration stops the server.
        "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1",
    }
    return SimpleNamespace(folder=folder, home=home, environment=environment)


@pytest.fixture(scope="module")
def answers(course):
    """Notebooks as students may leave them: paths by name, relative to the course."""
    folder = course.folder / "answers"
    folder.mkdir()
    blank = read(course.folder / RELEASE)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in read(course.folder / MASTER).cells if is_solution(cell)
    }
    sources = {"blank": {}, "filled_in": solutions, "naive": solutions | {"softmax": NAIVE_SOFTMAX}}
    for answer, source in sources.items():
        notebook = nbformat.from_dict(blank)
        for cell in filter(is_solution, notebook.cells):
            cell.source = source.get(cell.metadata.nbgrader.grade_id, cell.source)
        nbformat.write(notebook, folder / f"{answer}.ipynb")
    return {answer: f"answers/{answer}.ipynb" for answer in sources}


@pytest.fixture(scope="module")
def server(chromium, course):
    """JupyterLab, as `make lab` starts it but without opening a browser: its address and its token."""
    log = course.home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            # Port 0 is any free one; the server writes down which it took.
            [BIN / "jupyter", "lab", "--config=jupyter_config.py", "--no-browser", "--port=0"],
            cwd=course.folder,
            env=course.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield wait_for_server(process, course.home / "runtime", log)
    finally:
        process.terminate()  # it ends its kernels, too
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for_server(process, folder, log):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in folder.glob(f"jpserver-{process.pid}.json"):
            try:
                info = json.loads(path.read_text())
            except json.JSONDecodeError:  # only half of it is written yet
                continue
            return SimpleNamespace(url=f"http://127.0.0.1:{info['port']}", token=info["token"])
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start; the end of its log:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def seen():
    """What the page did in the background: error messages, uncaught errors, requests to other machines."""
    return SimpleNamespace(console=[], uncaught=[], foreign=[])


@pytest.fixture(scope="module")
def page(chromium, server, seen):
    def note_console(message):
        if message.type == "error":
            seen.console.append(message.text)

    def note_request(request):
        if request.url.startswith("http") and not request.url.startswith(server.url):
            seen.foreign.append(request.url)

    expect.set_options(timeout=SECONDS / 2 * 1000)
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root, which is who runs in a container.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(SECONDS * 1000)
        page.on("console", note_console)
        page.on("pageerror", lambda error: seen.uncaught.append(str(error)))
        page.on("request", note_request)
        page.on("dialog", lambda dialog: dialog.accept())  # "Leave site?" of a notebook that is not saved
        page.goto(f"{server.url}/?token={server.token}")
        wait_for_lab(page)
        yield page
        browser.close()


@pytest.fixture(autouse=True)
def _picture_and_errors(request, page, seen):
    test = re.sub(r"\W+", "_", request.node.name.removeprefix("test_")).strip("_")
    good, bad = SCREENSHOTS / f"{test}.png", SCREENSHOTS / f"FAIL_{test}.png"
    good.unlink(missing_ok=True)
    bad.unlink(missing_ok=True)
    failed_before = request.session.testsfailed
    yield
    page.screenshot(path=bad if request.session.testsfailed > failed_before else good)
    for text in dict.fromkeys(seen.console):
        print(f"console error: {text}")
    uncaught = list(seen.uncaught)
    seen.console.clear()
    seen.uncaught.clear()
    assert not uncaught, f"uncaught errors in the page: {uncaught}"


@pytest.fixture(scope="module")
def student(request, page, server, course):
    """A released notebook, open in the browser after Run All, and its cells there; its master is the parameter."""
    path = path_of_release(request.param)
    notebook = read(course.folder / path)
    open_notebook(page, server, path)
    cells = page.locator(CELLS)
    expect(cells).to_have_count(len(notebook.cells))  # so that a cell has the same number in the file and the page
    wait_for_idle_kernel(page)
    run_all(page, notebook, RUN_SECONDS.get(name(request.param), SECONDS))
    yield SimpleNamespace(notebook=notebook, master=read(request.param), cells=cells)
    shut_down_kernels(page, server)  # whatever the page shows by now


def shut_down_kernels(page, server):
    headers = {"Authorization": f"token {server.token}"}
    for kernel in page.request.get(f"{server.url}/api/kernels", headers=headers).json():
        page.request.delete(f"{server.url}/api/kernels/{kernel['id']}", headers=headers)
    assert page.request.get(f"{server.url}/api/kernels", headers=headers).json() == []


def student_of(*assignments):
    """Mark a test for the student of each of these notebooks; of every notebook, if none is named."""
    masters = [master for master in MASTERS if not assignments or name(master) in assignments]
    return pytest.mark.parametrize("student", masters, ids=name, indirect=True, scope="module")


@pytest.fixture(scope="module")
def gradebook(course, answers):
    """A gradebook with two students, `perfect` and `blank`; returns the points of the assignment."""
    for student, answer in {"perfect": "filled_in", "blank": "blank"}.items():
        target = course.folder / "submitted" / student / "02-softmax" / "softmax.ipynb"
        target.parent.mkdir(parents=True)
        shutil.copy(course.folder / answers[answer], target)
    for command in (["generate_assignment", "02-softmax", "--force"], ["autograde", "02-softmax"]):
        done = subprocess.run(
            [BIN / "nbgrader", *command],
            cwd=course.folder,
            env=course.environment,
            capture_output=True,
            text=True,
            timeout=5 * SECONDS,
        )
        assert done.returncode == 0, f"nbgrader {' '.join(command)}:\n{done.stderr[-3000:]}"
    graded = [
        cell.metadata.nbgrader
        for cell in read(course.folder / MASTER).cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    ]
    return SimpleNamespace(
        points=sum(cell.points for cell in graded),
        automatic=sum(cell.points for cell in graded if not cell.solution),  # a proof waits for its reader
    )


# What a user does


def path_of_release(master):
    """Where the student edition of a master lies in the course."""
    return f"notebooks/{name(master)}/{master.name}"


def wait_for_lab(page):
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    page.locator("#jp-main-dock-panel").wait_for()


def open_notebook(page, server, path):
    """Open one notebook alone, whatever was open before."""
    page.goto(f"{server.url}/lab/tree/{path}?reset")
    wait_for_lab(page)
    page.locator(".jp-NotebookPanel").wait_for()


def open_menu(page, name):
    page.locator(".lm-MenuBar-item").get_by_text(name, exact=True).click()
    return page.locator(".lm-Menu .lm-Menu-item:visible .lm-Menu-itemLabel")


def choose(page, menu, entry):
    open_menu(page, menu).get_by_text(entry, exact=True).click()


def run_all(page, notebook, seconds):
    """Run All, and wait until every code cell has its number."""
    code = [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    choose(page, "Run", "Run All Cells")
    # The stars of waiting cells would not do: JupyterLab takes them all away at the first failure, run or not.
    page.wait_for_function(
        """({cells, code}) => {
            const shown = document.querySelectorAll(cells);
            return code.every(number => /\\d/.test(shown[number].querySelector(".jp-InputPrompt").textContent));
        }""",
        arg={"cells": CELLS, "code": code},
        timeout=seconds * 1000,
    )
    wait_for_idle_kernel(page)


def wait_for_idle_kernel(page):
    # The circle in the toolbar would not do: it is as empty before there is a kernel.
    expect(page.locator("#jp-main-statusbar")).to_contain_text(re.compile(r"\|\s*Idle"))


def validate(page, server, path):
    """Press Validate above a notebook and return the dialog."""
    open_notebook(page, server, path)
    # Validate holds the server up while it runs; pressed before the notebook's own kernel is there, neither finishes.
    wait_for_idle_kernel(page)
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate", exact=True).click()
    dialog = page.locator(".jp-Dialog").filter(has_text="Validation Results")
    dialog.wait_for()
    return dialog


def is_solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def number_of(student, grade_id):
    """The position of a cell in the notebook."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in student.notebook.cells]
    return ids.index(grade_id)


def numbers_of_widgets(student, function=""):
    """The positions of the cells that call a function of shared/widgets.py."""
    call = re.compile(rf"\bwidgets\.{function}")
    cells = enumerate(student.notebook.cells)
    return [number for number, cell in cells if cell.cell_type == "code" and call.search(cell.source)]


def widget(student, function):
    """What a function of shared/widgets.py shows in the notebook."""
    (number,) = numbers_of_widgets(student, function)
    return student.cells.nth(number).locator(".jp-OutputArea .jupyter-widgets").first


def drag(page, handle, rail, to):
    """Take a slider's handle with the mouse to a place on its rail, between 0 and 1."""
    grip, box = handle.bounding_box(), rail.bounding_box()
    height = grip["y"] + grip["height"] / 2
    page.mouse.move(grip["x"] + grip["width"] / 2, height)
    page.mouse.down()
    page.mouse.move(box["x"] + to * box["width"], height, steps=5)
    page.mouse.up()


def draw(page, pad, points, digit):
    """Draw one stroke on a drawing pad with the mouse, and wait for the digit before the mouse is let go.

    The points are pairs (x, y) between 0 and 1, from the left and from the top.
    """
    canvas, says = pad.get_by_role("img", name="to draw a digit on"), pad.get_by_role("status")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    path = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*path[0])
    page.mouse.down()
    expect(says).to_contain_text("the network says")  # what it thinks of a dot
    dot = says.text_content()
    for place in path[1:]:
        page.mouse.move(*place, steps=3)
    expect_digit(pad, digit)
    assert says.text_content() != dot
    page.mouse.up()


def expect_digit(pad, digit):
    """Wait until a drawing pad says a digit, and look whether its bars agree."""
    says = pad.get_by_role("status")
    expect(says).to_contain_text(re.compile(rf"^the network says {digit} with \d+ %$"))
    deadline = time.monotonic() + SECONDS
    while True:  # an answer to the last bit of the stroke may come between two looks
        text = says.text_content()
        percentages = [int(meter.get_attribute("aria-valuenow")) for meter in pad.get_by_role("meter").all()]
        if says.text_content() == text and text.endswith(f"with {max(percentages)} %") or time.monotonic() > deadline:
            break
    assert text == f"the network says {digit} with {max(percentages)} %"
    assert percentages.index(max(percentages)) == digit and 95 <= sum(percentages) <= 105


def is_picture(output):
    return "image/png" in output.get("data", {})


def probabilities(label):
    """The heights of the bars, from the label that the softmax explorer gives its picture."""
    return [float(height) for height in re.findall(r"class \d+ ([\d.]+)", label)]


def numbers(row):
    """Numbers with commas between them, and proper minus signs."""
    return [float(number.replace("−", "-")) for number in row.split(", ")]


def jacobian(label):
    """The probabilities and the rows of their Jacobian, from the label of the Jacobian explorer."""
    number = r"−?\d\.\d\d"
    p, rows = re.fullmatch(rf"Probabilities ((?:{number}(?:, )?)+)\. Jacobian row by row: (.+)", label).groups()
    return numbers(p), [numbers(row) for row in rows.split("; ")]


# The tests


def test_landing_page(page, course, seen):
    viewer = page.locator(".jp-MarkdownViewer")
    expect(viewer).to_be_visible()
    title = re.search("^# (.+)", (course.folder / "README.md").read_text(), re.MULTILINE)
    expect(viewer.locator("h1").first).to_contain_text(title[1])
    for picture in viewer.locator("img").all():
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    expect(page.locator(".jp-FileEditor")).to_have_count(0)

    entries = open_menu(page, "Nbgrader")
    expect(entries.get_by_text("Assignment List", exact=True)).to_be_visible()
    expect(entries.get_by_text("Formgrader", exact=True)).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator(".jp-Dialog, .Toastify__toast")).to_have_count(0)
    assert not seen.foreign, "JupyterLab should not need the network"


@student_of()
def test_run_all(page, student):
    pictures = {cell.id for cell in student.master.cells for output in cell.get("outputs", []) if is_picture(output)}
    for number, cell in enumerate(student.notebook.cells):
        shown = student.cells.nth(number)
        where = f"cell {number}: {cell.source[:60]!r}"
        errors = shown.locator(ERROR).all_text_contents()
        if errors:
            assert "nbgrader" in cell.metadata, f"{where} is not for the student, but fails: {errors}"
            assert all("NotImplementedError" in error for error in errors), f"{where} fails: {errors}"
        elif cell.id in pictures:
            image = shown.locator(".jp-OutputArea img").first
            assert image.evaluate("image => image.naturalWidth") > 100, f"{where} shows no picture"
    for number in numbers_of_widgets(student):
        picture = student.cells.nth(number).locator(PICTURE)
        picture.scroll_into_view_if_needed()
        expect(picture).to_be_visible()


@student_of("02-softmax")
def test_first_exercise(page, student):
    answer = student.cells.nth(number_of(student, "linear-forward"))
    test = student.cells.nth(number_of(student, "linear-forward-test-1"))
    expect(test.locator(ERROR)).to_have_count(1)

    answer.locator(".cm-content").click()
    for key in ("Control+End", "Shift+ArrowUp", "Shift+Home"):  # the last two lines, without the indentation
        page.keyboard.press(key)
    assert re.fullmatch(r"# YOUR CODE HERE\s+raise NotImplementedError\(\)", page.evaluate("getSelection().toString()"))
    page.keyboard.type("return X @ W + b")
    page.keyboard.press("Shift+Enter")  # runs the answer and goes on to its test
    page.keyboard.press("Shift+Enter")
    expect(test).to_contain_text("linear_forward: visible tests passed")
    expect(test.locator(ERROR)).to_have_count(0)
    answer.scroll_into_view_if_needed()


@student_of("02-softmax")
def test_slider(page, student):
    explorer = widget(student, "softmax_explorer")
    handle = explorer.locator(".widget-slider").filter(has_text="temperature").locator(".noUi-handle")
    picture = explorer.locator(PICTURE)
    handle.scroll_into_view_if_needed()
    seen = [picture.get_attribute("aria-label")]
    for key in ("ArrowRight", "End"):  # one step, and as hot as it gets
        drawing = picture.inner_html()
        handle.press(key)
        expect(picture).not_to_have_attribute("aria-label", seen[-1])
        seen.append(picture.get_attribute("aria-label"))
        assert picture.inner_html() != drawing
    cold, warm, hot = map(probabilities, seen)
    assert cold[0] == max(cold)
    assert cold[0] > warm[0] > hot[0]
    assert max(hot) - min(hot) < (max(cold) - min(cold)) / 2
    picture.scroll_into_view_if_needed()


@student_of("01-data-preparation")
def test_digit_browser(page, student):
    browser = widget(student, "digit_browser")
    picture = browser.locator(PICTURE)
    place = browser.get_by_label("index")
    previous, following = browser.get_by_role("button", name="previous"), browser.get_by_role("button", name="next")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_attribute("aria-label", re.compile("^Image 0, an? "))
    expect(previous).to_be_disabled()

    browser.get_by_role("button", name="6", exact=True).click()
    expect(picture).to_have_attribute("aria-label", re.compile(r"Image \d+, a 6: the 1st of [\d,]+ sixes"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(picture).to_have_attribute("aria-label", re.compile(r"Image \d+, a 7: the 1st of [\d,]+ sevens"))
    first = picture.get_attribute("src")
    following.click()
    expect(picture).to_have_attribute("aria-label", re.compile(r"Image \d+, a 7: the 2nd of [\d,]+ sevens"))
    assert picture.get_attribute("src") != first
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 28

    page.keyboard.press("Shift+Tab")  # from "next" back to "previous"
    page.keyboard.press("Enter")
    expect(picture).to_have_attribute("aria-label", re.compile("the 1st of"))
    expect(previous).to_be_disabled()
    assert picture.get_attribute("src") == first

    place.fill("1000000")  # more than there are: the last one
    page.keyboard.press("Enter")
    expect(following).to_be_disabled()
    expect(picture).to_have_attribute("aria-label", re.compile(r"the ([\d,]+)(st|nd|rd|th) of \1 sevens"))
    picture.scroll_into_view_if_needed()


@student_of("03-cross-entropy")
def test_loss_explorer(page, student):
    explorer = widget(student, "loss_explorer")
    picture = explorer.locator(PICTURE)
    handle = explorer.locator(".noUi-handle")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_attribute("aria-label", re.compile(r"^At p = 0\.25 the loss is 1\.386 nats: one in 4,"))

    drag(page, handle, explorer.locator(".noUi-target"), to=0.75)
    expect(picture).to_have_attribute("aria-label", re.compile(r"^At p = 0\.[67]\d* the loss is 0\.[2-5]"))
    for key, text in {
        "Home": "At p = 0 the loss is inf: never",
        "ArrowRight": "At p = 0.000001 the loss is 13.816 nats: one in 1,000,000",
        "End": "At p = 1 the loss is 0.000 nats: one in 1,",
        "ArrowLeft": "At p = 0.99 the loss is 0.010 nats",
    }.items():
        handle.press(key)
        expect(picture).to_have_attribute("aria-label", re.compile("^" + re.escape(text)))


@student_of("04-softmax-jacobian")
def test_jacobian_explorer(page, student):
    explorer = widget(student, "jacobian_explorer")
    picture = explorer.locator(PICTURE)
    handle = explorer.locator(".widget-slider").filter(has_text="z0").locator(".noUi-handle")
    picture.scroll_into_view_if_needed()
    seen = [picture.get_attribute("aria-label")]
    for key in ("Home", "End", "ArrowLeft"):  # as small as it gets, as large, and one step
        drawing = picture.inner_html()
        handle.press(key)
        expect(picture).not_to_have_attribute("aria-label", seen[-1])
        seen.append(picture.get_attribute("aria-label"))
        assert picture.inner_html() != drawing
    for label in seen:
        p, J = jacobian(label)
        assert abs(sum(p) - 1) < 0.03
        for i, row in enumerate(J):
            assert abs(sum(row)) < 0.03, "every row sums to 0 but for rounding"
            assert abs(row[i] - p[i] * (1 - p[i])) < 0.02
    smallest, largest, less = (jacobian(label)[0][0] for label in seen[1:])
    assert smallest < 0.1 < 0.9 < less < largest
    picture.scroll_into_view_if_needed()


@student_of("05-backpropagation")
def test_learning_rate_explorer(page, student):
    explorer = widget(student, "learning_rate_explorer")
    picture = explorer.locator(PICTURE)
    handle = explorer.locator(".noUi-handle")
    picture.scroll_into_view_if_needed()
    first = picture.get_attribute("aria-label")  # it begins with the lowest rate
    handle.press("End")
    expect(picture).not_to_have_attribute("aria-label", first)
    last = picture.get_attribute("aria-label")
    handle.press("Home")
    expect(picture).to_have_attribute("aria-label", first)
    seen, drawings = [first], {picture.inner_html()}
    while seen[-1] != last:
        handle.press("ArrowRight")
        expect(picture).not_to_have_attribute("aria-label", seen[-1])
        seen.append(picture.get_attribute("aria-label"))
        drawings.add(picture.inner_html())
    rates = [float(re.match(r"Learning rate (\S+): ", label)[1]) for label in seen]
    assert rates == sorted(set(rates)) and len(rates) == len(drawings) >= 3
    for label in seen:
        assert re.search(r"after \d+ epochs? the loss is [\d.]+ and the accuracy [\d.]+ %$|: diverged in epoch", label)
    picture.scroll_into_view_if_needed()


@student_of("05-backpropagation")
def test_animations_play(page, student):
    players = page.locator(CELLS).locator(".digits-player")
    expect(players).to_have_count(2)
    for player in players.all():
        picture, place = player.get_by_role("img"), player.get_by_role("slider")
        play = player.get_by_role("button").first
        player.scroll_into_view_if_needed()
        expect(picture).to_have_attribute("alt", re.compile(r"\b0, untrained: "))
        expect(play).to_have_text("play")
        start, drawing = picture.get_attribute("alt"), picture.screenshot()
        count = int(place.get_attribute("max")) + 1
        assert 5 <= count <= 30

        play.click()
        expect(play).to_have_text("pause")
        expect(picture).not_to_have_attribute("alt", start)
        assert picture.screenshot() != drawing, "the frame should change, and not its text alone"
        expect(play).to_have_text("play")  # it plays once, and stops at the end
        expect(place).to_have_value(str(count - 1))

        player.get_by_role("button", name="previous").press("Enter")
        expect(place).to_have_value(str(count - 2))
        expect(player).to_contain_text(f"{count - 1} of {count}")
        play.press("Enter")  # and goes on to the end again
        expect(place).to_have_value(str(count - 1))
        place.press("Home")
        expect(picture).to_have_attribute("alt", start)


@student_of("06-mlp")
def test_mistake_browser(page, student):
    browser = widget(student, "mistake_browser")
    picture = browser.locator(PICTURE)
    following = browser.get_by_role("button", name="next")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_attribute("aria-label", re.compile(r"mistake 1 of \d+"))

    browser.get_by_role("button", name="4", exact=True).click()
    expect(picture).to_have_attribute("aria-label", re.compile(r", a 4, .*mistake 1 of \d+ with fours"))
    first = picture.inner_html()
    following.click()
    expect(picture).to_have_attribute("aria-label", re.compile(r", a 4, .*mistake 2 of \d+ with fours"))
    assert picture.inner_html() != first


@student_of("06-mlp")
def test_hidden_activations_move(page, student):
    player = page.locator(CELLS).locator(".digits-player")
    picture = player.get_by_role("img")
    player.scroll_into_view_if_needed()
    expect(picture).to_have_attribute("alt", re.compile("^epoch 0, untrained: "))
    untrained = picture.screenshot()
    player.get_by_role("button", name="next").click()
    expect(picture).to_have_attribute("alt", re.compile("^epoch 1: "))
    assert picture.screenshot() != untrained


@student_of("06-mlp")
def test_drawing_pad(page, student, seen):
    pad = student.cells.get_by_role("group", name="drawing pad")
    says = pad.get_by_role("status")
    picture = pad.get_by_role("img", name="what the network sees")
    clear = pad.get_by_role("button", name="clear")
    expect(says).to_have_text("draw a digit")
    empty = picture.evaluate("canvas => canvas.toDataURL()")

    draw(page, pad, [(0.55, 0.15), (0.5, 0.5), (0.46, 0.85)], digit=1)
    assert picture.evaluate("canvas => canvas.toDataURL()") != empty
    clear.click()
    expect(says).to_have_text("draw a digit")
    assert picture.evaluate("canvas => canvas.toDataURL()") == empty
    angles = [math.radians(angle) for angle in range(-90, 271, 15)]
    draw(page, pad, [(0.5 + 0.25 * math.cos(angle), 0.5 + 0.35 * math.sin(angle)) for angle in angles], digit=0)

    clear.press("Enter")
    expect(says).to_have_text("draw a digit")
    for sample in range(4):
        page.keyboard.press("Tab")
        expect(pad.get_by_role("button", name=f"sample {sample}")).to_be_focused()
    page.keyboard.press("Enter")
    expect_digit(pad, 3)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect_digit(pad, 4)
    assert not seen.console and not seen.foreign


def test_validate_blank(page, server, answers):
    dialog = validate(page, server, answers["blank"])
    expect(dialog).to_contain_text("The following cell failed")
    expect(dialog).to_contain_text("NotImplementedError")
    expect(dialog).not_to_contain_text("Success!")


def test_validate_names_the_misconception(page, server, answers):
    dialog = validate(page, server, answers["naive"])
    message = dialog.locator("pre").filter(has_text="AssertionError").filter(has_text="no shift").first
    message.evaluate("element => element.scrollIntoView({block: 'end'})")
    expect(message).to_be_visible()
    expect(dialog).not_to_contain_text("NotImplementedError")
    expect(dialog).not_to_contain_text("Success!")


def test_validate_filled_in(page, server, answers):
    dialog = validate(page, server, answers["filled_in"])
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")


def test_formgrader(page, server, gradebook):
    page.goto(f"{server.url}/lab?reset")
    wait_for_lab(page)
    # Not "Formgrader (local)": that one takes the configuration of the folder the file browser is in, and JupyterLab
    # hides it until a setting allows it. The plain entry takes the configuration of the folder the server runs in.
    choose(page, "Nbgrader", "Formgrader")
    frame = page.frame_locator("iframe[src*='formgrader']")
    assignment = frame.locator("tr").filter(has_text="02-softmax")
    expect(assignment.locator(".num-submissions")).to_have_text("2")

    frame.get_by_role("link", name="Manage Students").click()
    for student, points in {"perfect": gradebook.automatic, "blank": 0}.items():
        row = frame.locator("tr").filter(has=frame.locator(".id").get_by_text(student, exact=True))
        expect(row.locator(".score")).to_have_text(f"{points} / {gradebook.points}")
