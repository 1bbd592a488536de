"""Cells of the story run in grading only where something that the student wrote rests on them."""

import ast
import copy
import re

import course
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grading import story

IMPORTS = "import numpy as np\nfrom shared import checks, plots"
GIVEN = {
    "load": "X, y = np.ones((4, 2)), np.arange(4)",
    "template": "W = X.T",
    "style": "def shade(x):\n    return x / PALEST\n\n\nPALEST = 3",
    "try": "double = checks.yours_or_reference(double)\nprint(double(X))",
    "shrink": "X /= 2",
    "show": "plots.digit_grid(X, y, [0])",
}


@pytest.fixture(scope="module")
def master(tmp_path_factory):
    """A notebook with two exercises, a function and a value, and a story around them."""
    path = tmp_path_factory.mktemp("master") / "tiny.ipynb"
    cells = [new_code_cell(source) for source in (IMPORTS, GIVEN["load"], GIVEN["template"], GIVEN["style"])]
    cells += [graded("double", "def double(x):\n    return 2 * x"), graded("double-test-1", "assert double(2) == 4")]
    cells += [new_code_cell(GIVEN[name]) for name in ("try", "shrink", "show")]
    cells += [graded("total", "total = 7"), graded("total-test-1", "assert total == 7"), new_code_cell("print(total)")]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def graded(name, source):
    is_test = "-test-" in name
    options = {"grade_id": name, "solution": not is_test, "grade": is_test, "locked": is_test, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": options | ({"points": 1} if is_test else {"task": False})})


def given_that_run(master, double=None, total="total = 7", extra=(), changed=()):
    """Which of the given cells run in a submission with these answers, by their names."""
    notebook = copy.deepcopy(nbformat.read(master, as_version=4))
    for cell in notebook.cells:
        name = course.grade_id(cell)
        cell.source = {"double": double or cell.source, "total": total}.get(name, cell.source)
        cell.source = dict(changed).get(cell.source, cell.source)
    notebook.cells[5:5] = map(new_code_cell, extra)
    out = story.left_out(notebook.cells, master, master.stat().st_mtime_ns)
    names = {source: name for name, source in GIVEN.items()}
    assert all(notebook.cells[i].source in {*GIVEN.values(), "print(total)"} for i in out)
    assert not any(course.grade_id(notebook.cells[i]) for i in out)
    return {names[cell.source] for i, cell in enumerate(notebook.cells) if i not in out and cell.source in names}


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_nothing_of_the_course_rests_on_its_stories(path):
    """Else a right answer takes as long to grade as the notebook takes to run."""
    cells = course.read(path).cells
    out = story.left_out(cells, path, path.stat().st_mtime_ns)
    code = [i for i, cell in enumerate(cells) if cell.cell_type == "code"]
    given = [i for i in code if not course.grade_id(cells[i])]
    assert out == frozenset(given[1:]) and given[0] == code[0]


def test_an_answer_that_uses_its_arguments_needs_no_story(master):
    assert given_that_run(master) == set()


@pytest.mark.parametrize(
    ("double", "needed"),
    [
        ("def double(X):\n    W = 2 * X\n    return W", set()),  # names of its own
        ("def double(x):\n    return [2 * y for y in x]", set()),
        ("double = lambda X: 2 * X", set()),
        ("def double(x):\n    return [PALEST for PALEST in x] + [PALEST for y in x]", {"style"}),
        ("def double(x):\n    return [PALEST for PALEST in PALEST]", {"style"}),
        ("def double(x):\n    global W\n    W = 1\n    return 2 * x", set()),
        ("import numpy as plots\ndef double(x):\n    return plots.add(x, x)", set()),
        ("def double(x):\n    return 6 * shade(x)", {"style"}),
        ("def double(x):\n    def inner():\n        return PALEST\n    return 2 * x", {"style"}),
        ("import sys\nfrom IPython.display import display\nprint(__name__, file=sys.stdout)", set()),
        # What W is made of, and whatever could change that in place.
        ("def double(x):\n    return x * len(W)", {"load", "template", "try", "shrink", "show"}),
        ("class Double:\n    W = [W]\ndouble = Double()", {"load", "template", "try", "shrink", "show"}),
        ("del W\ndef double(x):\n    return 2 * x", {"load", "template", "try", "shrink", "show"}),
        ("def double(x):\n    global PALEST\n    PALEST += 1\n    return 2 * x", {"style"}),
        ("def double(PALEST):\n    PALEST += PALEST\n    return PALEST", set()),
    ],
)
def test_what_an_answer_rests_on_runs(double, needed, master):
    assert given_that_run(master, double) == needed


def test_a_given_cell_runs_that_gives_an_answer_another_meaning(master):
    notebook = nbformat.read(master, as_version=4)
    notebook.cells[2].source = "def double(x):\n    return W + x"
    path = master.with_name("another.ipynb")
    nbformat.write(notebook, path)
    out = story.left_out(notebook.cells, path, path.stat().st_mtime_ns)
    assert 2 not in out and out


def left_out_of(tmp_path, *sources):
    """What is left out of these given cells where an answer uses ``W``: their indices."""
    path = tmp_path / "given.ipynb"
    cells = [*map(new_code_cell, ("import numpy as np", *sources)), graded("answer", "answer = W")]
    nbformat.write(new_notebook(cells=cells), path)
    return {i - 1 for i in story.left_out(cells, path, path.stat().st_mtime_ns)}


def test_cells_that_change_what_shares_its_memory_run(tmp_path):
    assert left_out_of(tmp_path, "W = np.ones(3)", "v = W[:2]", "v /= 2", "print(1)") == {3}
    assert left_out_of(tmp_path, "W = 1", "W += 1", "V = 2") == {2}


@pytest.mark.parametrize("reaching", ["%matplotlib inline", "globals()['W'] = 3"])
def test_a_given_cell_that_reaches_everything_counts_too(reaching, tmp_path):
    assert left_out_of(tmp_path, "W = 1", "V = 2") == {1}
    assert left_out_of(tmp_path, "W = 1", "V = 2", reaching) == set()


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_given_cells_change_nothing_but_names(path):
    """What a cell does to a module, such as to set a seed, cannot be read off names, so that none may."""
    code = [cell for cell in course.read(path).cells if cell.cell_type == "code" and not course.grade_id(cell)]
    for cell in code[1:]:
        called = {node.func.attr for node in ast.walk(ast.parse(cell.source)) if _is_method(node)}
        assert not called & {"seed", "seterr", "set_printoptions", "filterwarnings", "simplefilter", "chdir", "putenv"}
        assert not re.search(r"rcParams|os\.environ|use_course_style", cell.source)


def _is_method(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


@pytest.mark.parametrize(
    "extra",
    [
        "globals()['x'] = 1",
        "from inspect import stack",
        "import sys as s",
        "import sys\nsys.modules",
        "from timeit import timeit\ntimeit('double(X)', 'from __main__ import double, X')",
        "print(eval.__name__)",
        "double.__globals__",
        "from numpy import *",
        "get_ipython().run_cell('1')",
        "print(In[1])",
        "_ + 1",
        "_i2",
        "%time 1",
        "!ls",
        "this is no Python",
        "x = 1\n" * 100_000,
    ],
)
def test_nothing_is_left_out_where_a_cell_could_reach_everything(extra, master):
    assert given_that_run(master, extra=[extra]) == set(GIVEN)


def test_cells_of_the_students_own_count(master):
    assert given_that_run(master, extra=["a, _ = 1, 2"]) == set()
    assert given_that_run(master, extra=["for _ in range(3):\n    print(_)"]) == set()
    assert "template" in given_that_run(master, extra=["W[0] = 0"])
    assert given_that_run(master, total="total = PALEST + 4") == {"style"}


def test_a_given_cell_that_was_changed_is_the_students(master):
    altered = {GIVEN["show"]: "plots.digit_grid(W, y, [1])"}
    assert {"load", "template"} <= given_that_run(master, changed=altered)


def test_an_answer_that_repeats_a_given_cell_runs(master):
    given_that_run(master, double=GIVEN["style"], total=GIVEN["template"])  # which looks that no answer is left out


def test_a_given_cell_in_another_place_is_still_given(master):
    assert given_that_run(master, extra=[GIVEN["show"], GIVEN["load"]]) == set()


@pytest.mark.parametrize("deep", ["-" * 50_000 + "1", "f" + "()" * 20_000, "not " * 20_000 + "1", "[" * 5000])
def test_no_source_is_too_deep(deep, master):
    assert given_that_run(master, extra=[deep]) == set(GIVEN)
