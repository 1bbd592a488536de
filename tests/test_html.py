"""The pages that `make html` writes: whole, offline, without a solution unless asked for, and fit to print."""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace
from urllib.parse import unquote

import course
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import sync_playwright

EDITIONS = ("exercises", "solutions")
INDEX = "index.html"
NAMES = [path.parent.name for path in course.MASTERS]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

every_master = pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
every_edition = pytest.mark.parametrize("edition", EDITIONS)


def load_tool():
    spec = importlib.util.spec_from_file_location("export_html", course.ROOT / "tools" / "export_html.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


export_html = load_tool()


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The course in both editions: folders, and by (edition, file name) the notebook that was written and its page."""
    result = SimpleNamespace(folder={}, notebook={}, text={}, soup={})
    for edition in EDITIONS:
        folder = result.folder[edition] = tmp_path_factory.mktemp(edition)
        for page in export_html.export_course(folder, solutions=edition == "solutions"):
            key = edition, page.target.name
            result.notebook[key] = page.notebook
            text = page.target.read_text(encoding="utf-8")
            result.text[key] = re.sub(r"(?<=;base64,)[\w+/=]+", "", text)  # pictures only cost time
            result.soup[key] = BeautifulSoup(result.text[key], "html.parser")
    return result


def page_of(path):
    return f"{path.parent.name}.html"


def flat(text):
    return " ".join(text.split())


# What is in a page


@every_edition
def test_every_notebook_has_a_page_and_there_is_an_index(exported, edition):
    written = {path.name for path in exported.folder[edition].iterdir()}
    assert written == {INDEX, *(f"{name}.html" for name in NAMES)}


@every_edition
@pytest.mark.parametrize("page", [INDEX, *(f"{name}.html" for name in NAMES)])
def test_page_asks_nobody_for_anything(exported, edition, page):
    soup = exported.soup[edition, page]
    for element in soup(["script", "link", "img", "iframe", "source", "audio", "video", "object", "embed"]):
        for attribute in ("src", "href", "data", "srcset"):
            assert element.get(attribute, "data:").startswith("data:"), f"{str(element)[:200]}"
    for style in soup("style"):
        assert "@import" not in style.text and not re.search(r"url\((?!data:)", style.text)
    assert "default-src 'none'" in soup.select_one("meta[http-equiv='Content-Security-Policy']")["content"]


@every_edition
@pytest.mark.parametrize("page", [INDEX, *(f"{name}.html" for name in NAMES)])
def test_every_formula_is_rendered(exported, edition, page):
    soup = BeautifulSoup(exported.text[edition, page], "html.parser")
    markdown = "\n\n".join(
        cell.source for cell in exported.notebook[edition, page].cells if cell.cell_type == "markdown"
    )
    prose = re.sub(r"```.*?```|`[^`]*`", "", markdown, flags=re.DOTALL)
    formulas = re.findall(r"\$\$.*?\$\$|\$.+?\$", prose, re.DOTALL)
    assert len(soup("math")) == len(formulas) > 0
    assert all(element.get_text(strip=True) for element in soup("math"))
    numbers = [number.text for number in soup.select(".formula .number")]
    assert numbers == [f"({tag})" for tag in re.findall(r"\\tag\{(\d+)\}", prose)]
    assert not soup.select("code.source"), "a formula is shown as it is written"
    assert ("font/woff" in exported.text[edition, page]) and "merror" not in exported.text[edition, page]
    for element in soup(["math", "script", "style", "pre", "code"]):
        element.decompose()
    left = re.search(r".{0,40}(\$|\\[a-zA-Z(\[{]).{0,40}", soup.text)
    assert not left, f"left as it was written: {left[0]!r}"


@every_edition
@every_master
def test_every_picture_of_the_story_is_there_and_has_its_alternative_text(exported, edition, path):
    images = exported.soup[edition, page_of(path)]("img")
    alts = [image.get("alt", "") for image in images]
    assert all(len(alt.split()) >= 5 and not alt.startswith("No description") for alt in alts)
    for cell in course.cells(course.read(path), "story"):
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                assert output.metadata["image/png"]["alt"] in alts, f"no figure of {cell.source[:60]!r}"


@every_edition
@every_master
def test_what_needs_a_kernel_is_a_note_and_hints_are_folded(exported, edition, path):
    soup, notebook = exported.soup[edition, page_of(path)], exported.notebook[edition, page_of(path)]
    widgets = sum(
        "application/vnd.jupyter.widget-view+json" in output.get("data", {})
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )
    assert len(soup.select(".outputs .note")) == widgets
    assert "VBox(" not in soup.text
    hints = sum(cell.source.count("<details>") for cell in notebook.cells if cell.cell_type == "markdown")
    details = soup("details")
    assert len(details) == hints and not any(hint.has_attr("open") for hint in details)
    assert all(len(hint.text) > len(hint.summary.text) + 20 for hint in details), "a hint lies outside its fold"


@every_edition
@pytest.mark.parametrize("page", [INDEX, *(f"{name}.html" for name in NAMES)])
def test_structure_of_a_page(exported, edition, page):
    soup = exported.soup[edition, page]
    assert soup.html["lang"] == "en"
    (title,) = soup("h1")
    assert soup.title.text == f"{title.text} – Digits from Scratch"
    assert soup.select_one("a.skip")["href"] == "#text" and soup.select_one("main#text")
    ids = [element["id"] for element in soup.select("[id]")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    levels = [int(heading.name[1]) for heading in soup(["h1", "h2", "h3", "h4"])]
    assert all(deeper - level <= 1 for level, deeper in zip(levels, levels[1:], strict=False))


@every_edition
@pytest.mark.parametrize("page", [INDEX, *(f"{name}.html" for name in NAMES)])
def test_links_lead_to_pages_beside_this_one(exported, edition, page):
    for link in exported.soup[edition, page]("a"):
        if not re.match(r"https?://", link["href"]):
            name, _, fragment = unquote(link["href"]).partition("#")
            assert (edition, name or page) in exported.soup, f"{link} leads to no page"
            target = exported.soup[edition, name or page]
            assert not fragment or target.find(id=fragment), f"{link} leads to no place of {name}"


@every_edition
def test_pages_are_a_chain(exported, edition):
    chain = [INDEX, *(f"{name}.html" for name in NAMES)]
    for page, following in zip(chain, chain[1:], strict=False):
        assert {link["href"] for link in exported.soup[edition, page].select("a[rel=next]")} == {following}
        assert {link["href"] for link in exported.soup[edition, following].select("a[rel=prev]")} == {page}


# No answer, unless it is asked for


def secrets(path):
    """Code and prose that only the masters hold, line by line and paragraph by paragraph, as a page would show it."""
    master = course.read(path)
    answers = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
    given = [answers.sub("", course.visible(cell.source)) for cell in course.cells(master, "test", "story", "solution")]
    known = flat("\n".join(given)).replace("`", "")
    for cell in master.cells:
        role = course.role(cell)
        blocks = []
        if role in ("solution", "test"):
            blocks = answers.findall(cell.source) + course.HIDDEN.findall(cell.source)
            lines = [line for block in blocks for line in block.splitlines()]
        elif role in ("manual", "locked"):
            blocks = re.findall(r"### BEGIN MARK SCHEME\n(.*?)### END MARK SCHEME", cell.source, re.DOTALL)
            renderer = export_html.Renderer(lambda url: url, pytest.fail)
            rendered = export_html.MarkdownWithMath(renderer=renderer).render("\n".join(blocks) or cell.source)
            lines = [element.text for element in BeautifulSoup(rendered, "html.parser")(["p", "li"])]
        else:
            continue
        assert blocks or role in ("manual", "test"), f"{course.grade_id(cell)} has no answer between markers"
        yield from (line for line in map(flat, lines) if len(line) > 20 and line not in known)


@every_master
def test_pages_for_students_hold_no_answer(exported, path):
    text = exported.text["exercises", page_of(path)]
    for marker in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
        assert marker not in text
    shown = flat(exported.soup["exercises", page_of(path)].text)
    found = [line for line in secrets(path) if line in shown]
    assert not found, f"{found} is in the page"
    with contextlib.chdir(course.ROOT):
        assert [cell.source for cell in exported.notebook["exercises", page_of(path)].cells] == [
            cell.source for cell in course.release(path).cells
        ]


@every_master
def test_pages_with_solutions_hold_every_answer(exported, path):
    """So the test above looks for what a page would really show."""
    shown = flat(exported.soup["solutions", page_of(path)].text)
    lines = list(secrets(path))
    assert len(lines) > 20
    missing = [line for line in lines if line not in shown]
    assert not missing, f"{missing} is not in the page"


@every_master
def test_outputs_stand_below_the_story_and_below_no_exercise(exported, path):
    notebook = exported.notebook["exercises", page_of(path)]
    assert any(cell.outputs for cell in course.cells(notebook, "story") if cell.cell_type == "code")
    assert not any(cell.get("outputs") for cell in course.cells(notebook, "solution", "test", "manual"))


# Any notebook


def test_any_notebook_becomes_a_page_beside_it(tmp_path, capsys):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG not really")
    outputs = [
        new_output("stream", name="stderr", text="half\rwhole & <done>\n"),
        new_output("display_data", {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}),
        new_output("execute_result", {"image/png": PIXEL}, metadata={"image/png": {"alt": 'a "dot" & more'}}),
        new_output("display_data", {"text/latex": r"$\displaystyle \frac{1}{2}$", "text/plain": "1/2"}),
        new_output("display_data", {"application/javascript": "element.text('x')", "text/plain": "plain"}),
        new_output("error", ename="E", evalue="v", traceback=["\x1b[31mTraceback\x1b[0m", "E: v"]),
    ]
    notebook = new_notebook(
        cells=[
            new_markdown_cell(
                r"A formula $\frac{a}{b}$, none $\nonsense{a}$, ![a dot](dot.png), [a link](other.ipynb)"
            ),
            new_code_cell("1 < 2", outputs=outputs),
        ]
    )
    path = tmp_path / "any one.ipynb"
    nbformat.write(notebook, path)
    export_html.main([str(path)])
    soup = BeautifulSoup((tmp_path / "any one.html").read_text(encoding="utf-8"), "html.parser")
    assert soup.title.text == "any one – Digits from Scratch"
    assert "whole & <done>" in soup.text and "half" not in soup.text and "Traceback" in soup.text
    assert [image["src"].partition(",")[0] for image in soup("img")] == [
        "data:image/png;base64",
        "data:image/svg+xml;base64",
        "data:image/png;base64",
    ]
    assert soup("img")[2]["alt"] == 'a "dot" & more'
    assert len(soup("math")) == 2 and soup.select_one("code.source").text == r"\nonsense{a}"
    assert soup.find("a", string="a link")["href"] == "other.ipynb"
    assert not soup("nav") and "element.text" not in soup.text
    warning = capsys.readouterr().err
    assert "expected LaTeX that math-core knows" in warning and r"\nonsense{a}" in warning


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no/such.ipynb"], "expected the path of a notebook, got 'no/such.ipynb': there is no such file"),
        (["README.md"], "expected a Jupyter notebook, got 'README.md'"),
        (["--solutions", "README.md"], "are for the whole course"),
    ],
)
def test_errors_say_what_was_expected_and_what_came(arguments, message, capsys, monkeypatch):
    monkeypatch.chdir(course.ROOT)
    with pytest.raises(SystemExit) as stop:
        export_html.main(arguments)
    assert stop.value.code != 0 and message in capsys.readouterr().err


def test_make_html_has_both_editions():
    for arguments, ending in (([], "export_html.py"), (["SOLUTIONS=yes"], "export_html.py --solutions")):
        command = ["make", "--no-print-directory", "--dry-run", "html", *arguments]
        result = subprocess.run(command, cwd=course.ROOT, capture_output=True, text=True)
        assert result.stdout.strip().splitlines()[-1].strip() == f"python tools/{ending}"


# In a browser, with the network off


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    if path is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("Chromium is not installed (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, exported):
    """Opens a page of the student edition from its file; afterwards, nothing may have gone wrong in it."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_offline(True)
    page = context.new_page()
    wrong = []
    page.on("console", lambda message: message.type in ("error", "warning") and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:100]}"))
    page.on("request", lambda request: request.url.startswith("http") and wrong.append(f"asked for {request.url}"))

    def visit(name):
        page.goto((exported.folder["exercises"] / name).as_uri())
        page.evaluate("document.fonts.ready")
        return page

    yield visit
    context.close()
    assert not wrong


@pytest.mark.parametrize("name", [INDEX, *(f"{name}.html" for name in NAMES)])
def test_page_fits_a_phone_and_its_formulas_are_drawn(visit, name):
    page = visit(name)
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.evaluate("[...document.fonts].map(font => font.status)") == ["loaded"]
    flat_ones = page.evaluate(
        """[...document.querySelectorAll("math")].filter(math => !math.closest("details"))
        .filter(math => math.getBoundingClientRect().width < 4 || math.getBoundingClientRect().height < 6)
        .map(math => math.outerHTML)"""
    )
    assert not flat_ones, "a formula takes no room"


def test_large_operators_and_brackets_grow(visit):
    """They do only in a font that knows mathematics."""
    page = visit("04-softmax-jacobian.html")
    formula = page.locator(".formula").filter(has_text="(11)").locator("math")
    assert formula.bounding_box()["width"] > 200
    heights = "element => element.getBoundingClientRect().height"
    bracket = formula.locator("mo[minsize]").first.evaluate(heights)
    usual = page.locator(".formula").filter(has_text="(7)").locator("mo", has_text="(").first.evaluate(heights)
    assert bracket > 1.3 * usual


def test_hints_unfold_by_hand_and_for_the_printer(visit):
    page = visit("04-softmax-jacobian.html")
    hints = page.locator("details")
    text = hints.first.locator("p")
    assert not text.is_visible()
    hints.first.locator("summary").click()
    assert text.is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 1


def test_player_plays(visit):
    page = visit("05-backpropagation.html")
    player = page.locator(".digits-player").first
    picture = player.locator("img").first
    before, alt = picture.screenshot(), picture.get_attribute("alt")
    player.get_by_role("button", name="next").click()
    assert picture.get_attribute("alt") != alt and picture.screenshot() != before


def test_way_through_the_course(visit):
    page = visit(INDEX)
    for name in NAMES:
        page.locator("header a[rel=next]").click()
        assert page.url.endswith(f"/{name}.html")
    page.get_by_role("link", name="one table").click()
    assert page.url.endswith("index.html#Notation")
    page.keyboard.press("Home")


def test_paper(visit):
    page = visit("04-softmax-jacobian.html")
    pdf = page.pdf(prefer_css_page_size=True)
    sheets = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 8 <= sheets <= 30 and len(pdf) > 100_000
    assert set(re.findall(rb"/MediaBox\s*\[0 0 (\d+)[\d.]* (\d+)", pdf)) <= {(b"594", b"841"), (b"595", b"842")}
    page.emulate_media(media="print")
    assert not page.locator("nav, .skip, .note").filter(visible=True).count()
    assert page.locator("figure img").first.is_visible()
    assert page.locator(".highlight pre").first.evaluate("element => getComputedStyle(element).color") == "rgb(0, 0, 0)"
