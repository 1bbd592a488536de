"""The tests of the tests: what the notebooks' test cells do with wrong, right and missing answers.

Every misconception of the catalogue must be rejected and named, every right answer of ``right_answers/`` accepted, and
the untouched stub must fail. A new exercise is covered as soon as its notebook, its catalogue and its right answers
exist.
"""

import ast
import contextlib
import doctest
import hashlib
import importlib.util
import inspect
import re
from collections import defaultdict
from functools import cache

import course
import numpy as np
import pytest

from grading.demo_class import functions_of
from shared import checks, misconceptions, reference

EXERCISES = [
    (path, course.grade_id(cell)) for path in course.MASTERS for cell in course.cells(course.read(path), "solution")
]
FUNCTIONS = [
    (path, course.grade_id(cell), name)
    for path in course.MASTERS
    for cell in course.cells(course.read(path), "solution")
    for name in functions_of(cell.source)
]
LEAST_WRONG, LEAST_RIGHT = 8, 3


@cache
def master(path):
    return course.read(path)


@cache
def release(path):
    return course.release(path)


@cache
def right_answers(path):
    """The module of right answers for a notebook: a dict from function name to function."""
    file = course.ROOT / "tests" / "right_answers" / f"{path.stem.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(f"right_answers_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: function for name, function in vars(module).items() if inspect.isfunction(function)}


def variants(path, name):
    """Right answers to one function: those whose names begin with its own and with no longer function's."""
    longer = [other for _, _, other in FUNCTIONS if other.startswith(f"{name}_")]
    return {
        key: function
        for key, function in right_answers(path).items()
        if key.startswith(f"{name}_") and not any(key.startswith(f"{other}_") for other in longer)
    }


def names_with(path, answers):
    """A namespace in which every exercise is solved as in the master, but for `answers`: a dict by function name."""
    return solved(path) | answers


@cache
def solved(path):
    """A namespace in which every exercise is solved as in the master. Nobody is to write into it."""
    names = course.namespace(master(path))
    for cell in course.cells(master(path), "solution"):
        course.define(cell.source, names)
    return names


@cache
def complaints(path, exercise, name, answer, hidden):
    """What the test cells of an exercise, with their hidden tests or without, say of an answer to one function.

    A dict from grade id to message, of those cells that reject it. Several tests ask for it, so it is kept.
    """
    names = names_with(path, {name: answer})
    found = {}
    for cell in course.tests_of(master(path), exercise):
        error = course.verdict(cell.source if hidden else course.visible(cell.source), names)
        if error is not None:
            found[course.grade_id(cell)] = str(error) or repr(error)
    return found


def says_name(message, misconception):
    """Whether a message names a misconception; it may break the line within the name."""
    return f"({misconception.name})" in " ".join(message.split())


def wrong_cases():
    for path, exercise, name in FUNCTIONS:
        for misconception in misconceptions.about(reference.find(name)):
            yield pytest.param(path, exercise, name, misconception, id=f"{name}-{misconception.answer.__name__}")


def right_cases():
    for path, exercise, name in FUNCTIONS:
        for key, function in variants(path, name).items():
            yield pytest.param(path, exercise, name, function, id=key)


every_function = pytest.mark.parametrize(
    ("path", "exercise", "name"), FUNCTIONS, ids=[name for _, _, name in FUNCTIONS]
)


@pytest.mark.parametrize(("path", "exercise", "name", "misconception"), list(wrong_cases()))
def test_wrong_answer_is_rejected_and_named(path, exercise, name, misconception, row):
    visible = complaints(path, exercise, name, misconception.answer, hidden=False).values()
    if any(says_name(message, misconception) for message in visible):
        row(name, misconception.name, "v")
        return
    full = complaints(path, exercise, name, misconception.answer, hidden=True).values()
    assert full, f"no test cell of {exercise} rejects {misconception.name!r}; add an input on which it shows"
    by_any = any(says_name(message, misconception) for message in full)
    assert by_any, f"{exercise} rejects {misconception.name!r} without saying its name:\n" + "\n\n".join(full)
    row(name, misconception.name, "h")


@pytest.mark.parametrize(("path", "exercise", "name", "function"), list(right_cases()))
def test_right_answer_is_accepted(path, exercise, name, function):
    for cell, message in complaints(path, exercise, name, function, hidden=True).items():
        pytest.fail(f"{cell} rejects a right answer: {message}")


@pytest.mark.parametrize(("path", "exercise"), EXERCISES, ids=lambda value: value if isinstance(value, str) else "")
def test_master_passes_and_stub_fails_every_test_cell(path, exercise):
    stubbed = dict(solved(path))
    (stub,) = [cell for cell in course.cells(release(path), "solution") if course.grade_id(cell) == exercise]
    with contextlib.suppress(NotImplementedError):  # a value to fill in: its cell raises, the name is None
        course.define(stub.source, stubbed)
    for cell in course.tests_of(master(path), exercise):
        assert course.verdict(cell.source, solved(path)) is None, f"{course.grade_id(cell)} rejects the master's answer"
        for source in (cell.source, course.visible(cell.source)):
            error = course.verdict(source, stubbed)
            assert isinstance(error, NotImplementedError), f"{course.grade_id(cell)} says {error!r} to the stub"


@every_function
def test_catalogue_is_large_enough(path, exercise, name):
    known = misconceptions.about(reference.find(name))
    assert len(known) >= LEAST_WRONG, f"{name}: {len(known)} misconceptions, at least {LEAST_WRONG} are wanted"
    right = variants(path, name)
    assert len(right) >= LEAST_RIGHT, f"{name}: {len(right)} right answers, at least {LEAST_RIGHT} are wanted"


@every_function
def test_story_takes_an_answer_exactly_when_the_test_cells_do(path, exercise, name, capsys):
    """`yours_or_reference` must agree with the test cells on everything we know, right or wrong."""
    wrong = [each.answer for each in misconceptions.about(reference.find(name))]
    for answer in [*wrong, *variants(path, name).values()]:
        named = _under_the_name(answer, name)
        # A cell rejects what its visible part rejects. Of a wrong answer that is known already, and mostly enough.
        rejected = answer in wrong and complaints(path, exercise, name, answer, hidden=False)
        passes = not rejected and not complaints(path, exercise, name, answer, hidden=True)
        assert (checks.yours_or_reference(named) is named) == passes, (
            f"{answer.__name__}: test cells {'accept' if passes else 'reject'} it, the probes of {name} do not"
        )
        capsys.readouterr()


def _under_the_name(function, name):
    def renamed(*args):
        return function(*args)

    renamed.__name__ = name
    return renamed


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_hidden_tests_stand_in_test_cells_only_and_every_exercise_has_some(path):
    for cell in master(path).cells:
        if "HIDDEN TESTS" in cell.source:
            assert course.role(cell) == "test", f"hidden tests outside a test cell: {cell.source[:80]!r}"
    for cell in course.cells(master(path), "solution"):
        tests = course.tests_of(master(path), course.grade_id(cell))
        assert any(course.visible(test.source) != test.source for test in tests), (
            f"{course.grade_id(cell)} has visible tests only: an answer fitted to them would pass"
        )


# Hidden tests have inputs of their own


class Listener:
    """Stands for `checks` in a test cell: takes down what an answer would be called with, and calls none.

    Attributes
    ----------
    hidden : bool
        Whether the hidden tests of the cell are running; the cell is made to say so, see `overheard`.
    heard : tuple of dict
        What visible and what hidden tests ask: from a function's name to a list of pairs, the arguments as `values`
        of them and as text.
    """

    def __init__(self):
        self.hidden = False
        self.heard = defaultdict(list), defaultdict(list)

    def matches(self, student, function, *args, **tolerances):
        told = ", ".join(" ".join(repr(each).split()) for each in args)
        self.heard[self.hidden][function.__name__].append((values(args), f"({told[:200]})"))

    def holds(self, promise, student, function, *args, **limits):
        self.matches(student, function, *args)

    def raises(self, error, student, *args, reference):
        self.matches(student, reference, *args)

    def lasting(self, student, function, args, others):
        self.matches(student, function, *args)
        self.matches(student, function, *others)

    def __getattr__(self, name):
        return getattr(checks, name)


def values(argument):
    """What an argument says, as something that can be hashed; types, and the state of a generator, do not count."""
    if isinstance(argument, tuple | list):
        return tuple(values(each) for each in argument)
    if isinstance(argument, dict):
        return tuple((key, values(argument[key])) for key in sorted(argument))
    if callable(argument):
        return argument.__qualname__
    if isinstance(argument, np.random.Generator):
        return "rng"
    if isinstance(argument, str | bytes):
        return argument
    numbers = np.ascontiguousarray(argument, dtype=np.float64) + 0.0  # -0.0 is 0.0
    return np.shape(argument), hashlib.sha256(numbers).digest()


def overheard(path):
    """What the test cells of a notebook call answers with: the `heard` of a `Listener`."""
    listener = Listener()
    for cell in course.cells(master(path), "test"):
        source = cell.source.replace("### BEGIN HIDDEN TESTS", "checks.hidden = True")
        source = source.replace("### END HIDDEN TESTS", "checks.hidden = False")
        exec(compile(source, course.grade_id(cell), "exec"), names_with(path, {"checks": listener}))
    return listener.heard


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_no_hidden_test_calls_an_answer_as_a_probe_or_a_visible_test_does(path):
    visible, hidden = overheard(path)
    assert set(hidden) == {name for each, _, name in FUNCTIONS if each == path}
    leaves_no_choice = values((np.ones(1),))  # the only probabilities of a single class
    for name, calls in hidden.items():
        probes = {values(probe.args) for probe in misconceptions.probes(reference.find(name))}
        known = (probes | {args for args, _ in visible[name]}) - {leaves_no_choice}
        for args, told in calls:
            assert args not in known, (
                f"a hidden test calls {name}{told}, as {'a probe' if args in probes else 'a visible test'} does; "
                "students have both: give it an input of its own"
            )


LEAST_NUMBERS = 4  # of shorter arrays, such as labels of three samples, there are too few for everybody


class WithoutTypes(ast.NodeTransformer):
    """Leaves of an expression what says its values: ``np.array([1], dtype=">i2")`` is ``np.array([1.0])``."""

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
            return node.func.value
        node.keywords = [keyword for keyword in node.keywords if keyword.arg != "dtype"]
        return node

    def visit_Constant(self, node):
        return ast.Constant(float(node.value)) if _is_number(node) else node


def _is_number(node):
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _is_written_out(node):
    """Whether an expression is made of numbers and of what NumPy makes of them."""
    if isinstance(node, ast.Name):
        return node.id in ("np", "int", "float", "bool")
    numeric = _is_number(node) or isinstance(
        node,
        ast.List | ast.Tuple | ast.UnaryOp | ast.BinOp | ast.Attribute | ast.Subscript | ast.Slice | ast.Call
        | ast.keyword | ast.operator | ast.unaryop | ast.expr_context,
    )  # fmt: skip
    return numeric and all(_is_written_out(child) for child in ast.iter_child_nodes(node))


def arrays(source, within=False):
    """Arrays that stand in source code with all their numbers, or with the seed they are drawn from.

    Parameters
    ----------
    source : str
    within : bool
        Whether to list parts of others, too.

    Returns
    -------
    found : set of str
        Without types, and all written alike.

    Examples
    --------
    >>> sorted(arrays("f(np.array([[1, 2], [3, 4]], dtype='>i2'), np.array([0, 1]))"))
    ['np.array([[1.0, 2.0], [3.0, 4.0]])']
    >>> sorted(arrays("Z = np.random.default_rng(1).normal(size=n).astype(np.float32)"))
    []
    >>> sorted(arrays("X = np.random.default_rng(7).random((2, 3), dtype=np.float32)"))
    ['np.random.default_rng(7.0).random((2.0, 3.0))']
    """
    found, ahead = set(), [WithoutTypes().visit(ast.parse(source))]
    while ahead:
        node = ahead.pop()
        is_array = isinstance(node, ast.Call | ast.Subscript | ast.List | ast.BinOp) and _is_written_out(node)
        if is_array:
            text = ast.unparse(node)
            drawn = re.search(r"default_rng\(.*?\)\.", text)
            if drawn or sum(_is_number(each) for each in ast.walk(node)) >= LEAST_NUMBERS:
                found.add(text)
        if within or not is_array:
            ahead.extend(ast.iter_child_nodes(node))
    return found


@cache
def arrays_students_have():
    """The arrays written out in `shared`, in its examples, and in the student edition: from text to a place."""
    code = {}
    for path in (course.ROOT / "shared").rglob("*.py"):
        name, source = path.relative_to(course.ROOT).as_posix(), path.read_text(encoding="utf-8")
        code[name] = source
        for number, example in enumerate(doctest.DocTestParser().get_examples(source)):
            code[f"{name}, example {number}"] = example.source
    for path in course.MASTERS:
        for cell in release(path).cells:
            place = f"{path.name}, {course.grade_id(cell) or cell.id}"
            if cell.cell_type == "code":
                code[place] = cell.source
            else:
                for number, quoted in enumerate(re.findall(r"```python\n(.*?)```|`([^`\n]+)`", cell.source, re.DOTALL)):
                    with contextlib.suppress(SyntaxError):  # not all that is quoted is Python
                        ast.parse("".join(quoted))
                        code[f"{place}, quotation {number}"] = "".join(quoted)
    return {text: place for place, source in code.items() for text in arrays(source, within=True)}


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_no_array_of_a_hidden_test_is_written_out_where_students_read(path):
    known = arrays_students_have()
    own = 0
    for cell in course.cells(master(path), "test"):
        for region in course.HIDDEN.findall(cell.source):
            found = arrays(region)
            own += len(found)
            for text in found & known.keys():
                pytest.fail(f"a hidden test of {course.grade_id(cell)} has {text}, which {known[text]} has as well")
    assert own >= 3, f"only {own} arrays are found in the hidden tests of {path.name}: does the search still work?"
