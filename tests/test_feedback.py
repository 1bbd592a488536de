"""Feedback says why points are missing, gives no hidden test away, and runs nobody's scripts."""

import ast
import contextlib
import re
import subprocess

import course
import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from graded_course import ASSIGNMENT, MASTER, answers, hand_in, new_course, run, table
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from grading import demo_class, feedback, harmless
from grading.bridge import StudentKernelLost
from grading.hidden import COVER, Cover, Covered, lines, told_of
from grading.scores import exercise
from shared import checks, misconceptions, promises
from shared.reference.data_preparation import train_validation_split
from shared.reference.softmax import softmax

STUDENTS = ("demo-perfect", "demo-half", "demo-mistaken-01", "demo-not-json")
SPY = "red-spy"

# In the hidden tests of the copy that is graded. The numbers are an input; a student's function meets them only there.
CANARY_TEXT, CANARY_NUMBER = "canary-in-the-source", "4711.125"
HIDDEN_CANARY = f"""
# {CANARY_TEXT}
checks.matches(softmax, reference.softmax, np.array([[{CANARY_NUMBER}, 4711.25, 0.5]]))
### END HIDDEN TESTS"""

# Tells all that it is called with, in every way it knows, as soon as it meets the canary and ever after.
SPYING = f"""
import warnings
seen = []
def softmax(Z):
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    if seen:
        print("I have seen", seen)
    if {2 * float(CANARY_NUMBER)} / 2 in Z:
        seen.append(repr(Z))
        print(Z)
        warnings.warn(repr(Z))
        display(Z)
        import sys
        sys.stderr.write(repr(Z))
        raise type(repr(Z), (ValueError,), {{}})(f"softmax(Z) gives wrong values for {{Z}}.")
    return P
"""
SPYING_ON = """
def softmax_temperature(Z, T):
    raise ValueError(f"I have seen {seen}")
"""

# Whatever runs marks the page.
MARK = "document.documentElement.dataset.marked='yes'"
HOSTILE_MARKUP = f"""
<script>{MARK}</script><img src=x onerror="{MARK}"><svg onload="{MARK}"><script>{MARK}</script></svg>
<iframe srcdoc="<script>parent.{MARK}</script>"></iframe><a href="javascript:{MARK}">a link</a>
<a href="data:text/html,<script>{MARK}</script>">another</a><details open ontoggle="{MARK}">x</details>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={MARK}&gt;"></table></math>
<style>body {{ display: none }}</style><link rel=stylesheet href="https://example.org/x.css">
<div style="position: fixed; inset: 0; background: white" id="top" class="summary">covers the page</div>
<form action="https://example.org"><input autofocus onfocus="{MARK}"><button>send</button></form>
<base href="https://example.org/"><meta http-equiv="refresh" content="0; url=https://example.org">
<object data="x"></object><embed src="x"><video src=x onerror="{MARK}"></video>
<noscript><p title="</noscript><img src=x onerror={MARK}>">
"""
HOSTILE_MARKDOWN = f"""
{HOSTILE_MARKUP}

[link](javascript:{MARK}) [link](JaVaScRiPt:{MARK}) ![picture](https://example.org/x.png) ![" onerror="{MARK}](x)
<javascript:{MARK}> $\\href{{javascript:{MARK}}}{{x}}$ $\\text{{</math><script>{MARK}</script>}}$
![a $"onerror={MARK}$](data:image/png;base64,AAAA" onerror="{MARK}) [a](https://example.org/"onclick="{MARK})

```mermaid
<script>{MARK}</script>
```

```"><script>{MARK}</script>
x
```
"""
HOSTILE_CODE = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, Latex, display
attack = {HOSTILE_MARKUP!r}
display(HTML(attack), Javascript({MARK!r}), Markdown(attack), Latex(attack))
display({{"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'><script>{MARK}</script></svg>"}}, raw=True)
display({{"image/png": '" onerror="{MARK}'}}, raw=True)
display({{"text/plain": attack}}, raw=True)
display({{"application/vnd.jupyter.widget-view+json": {{"model_id": attack}}, "text/plain": "x"}}, raw=True)
print("\\x1b[31m" + attack + "\\x1b[2J\\x1b]0;title\\x07")
class Hostile(Exception): pass
Hostile.__name__ = "<script>{MARK}</script>"
raise Hostile(attack)
"""


def hidden_canaries(folder):
    """Put the canaries into a hidden region of the copied master."""
    path = folder / "solutions" / ASSIGNMENT / MASTER.name
    master = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in master.cells if course.grade_id(cell) == "softmax-test-1"]
    cell.source = cell.source.replace("\n### END HIDDEN TESTS", HIDDEN_CANARY)
    assert cell.source.count(CANARY_NUMBER) == 1
    nbformat.write(master, path)


def spy(release):
    """A notebook that is right but for what the spy does, with hostile text wherever a student can put some."""
    right = answers()
    mine = right | {
        "softmax": SPYING,
        "softmax-temperature": SPYING_ON,
        "shift-invariance-proof": HOSTILE_MARKDOWN,
        "linear-forward": f"def linear_forward(X, W, b):\n    raise ValueError({HOSTILE_MARKUP!r})",
    }
    notebook = demo_class.answered(release, mine)
    notebook.cells.insert(1, new_markdown_cell(HOSTILE_MARKDOWN))
    notebook.cells.insert(2, new_markdown_cell(HOSTILE_MARKUP, metadata={"nbgrader": {"grade_id": HOSTILE_MARKUP}}))
    notebook.cells.append(new_code_cell("print(seen)\nseen"))
    notebook.cells.append(new_code_cell(HOSTILE_CODE))
    notebook.cells.append(new_code_cell("### BEGIN HIDDEN TESTS\n### BEGIN MARK SCHEME"))
    return notebook


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five students, graded with the commands of the README, in a course whose hidden tests hold canaries."""
    folder = new_course(tmp_path_factory.mktemp("course"))
    hidden_canaries(folder)
    release = course.release(MASTER)
    students = demo_class.class_of(release, course.read(MASTER))
    for student in STUDENTS:
        hand_in(folder, student, students[student])
    hand_in(folder, SPY, spy(release))
    graded = run(folder, "grading", "grade", ASSIGNMENT)
    assert graded.returncode == 0, graded.stderr
    return folder


@pytest.fixture(scope="module")
def pages(folder):
    """By student: the text of the page, and the page parsed."""
    texts = {
        student: (folder / "feedback" / student / ASSIGNMENT / "softmax.html").read_text(encoding="utf-8")
        for student in (*STUDENTS, SPY)
    }
    return {student: (text, BeautifulSoup(text, "html.parser")) for student, text in texts.items()}


def rows(soup):
    """The summary: by exercise, points and what is missing."""
    cells = [[" ".join(cell.text.split()) for cell in row("td")] for row in soup.select("table.summary tbody tr")]
    return {title: (points, missing) for title, points, missing in cells}


# Points


@pytest.mark.parametrize("student", (*STUDENTS, SPY))
def test_every_lost_point_has_a_sentence(folder, pages, student):
    scores = table(folder)
    found = rows(pages[student][1])
    graded = course.cells(course.read(MASTER), "test", "manual")
    exercises = dict.fromkeys(exercise(course.grade_id(cell)) for cell in graded)
    for (title, (points, missing)), name in zip(found.items(), exercises, strict=True):
        score, maximum = scores[student][name], scores["(maximum)"][name]
        assert points == f"{score} / {maximum}", title
        assert (missing == "nothing") == (score == maximum), title


def test_sentences_are_such_that_a_student_can_act_on_them(pages):
    half, mistaken = rows(pages["demo-half"][1]), rows(pages["demo-mistaken-01"][1])
    assert half["Question 2.3 · Softmax does not see a constant"] == ("? / 2", "Waits to be read. Show the cell")
    assert half["Exercise 2.8 · verdicts"] == ("0 / 2", "Not answered yet. Show the cell")
    points, missing = mistaken["Exercise 2.1 · linear_forward"]
    assert points == "0 / 2"
    assert missing.startswith("linear_forward(X, W, b) gives wrong values for Z. You get exactly this when the bias is")
    assert "Ask yourself: " in missing
    _, missing = mistaken["Exercise 2.4 · softmax"]
    assert "ordinary logits: A hidden test fails: softmax(Z) gives wrong values for P. You get exactly this" in missing
    text = pages["demo-not-json"][1].select_one(".notes").text
    assert "The file is not a notebook" in text and "nothing to grade in it" in text
    assert {missing for _, missing in rows(pages["demo-not-json"][1]).values()} == {
        "Nothing could be read from the file. Show the cell"
    }


def test_links_of_the_summary_lead_to_cells(pages):
    for _, soup in pages.values():
        for link in soup.select("table.summary a"):
            assert soup.find(id=link["href"].removeprefix("#")).name == "section"


def why(*outputs, source="def softmax(Z): return Z", count=1):
    role = {"grade_id": "softmax-test-1", "solution": False, "grade": True, "by_hand": False}
    cell = new_code_cell("", outputs=list(outputs), execution_count=count, metadata={"nbgrader": role})
    role = {"grade_id": "softmax", "solution": True, "grade": False}
    broken = [new_output("error", ename="SyntaxError", evalue="'return' outside function (a, line 2)", traceback=[])]
    answer = new_code_cell(source, outputs=broken, metadata={"nbgrader": role})
    return feedback.why(cell, answer, {"softmax": "the stub"})


def test_errors_that_come_of_something_else_are_explained():
    def error(name, text):
        return new_output("error", ename=name, evalue=text, traceback=[])

    undefined = error("NameError", "name 'softmax' is not defined")
    assert why(undefined) == (
        "The cell of your answer stops with a SyntaxError: 'return' outside function (a, line 2). "
        "So there is nothing to test."
    )
    assert why(undefined, source="the stub") == why(error("NotImplementedError", "x")) == "Not answered yet."
    assert why(error("KernelStopped", "The kernel was stopped: it ended.")) == "The kernel was stopped: it ended."
    assert why(error("IndexError", "out of\nbounds")) == "This test stops with an IndexError: out of bounds"
    assert why(error("CellTimeoutError", "")) == "This test did not come to an end in time."
    assert why(count=None) == "This test was not run."


# Hidden tests


@pytest.mark.parametrize("student", (*STUDENTS, SPY))
def test_nothing_of_hidden_tests_and_mark_schemes_is_in_a_page(folder, pages, student):
    text, soup = pages[student]
    assert CANARY_TEXT not in text and "4711" not in text
    assert "MARK SCHEME" not in text.replace("### BEGIN MARK SCHEME", "", student == SPY)
    release = {course.grade_id(cell): cell.source for cell in course.release(MASTER).cells}
    for cell in course.cells(course.read(MASTER), "test"):
        shown = soup.find(id=f"cell-{course.grade_id(cell)}").select_one(".highlight").text
        assert shown.strip() == release[course.grade_id(cell)].strip()


def test_the_spy_met_the_hidden_test_and_learns_how_it_failed(folder, pages):
    assert table(folder)[SPY]["softmax"] == "2", "the canary should have cost two points"
    _, missing = rows(pages[SPY][1])["Exercise 2.4 · softmax"]
    assert missing.startswith("A hidden test fails: softmax(Z) raises a ValueError. The tests that you can see")
    graded = nbformat.read(folder / "autograded" / SPY / ASSIGNMENT / "softmax.ipynb", as_version=4)
    for cell in graded.cells:
        assert "4711" not in str(cell.get("outputs")), "what the student's code knew came out"


def run_covered(source, names=("answer",)):
    """Run a test cell as the examiner's kernel does."""
    cover = Cover()
    cover.lines = lines(source)
    tree = cover.visit(ast.parse(source))
    space = {COVER: Covered(source, names)}
    exec(compile(tree, "<cell>", "exec"), space)
    return space


CELL = """
answer = dict(a=1)
print("visible")
### BEGIN HIDDEN TESTS
for key in (4711,):
    print(key)
    print(answer{})
### END HIDDEN TESTS
last = key
"""


def test_the_hidden_part_of_a_cell_is_mute_and_binds_its_names(capsys):
    assert lines(CELL) == {4, 5, 6, 7, 8} and lines("# BEGIN HIDDEN TESTS\na") == {1, 2}
    assert run_covered(CELL.format(""))["last"] == 4711
    assert capsys.readouterr().out == "visible\n"


def test_an_error_in_the_hidden_part_says_what_it_is_about_and_no_more():
    with pytest.raises(AssertionError) as caught:
        run_covered(CELL.format("[key]"))
    assert str(caught.value).startswith("A hidden test fails: answer raises a KeyError.")
    assert "4711" not in "".join([str(caught.value), *caught.value._render_traceback_()])
    with pytest.raises(KeyError):
        run_covered("answer = {}\nanswer[3]" + CELL.format(""))


def told(check, *args):
    """What is told of the error of a check, as one line, after what the check itself says."""
    with pytest.raises((AssertionError, NotImplementedError)) as caught:
        check(*args)
    return " ".join(str(told_of(caught.value, "softmax")).split()), " ".join(str(caught.value).split())


@pytest.mark.parametrize("mistake", misconceptions.about(softmax), ids=lambda mistake: mistake.answer.__name__)
def test_of_a_mistake_the_message_keeps_its_name_and_no_input(mistake):
    Z = np.array([[471.5, 472.0, 471.25], [-471.5, 0.0, 4.75]])
    with contextlib.suppress(AssertionError):
        checks.matches(mistake.answer, softmax, Z)
        return  # not wrong on this input
    said, whole = told(checks.matches, mistake.answer, softmax, Z)
    assert "471" in whole and "471" not in said
    assert said.startswith("A hidden test fails: softmax(Z) ") and said.endswith("other shapes, other types.")
    named = [each for each in misconceptions.about(softmax) if f"({each.name})" in whole]
    assert all(f"({each.name})" in said and each.hint in said for each in named[:2])


def leaky(error):
    def answer(Z):
        raise error(f"softmax(Z) gives wrong values for {Z}.")

    return answer


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (leaky(ValueError), "softmax(Z) raises a ValueError."),
        (leaky(type("Of4711", (IndexError,), {})), "softmax(Z) raises an IndexError."),
        (leaky(type("Of4711", (BaseException,), {})), "softmax(Z) raises an error."),
        (leaky(AssertionError), "softmax(Z) raises an AssertionError."),
        (leaky(StudentKernelLost), "the kernel stopped in, or before, a call of softmax(Z)."),
        (lambda Z: None, "softmax(Z) returned None: is there a return at its end?"),
        (lambda Z: f"{Z}", "softmax(Z) should give P as a NumPy array."),
        (lambda Z: Z[0], "softmax(Z) gives P in the wrong shape."),
    ],
)
def test_what_an_answer_says_of_a_hidden_input_is_not_told(answer, sentence):
    said, _ = told(checks.matches, answer, softmax, np.array([[4711.0, 4711.5]]))
    assert said.startswith(f"A hidden test fails: {sentence} ") and "4711" not in said


def test_what_names_an_input_is_left_out_of_a_promise():
    def split(X, y, validation_fraction, rng):
        return X, y, X[:17], y[:17]

    X = np.arange(47.0)
    rng = np.random.default_rng(0)
    said, whole = told(checks.holds, promises.split, split, train_validation_split, X, X, 0.25, rng)
    assert "gives 17 samples for validation" in whole
    assert "gives … for validation; round(m * validation_fraction) is …." in said and not re.search(r"\d", said)


def test_a_stub_is_said_to_be_one():
    def stub(Z):
        raise NotImplementedError()

    said, _ = told(checks.matches, stub, softmax, np.zeros((1, 2)))
    assert said == "softmax is still waiting for your answer"


# Scripts

ALIVE = "script, iframe, object, embed, form, input, link, base, svg, video, style ~ style, meta[http-equiv=refresh]"


def assert_harmless(soup):
    assert not soup.select(ALIVE), soup.select(ALIVE)[0]
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            if name in ("href", "src"):
                assert re.match(r"#|https?://|mailto:|data:image/(png|jpeg|gif|svg\+xml);base64,", value), element
            if name == "style":
                assert element.name != "div" and re.fullmatch(r"(color|background-color): ?[#\w(),]+;?", value), element


@pytest.mark.parametrize(
    "cell",
    [
        harmless.markup(HOSTILE_MARKUP),
        harmless.markdown(HOSTILE_MARKDOWN),
        harmless.markdown(HOSTILE_MARKUP * 100),
        harmless.code(HOSTILE_MARKUP),
        harmless.terminal(f"\x1b[31m{HOSTILE_MARKUP}\x1b[0m\x1b[38;2;1;2;3mx"),
        harmless.picture("image/png", f'" onerror="{HOSTILE_MARKUP}', "a"),
        harmless.picture("image/png", "AAAA", f'" onerror="{HOSTILE_MARKUP}'),
        harmless.picture("image/svg+xml", HOSTILE_MARKUP, ""),
        *(
            harmless.output({"output_type": "display_data", "data": data, "metadata": metadata})
            for metadata in ({}, {"image/png": 3}, {"image/png": {"alt": [HOSTILE_MARKUP]}})
            for data in (
                {"text/html": [HOSTILE_MARKUP, 3]},
                {"image/png": {"a": 1}},
                {"image/png": "AAAA"},
                {"application/javascript": HOSTILE_MARKUP},
                {"text/latex": HOSTILE_MARKDOWN},
                {"text/plain": {HOSTILE_MARKUP: None}},
                {},
            )
        ),
        harmless.output({"output_type": HOSTILE_MARKUP}),
        harmless.output({"output_type": "error", "traceback": [3, HOSTILE_MARKUP]}),
    ],
)
def test_nothing_alive_is_left_of_what_others_wrote(cell):
    assert_harmless(BeautifulSoup(cell, "html.parser"))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", cell)


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_every_formula_of_ours_is_drawn(path):
    for cell in course.read(path).cells:
        if cell.cell_type == "markdown":
            assert '<code class="source">' not in harmless.markdown(cell.source, ours=True)
            if not course.grade_id(cell):
                assert '<code class="source">' not in harmless.markdown(cell.source), "a student may write it too"


def test_honest_text_keeps_its_form():
    assert harmless.markup("<table><tr><td colspan=2>1</td></tr></table>").count("colspan") == 1
    assert "<strong>" in harmless.markdown("**so**") and "<math" in harmless.markdown("$x^2$")
    assert 'href="https://numpy.org"' in harmless.markdown("[NumPy](https://numpy.org)")
    assert harmless.markdown("<details>x</details>", ours=True).startswith("<details>")
    assert "ansi-red" in harmless.terminal("\x1b[31mred")
    assert harmless.terminal("50 %\r100 %") == "<pre>100 %</pre>"


def test_a_page_is_harmless_and_forbids_scripts(pages):
    text, soup = pages[SPY]
    assert_harmless(soup)
    policy = soup.select_one("meta[http-equiv='Content-Security-Policy']")
    assert "default-src 'none'" in policy["content"] and "script-src" not in policy["content"]
    assert text.index("Content-Security-Policy") < text.index("<title")
    assert "covers the page" in text, "what is not alive should still be there to read"


def marked(page, profile):
    """Whether a script has run in a page, by a browser that has drawn it."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--user-data-dir={profile}", "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert "Your notebook, as it was graded" in dom
    return "data-marked" in BeautifulSoup(dom, "html.parser").html.attrs


def test_no_script_of_a_student_runs_in_a_browser(pages, tmp_path):
    """Neither with the page's policy, which alone would stop them, nor without."""
    page, text = tmp_path / "page.html", pages[SPY][0]
    without_policy = re.sub(r"<meta http-equiv=[^>]*>", "", text)
    attacked = text.replace("<h2", f"<script>{MARK}</script><h2", 1)
    for content, runs in (
        (text, False),
        (without_policy, False),
        (attacked, False),
        (re.sub(r"<meta http-equiv=[^>]*>", "", attacked), True),  # so that a mark would be seen
    ):
        page.write_text(content, encoding="utf-8")
        assert marked(page, tmp_path / "profile") == runs
