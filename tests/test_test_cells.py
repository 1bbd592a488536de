"""The tests of the tests: what the notebooks' test cells do with wrong, right and missing answers.

Every misconception of the catalogue must be rejected and named, every right answer of ``right_answers/`` accepted, and
the untouched stub must fail. A new exercise is covered as soon as its notebook, its catalogue and its right answers
exist.
"""

import contextlib
import importlib.util
import inspect
from functools import cache

import course
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
