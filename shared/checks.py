"""The assertions that test cells call.

A check talks to a student's function only by calling it and looking at what comes back by value. A failing check
says which quantity is wrong, what was expected and what came, where the worst entry is and, where the catalogue of
misconceptions knows the mistake, which mistake gives exactly this answer.

`matches` is the one most test cells need; the others look at a single property.
"""

import ast
import contextlib
import copy
import difflib
import functools
import inspect
import io
import itertools
import linecache
import math
import re
import signal
import sys
import textwrap
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from shared import reference as references

# Room for another order of summation, not for another formula.
RELATIVE_TOLERANCE = {np.dtype(np.float16): 1e-2, np.dtype(np.float32): 1e-4, np.dtype(np.float64): 1e-10}
SECONDS = 5
MOST_ITEMS, MOST_OUTPUT, MOST_WARNINGS, MOST_WIDTH = 100_000, 2_000, 3, 200
_CALLED_OUT = "This is the course's reference for {}, not your function: run the cell in which you define it."


def _plainly(check):
    """Let a notebook show what a check says, and nothing of how it found out: no traceback through this module."""

    @functools.wraps(check)
    def checked(*args, **kwargs):
        try:
            # Student code may have told NumPy to raise on underflow; the checks' own arithmetic must not.
            with np.errstate(all="ignore"):
                return check(*args, **kwargs)
        except (AssertionError, NotImplementedError) as error:
            lines = [f"\x1b[0;31m{type(error).__name__}\x1b[0m: {error}"]
            error._render_traceback_ = lambda: lines  # IPython asks the error itself first
            raise

    return checked


# The checks


@_plainly
def matches(student, reference, *args, rtol=None, atol=None, seconds=SECONDS):
    """Assert that a student's function and the reference do the same with the same arguments.

    The same means: values within tolerance, shape, type, the same kind of error where the reference raises one, and
    arguments left as they were. A warning costs nothing, but is pointed out.

    Parameters
    ----------
    student, reference : callable
        The reference carries the names: of its arguments, of what it returns (its docstring), and of the
        misconceptions about it.
    *args
        What both are called with, each with copies of its own.
    rtol, atol : float, optional
        Relative and absolute tolerance. By default what the least precise floating type involved allows, and
        as much again of the largest expected entry where that is below 1.
    seconds : float
        The time limit of one call.

    Raises
    ------
    NotImplementedError
        If the student's function is still the stub.
    AssertionError
        If anything differs; its message is written for the student.
    """
    if student is reference:
        raise AssertionError(_CALLED_OUT.format(_name(reference)))
    expected = _outcome(reference, args)
    found = _outcome(student, args, seconds)
    _insist_on_an_answer(student, reference, found)
    tolerance = _Tolerance.of(args, rtol, atol)
    difference = _difference(found, expected, _quantities(reference), tolerance)
    if difference:
        call = _call(reference)
        lines = [f"{call} {difference[0]}", *_describe_arguments(reference, args), *difference[1:]]
        lines += _diagnosis(student, reference, args, found, expected, tolerance)
        raise AssertionError("\n".join(lines)) from found.error
    for text in found.warnings:
        print(f"Note: {_call(reference)} is right here, but warns: {text}. It costs no points.")


@_plainly
def holds(promise, student, reference, *args, seconds=SECONDS):
    """Assert that what a student's function returns keeps a promise.

    For functions that are free in part of what they do, such as the order they draw: they are not compared with the
    reference, which only names the arguments and the misconceptions to look for.

    Parameters
    ----------
    promise : callable
        ``promise(result, *args)`` gives None where the promise is kept, else a sentence that says what is wrong; its
        arguments are as they were before the call. A generator comes as the list of what it yields.
    student, reference : callable
    *args
        What the student's function is called with; a random generator among them is copied too.
    seconds : float
        The time limit of the call.

    Raises
    ------
    NotImplementedError
        If the student's function is still the stub.
    AssertionError
        If the promise is not kept, an error comes, or an argument is changed.
    """
    if student is reference:
        raise AssertionError(_CALLED_OUT.format(_name(reference)))
    found = _outcome(student, args, seconds, drain=True)
    _insist_on_an_answer(student, reference, found)
    sentence = _broken_promise(promise, found, args)
    if sentence:
        lines = [f"{_call(reference)} {sentence}", *_describe_arguments(reference, args)]
        catalogue = _catalogue()
        known = catalogue.about(reference) if catalogue else ()
        guilty = [
            each
            for each in known
            if _broken_promise(promise, _outcome(each.answer, args, drain=True), args) == sentence
        ]
        raise AssertionError("\n".join(lines + _named(guilty, found))) from found.error


@_plainly
def raises(error, student, *args, reference=None, seconds=SECONDS):
    """Assert that a student's function refuses these arguments with this kind of error.

    Parameters
    ----------
    error : type
        The exception class promised, such as ValueError.
    student : callable
    *args
        The arguments it must refuse.
    reference : callable, optional
        Names the arguments in the message, and the misconceptions to look for.

    Raises
    ------
    NotImplementedError
        If the student's function is still the stub.
    AssertionError
        If nothing is raised, or something else.
    """
    found = _outcome(student, args, seconds)
    _insist_on_an_answer(student, reference or student, found)
    if isinstance(found.error, error):
        if found.changed:
            raise AssertionError(f"{_call(reference or student)} {_changes(found)}")
        return
    came = _what_came(found)
    lines = [f"{_call(reference or student)} should refuse this with a {error.__name__}."]
    lines += _describe_arguments(reference or student, args)
    lines += [f"  expected  {error.__name__}", f"  found     {came}"]
    if reference:
        expected = _outcome(reference, args)
        lines += _diagnosis(student, reference, args, found, expected, _Tolerance.of(args))
    raise AssertionError("\n".join(lines)) from found.error


@_plainly
def probabilities(P, axis=1, name="P"):
    """Assert that entries are finite, lie in [0, 1] and sum to 1 along an axis.

    Examples
    --------
    >>> probabilities(np.array([[0.25, 0.75]]))
    >>> probabilities(np.array([[0.25, 0.25]]))
    Traceback (most recent call last):
    ...
    AssertionError: P: every row should sum to 1, but row 0 sums to 0.5
    """
    if not isinstance(P, np.ndarray) or P.ndim != 2 or not np.issubdtype(P.dtype, np.floating):
        raise AssertionError(f"{name}: expected floating numbers in two dimensions, found {_describe(P)}")
    line = {0: "column", 1: "row"}[axis]
    bad = np.argwhere(~np.isfinite(P))
    if len(bad):
        raise AssertionError(f"{name}: every entry should be finite, but {_at(P, bad[0])}")
    bad = np.argwhere((P < 0) | (P > 1))
    if len(bad):
        raise AssertionError(f"{name}: every entry should lie in [0, 1], but {_at(P, bad[0])}")
    off = np.abs(P.sum(axis=axis, dtype=np.float64) - 1)
    room = 32 * np.finfo(P.dtype).eps * P.shape[axis]
    if off.max(initial=0) > room:
        worst = int(off.argmax())
        total = P.sum(axis=axis, dtype=np.float64)[worst]
        raise AssertionError(f"{name}: every {line} should sum to 1, but {line} {worst} sums to {total:.9g}")


@_plainly
def shape(array, expected, name="the result"):
    """Assert the shape of an array.

    Examples
    --------
    >>> shape(np.zeros((2, 3)), (2, 3))
    >>> shape(np.zeros((2, 3)), (3, 2), "Z")
    Traceback (most recent call last):
    ...
    AssertionError: Z: expected shape (3, 2), found (2, 3)
    """
    if np.shape(array) != tuple(expected):
        raise AssertionError(f"{name}: expected shape {tuple(expected)}, found {np.shape(array)}")


@_plainly
def dtype(array, expected, name="the result"):
    """Assert the type of an array's entries.

    Examples
    --------
    >>> dtype(np.zeros(2, dtype=np.float32), np.float64, "X")
    Traceback (most recent call last):
    ...
    AssertionError: X: expected entries of type float64, found float32
    """
    if np.asarray(array).dtype != np.dtype(expected):
        raise AssertionError(f"{name}: expected entries of type {np.dtype(expected)}, found {np.asarray(array).dtype}")


@_plainly
def unchanged(student, *args, seconds=SECONDS):
    """Assert that a call leaves its arguments as they were.

    Examples
    --------
    >>> unchanged(np.ndarray.sort, np.array([2, 1]))
    Traceback (most recent call last):
    ...
    AssertionError: sort changes self, which the caller still needs. Work on a copy.
    """
    found = _outcome(student, args, seconds)
    if found.error is not None:
        raise found.error
    if found.changed:
        raise AssertionError(f"{_name(student)} {_changes(found)}")


@_plainly
def one_each(name, answer, keys, values):
    """Assert that an answer is a dict that gives each key one of the values, and each value once.

    Examples
    --------
    >>> one_each("verdicts", {"A": "no shift", "B": "wrong axes"}, ("A", "B"), ("no shift", "wrong axis"))
    Traceback (most recent call last):
    ...
    AssertionError: verdicts: 'wrong axes' is none of the choices; did you mean 'wrong axis'?
    """
    answered(name, answer)
    choices = ", ".join(map(repr, values))
    if not isinstance(answer, dict):
        raise AssertionError(f"{name} should be a dict, but it is {_describe(answer)}")
    if set(answer) != set(keys):
        raise AssertionError(
            f"{name} needs the keys {', '.join(map(repr, keys))}, but has {', '.join(map(repr, answer))}"
        )
    for value in answer.values():
        if value not in values:
            near = difflib.get_close_matches(str(value), values, n=1, cutoff=0.4)
            advice = f"did you mean {near[0]!r}?" if near else f"they are {choices}"
            raise AssertionError(f"{name}: {value!r} is none of the choices; {advice}")
    for value in values:
        if value not in answer.values():
            raise AssertionError(f"{name}: each choice occurs once, but {value!r} does not occur")


@_plainly
def answered(name, value):
    """Raise NotImplementedError while a value to fill in is still None.

    Examples
    --------
    >>> answered("verdicts", None)
    Traceback (most recent call last):
    ...
    NotImplementedError: verdicts is still waiting for your answer
    """
    if value is None:
        raise NotImplementedError(f"{name} is still waiting for your answer")


def passed(name):
    """Say that the visible tests of an exercise passed: which is not yet a proof.

    Examples
    --------
    >>> passed("softmax")
    softmax: visible tests passed
    """
    print(f"{name}: visible tests passed")


@_plainly
def yours_or_reference(*functions):
    """The student's functions where they pass, the reference where they do not yet.

    The rest of a notebook needs functions that work. It takes the student's as soon as they agree with the
    reference on the probes of its catalogue, and says in one line which it took.

    Parameters
    ----------
    *functions : callable
        Each carries the name of a reference function.

    Returns
    -------
    callable, or a tuple of them where several were given
    """
    taken = []
    story = sys._getframe(2).f_globals  # the caller's, behind the wrapper of _plainly
    for function in functions:
        # What it is called in the notebook counts, whatever it calls itself: softmax = lambda Z: …
        bound = [name for name, value in story.items() if value is function and references.find(name)]
        name = bound[0] if bound else _name(function)
        reference = references.find(name)
        if reference is None:  # Where the reference is withheld, only the student's own can be taken.
            taken.append(function)
        elif function is not reference and _agrees(function, reference):
            print(f"{name}: yours")
            taken.append(function)
        else:
            print(f"{name}: the reference, until yours passes its visible tests")
            taken.append(reference)
    return taken[0] if len(taken) == 1 else tuple(taken)


def _insist_on_an_answer(student, reference, found):
    if isinstance(found.error, NotImplementedError):
        name = _name(reference)
        if _has_lines(student):
            text = f"{name} has lines of yours, but `raise NotImplementedError()` still stands among them: delete it"
            raise NotImplementedError(text) from found.error
        raise NotImplementedError(f"{name} is still waiting for your answer") from found.error


def _has_lines(function):
    """Whether more stands in a function than a docstring and one statement, as far as its source can be seen."""
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        return len(definition.body) - bool(ast.get_docstring(definition)) > 1
    except (OSError, TypeError, ValueError, SyntaxError, AttributeError):
        return False


# One call and what came of it


class TimeLimitExceeded(BaseException):
    """A call took longer than it may. Not an Exception, so that ``except Exception`` does not swallow it."""


@dataclass
class _Outcome:
    value: object = None
    error: BaseException | None = None
    changed: list = field(default_factory=list)  # names of the arguments the call changed
    warnings: list = field(default_factory=list)


def _outcome(function, args, seconds=SECONDS, drain=False):
    """Call a function with copies of the arguments and keep all that can be seen from outside.

    With `drain`, an iterator it returns is replaced by the list of what it yields.
    """
    copies = copy.deepcopy(args)
    names = _parameters(function) + [f"argument number {i + 1}" for i in range(len(_parameters(function)), len(args))]
    outcome = _Outcome()
    printed = _Printed()
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all="warn", under="ignore"),
        contextlib.redirect_stdout(printed),
    ):
        warnings.simplefilter("always")
        try:
            with _time_limit(seconds):
                outcome.value = function(*copies)
                if drain and isinstance(outcome.value, Iterator):
                    # A loop of our own: list() would not notice the time limit.
                    outcome.value = [item for item in itertools.islice(outcome.value, MOST_ITEMS + 1)]
                    if len(outcome.value) > MOST_ITEMS:
                        raise TimeLimitExceeded(f"more than {MOST_ITEMS:,} values")
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            outcome.error = error
    if text := printed.getvalue():
        print(text, end="")
    outcome.warnings = sorted({str(warning.message) for warning in caught})[:MOST_WARNINGS]
    outcome.changed = [
        name
        for name, before, after in zip(names, args, copies, strict=False)
        if isinstance(before, np.ndarray | list | dict) and not _identical(before, after)
    ]
    return outcome


class _Printed(io.StringIO):
    """What a student's function prints, up to a limit: a flood would drown the message."""

    def write(self, text):
        room = MOST_OUTPUT - self.tell()
        super().write(text[: max(room, 0)])
        return len(text)


@contextlib.contextmanager
def _time_limit(seconds):
    """Stop an endless loop, where signals can: in the main thread, which is where a kernel runs cells."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(signum, frame):
        raise TimeLimitExceeded(f"no result after {seconds:g} seconds")

    previous = signal.signal(signal.SIGALRM, stop)
    # It strikes again every tenth of a second, in case the first is caught by a bare ``except``.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _identical(before, after):
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_identical(before[key], after[key]) for key in before)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_identical, before, after))
    before, after = np.asarray(before), np.asarray(after)
    return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()


# How two outcomes differ


@dataclass
class _Tolerance:
    rtol: float
    atol: float | None

    @classmethod
    def of(cls, args, rtol=None, atol=None):
        """What the least precise floating argument allows, unless the test says otherwise."""
        floating = [leaf.dtype for leaf in _leaves(args) if leaf.dtype in RELATIVE_TOLERANCE]
        default = max((RELATIVE_TOLERANCE[kind] for kind in floating), default=1e-10)
        return cls(default if rtol is None else rtol, atol)

    def wrong(self, found, expected):
        """Which entries differ by more than the tolerance: a boolean array."""
        found, expected = np.asarray(found), np.asarray(expected)
        if not np.issubdtype(expected.dtype, np.inexact):
            return found != expected
        found, expected = found.astype(np.float64), expected.astype(np.float64)
        finite = np.isfinite(expected)
        atol = self.atol
        if atol is None:
            atol = self.rtol * min(1.0, np.abs(expected[finite]).max(initial=0.0))
        with np.errstate(invalid="ignore", over="ignore"):
            close = np.abs(found - expected) <= self.rtol * np.abs(expected) + atol
        same = (found == expected) | (np.isnan(found) & np.isnan(expected))
        return ~np.where(finite, close, same)


def _difference(found, expected, names, tolerance):
    """None where two outcomes are the same, else lines: a sentence, then what was expected and found."""
    if expected.error is not None:
        if isinstance(found.error, type(expected.error)):
            return None
        kind = type(expected.error).__name__
        return [
            f"should refuse this with a {kind}.",
            f"  expected  {kind}: {expected.error}",
            f"  found     {_what_came(found)}",
        ]
    if isinstance(found.error, TimeLimitExceeded):
        return [f"gave {found.error}; is there a loop that never ends?"]
    if found.error is not None:
        return [f"raised an error: {_describe_error(found.error)}"]

    value = expected.value
    if isinstance(value, tuple):
        pairs = list(zip(_names_for(names, len(value)), value, strict=True))
        if not isinstance(found.value, tuple | list) or len(found.value) != len(value):
            return [
                f"should return {len(value)} values: {', '.join(name for name, _ in pairs)}.",
                f"  found     {_describe(found.value)}",
            ]
        for (name, wanted), got in zip(pairs, found.value, strict=True):
            if lines := _value_difference(got, wanted, name, tolerance):
                return lines
    elif lines := _value_difference(found.value, value, _names_for(names, 1)[0], tolerance):
        return lines

    if found.changed != expected.changed:
        return [_changes(found)]
    return None


def _changes(outcome):
    return f"changes {outcome.changed[0]}, which the caller still needs. Work on a copy."


def _broken_promise(promise, outcome, args):
    """None where an outcome keeps a promise, else the sentence that says what is wrong."""
    if isinstance(outcome.error, TimeLimitExceeded):
        return f"gave {outcome.error}; is there a loop that never ends?"
    if outcome.error is not None:
        return f"raised an error: {_describe_error(outcome.error)}"
    if outcome.changed:
        return _changes(outcome)
    try:
        return promise(outcome.value, *copy.deepcopy(args))
    except Exception:
        return f"returned something else than promised: {_describe(outcome.value)}"


def _value_difference(found, expected, name, tolerance):
    if isinstance(expected, dict):
        if not isinstance(found, dict) or set(found) != set(expected):
            keys = ", ".join(map(repr, expected))
            return [f"should give {name} as a dict with the keys {keys}.", f"  found     {_describe(found)}"]
        for key, wanted in expected.items():
            if lines := _value_difference(found[key], wanted, f"{name}[{key!r}]", tolerance):
                return lines
        return None

    both = [f"  expected  {_kind(expected)}", f"  found     {_describe(found)}"]
    if found is None:
        return ["returned None: is there a return at its end?", *both[:1]]
    if np.ndim(expected) == 0:
        is_number = type(found) in (int, float) or (
            isinstance(found, np.generic | np.ndarray) and found.shape == () and found.dtype.kind in "fiu"
        )
        if not is_number:
            return [f"should give {name} as a single number.", *both]
    elif type(found) not in (np.ndarray, np.memmap):  # a subclass may lie about its entries
        return [f"should give {name} as a NumPy array.", *both]
    if np.shape(found) != np.shape(expected):
        return [f"gives {name} in the wrong shape.", *both]
    if np.ndim(expected) and not _same_type(found.dtype, expected.dtype):
        return [f"gives {name} in the wrong type.", *both]

    wrong = tolerance.wrong(found, expected)
    if not wrong.any():
        return None
    if np.ndim(expected) == 0:
        wanted, got = _two_numbers(expected, found)
        return [f"gives the wrong {name}.", f"  expected  {wanted}", f"  found     {got}"]
    worst = _worst(found, expected, wrong)
    wanted, got = _two_numbers(expected[worst], found[worst])
    return [
        f"gives wrong values for {name}.",
        f"  expected  {_kind(expected)}; at {list(worst)}: {wanted}",
        f"  found     {_kind(found)}; at {list(worst)}: {got}, {_how_many(wrong)}",
    ]


def _how_many(wrong):
    count = int(wrong.sum())
    return (
        f"the only wrong entry of {wrong.size}" if count == 1 else f"the worst of {count} wrong entries of {wrong.size}"
    )


def _same_type(found, expected):
    """Exactly the same floating type; of integers any will do."""
    if np.issubdtype(expected, np.integer):
        return found.kind in "iu"
    return found == expected


def _worst(found, expected, wrong):
    """The index of the wrong entry that is furthest off; one that is not finite counts as furthest."""
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(np.asarray(found, dtype=np.float64) - np.asarray(expected, dtype=np.float64))
    off = np.where(wrong, np.nan_to_num(off, nan=np.inf), -1.0)
    return tuple(int(i) for i in np.unravel_index(off.argmax(), off.shape))


# Which misconception gives exactly this answer


def _diagnosis(student, reference, args, found, expected, tolerance):
    """Lines that name the misconceptions which give what was found; empty where none is known to."""
    catalogue = _catalogue()
    if catalogue is None:
        return []
    candidates = []
    for misconception in catalogue.about(reference):
        theirs = _outcome(misconception.answer, args)
        if _difference(theirs, expected, [], tolerance) and _same_outcome(found, theirs, tolerance):
            candidates.append(misconception)
    return _named(_alike_on_probes(student, reference, candidates, catalogue), found)


def _named(misconceptions, found):
    """What to say of each misconception; those that differ in a number only count as one."""
    lines = []
    for each in {each.name: each for each in misconceptions}.values():
        # The same error can have more than one cause, the same numbers hardly.
        opening = "You get exactly this when" if found.error is None else "This happens when"
        lines += _wrapped(f"{opening} {each.why} ({each.name}).") + _wrapped(f"Ask yourself: {each.hint}")
    return lines


def _wrapped(sentence):
    """Lines that fit nbgrader's report, which cuts at 90 columns."""
    return textwrap.wrap(sentence, 80, break_long_words=False, break_on_hyphens=False)


def _alike_on_probes(student, reference, candidates, catalogue):
    """The candidates that the student's function agrees with everywhere, not only where it failed first."""
    alike = list(candidates)
    for probe in catalogue.probes(reference):
        if not alike:
            return []
        found, expected = _outcome(student, probe.args, seconds=1), _outcome(reference, probe.args)
        tolerance = _Tolerance.of(probe.args, probe.rtol)
        right = not _difference(found, expected, [], tolerance)
        outcomes = [_outcome(each.answer, probe.args) for each in alike]
        alike = [
            each
            for each, theirs in zip(alike, outcomes, strict=True)
            # Right in two ways, such as two words for one error, is the same here.
            if (right and not _difference(theirs, expected, [], tolerance)) or _same_outcome(found, theirs, tolerance)
        ]
    return alike


def _same_outcome(one, other, tolerance):
    """Whether two outcomes, right or wrong, cannot be told apart."""
    if one.error is not None or other.error is not None:
        if type(one.error) is not type(other.error):
            return False
        # An assertion says what its author likes; NumPy's errors say what went wrong.
        return isinstance(one.error, AssertionError) or str(one.error) == str(other.error)
    return one.changed == other.changed and _same_value(one.value, other.value, tolerance)


def _same_value(one, other, tolerance):
    if isinstance(other, np.ndarray | np.number | float):
        return _value_difference(one, other, "", tolerance) is None
    if type(one) is not type(other):
        return False
    if isinstance(other, tuple | list):
        return len(one) == len(other) and all(_same_value(*pair, tolerance) for pair in zip(one, other, strict=True))
    if isinstance(other, dict):
        return one.keys() == other.keys() and all(_same_value(one[key], other[key], tolerance) for key in other)
    return one == other


def _agrees(student, reference):
    """Whether a student's function does what the reference does on the probes of its catalogue."""
    catalogue = _catalogue()
    if catalogue is None:
        return True
    for probe in catalogue.probes(reference):
        found = _outcome(student, probe.args, seconds=3, drain=bool(probe.promise))
        if probe.promise:
            wrong = _broken_promise(probe.promise, found, probe.args)
        else:
            wrong = _difference(found, _outcome(reference, probe.args), [], _Tolerance.of(probe.args, probe.rtol))
        if wrong:
            return False
    return True


def _catalogue():
    """The catalogue of misconceptions, or None where it is withheld."""
    try:
        return import_module("shared.misconceptions")
    except ModuleNotFoundError:
        return None


# Words for the message


def _name(function):
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) else "the function"


def _parameters(function):
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _call(function):
    return f"{_name(function)}({', '.join(_parameters(function))})"


def _quantities(function):
    """The names in the Returns section of a numpydoc docstring."""
    section = re.search(r"^Returns\n-+\n((?:.+\n?)+)", inspect.getdoc(function) or "", re.MULTILINE)
    if not section:
        return []
    heads = re.findall(r"^([\w, ]+?) :", section.group(1), re.MULTILINE)
    return [name.strip() for head in heads for name in head.split(",")]


def _names_for(names, count):
    return names if len(names) == count else [f"result {i + 1}" for i in range(count)] if count > 1 else ["the result"]


def _describe_arguments(function, args):
    names = _parameters(function)
    names += [f"argument {i + 1}" for i in range(len(names), len(args))]
    return [f"  {name:<8}  {_describe(value)}" for name, value in zip(names, args, strict=False)]


def _what_came(found):
    """An outcome in one line, where an error was promised."""
    if found.error is not None:
        return f"it raised {_describe_error(found.error)}"
    if isinstance(found.value, BaseException):
        return f"it returned {found.value!r}; an error has to be raised, not returned"
    return f"it returned {_describe(found.value)}"


def _describe(value):
    """A value in one line: small things whole, arrays by type, shape and range."""
    try:
        return textwrap.shorten(_in_words(value), MOST_WIDTH, placeholder=" …")
    except Exception:  # a stranger's object may refuse to be looked at
        return _kind(value)


def _in_words(value):
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf" or value.size > 10_000_000:
            return _kind(value)
        if value.size <= 8:
            body = np.array2string(value, precision=6, separator=", ").replace("\n", "")
            return f"{_kind(value)} {body}"
        numbers = value[np.isfinite(value)]
        span = f", from {_number(numbers.min())} to {_number(numbers.max())}" if numbers.size else ""
        unusual = [f"{np.count_nonzero(value == -np.inf)} of −inf"] if (value == -np.inf).any() else []
        unusual += [f"{np.count_nonzero(value == np.inf)} of inf"] if (value == np.inf).any() else []
        unusual += [f"{np.count_nonzero(value != value)} of nan"] if (value != value).any() else []
        return f"{_kind(value)}{span}" + (f" ({', '.join(unusual)})" if unusual else "")
    if value is None:
        return "None"
    if callable(value):
        return _name(value)
    text = repr(value)
    return f"{_kind(value)} {text if len(text) <= 80 else text[:77] + '...'}"


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return type(value).__name__


def _number(value, digits=6):
    value = np.asarray(value)
    return f"{value:.{digits}g}" if np.issubdtype(value.dtype, np.inexact) else str(value)


def _two_numbers(one, other):
    """Two different numbers with as many digits as it takes to see the difference."""
    for digits in (6, 9, 17):
        if _number(one, digits) != _number(other, digits):
            break
    return _number(one, digits), _number(other, digits)


def _at(array, index):
    return f"entry {[int(i) for i in index]} is {_number(array[tuple(index)])}"


def _describe_error(error):
    """An error with the line of the student's own code that it came from."""
    try:
        text = textwrap.shorten(f"{type(error).__name__}: {error}", MOST_WIDTH, placeholder=" …")
    except Exception:  # its own __str__ may fail
        text = type(error).__name__
    frames = [
        frame
        for frame in _frames(error.__traceback__)
        if "ipykernel" in frame.f_code.co_filename or frame.f_code.co_filename.startswith("<")
    ]
    if frames:
        # The innermost line of the notebook; below it is NumPy's code, which is not to blame.
        traceback = [tb for tb in _tracebacks(error.__traceback__) if tb.tb_frame is frames[-1]][-1]
        code = linecache.getline(frames[-1].f_code.co_filename, traceback.tb_lineno).strip()
        text += f", from the line: {code}" if code else ""
    return text


def _tracebacks(traceback):
    while traceback:
        yield traceback
        traceback = traceback.tb_next


def _frames(traceback):
    return [each.tb_frame for each in _tracebacks(traceback)]


def _leaves(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, float) and math.isfinite(value):
        yield np.asarray(value)
