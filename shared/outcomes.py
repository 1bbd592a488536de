"""One call of a function and what came of it, and how two outcomes differ.

An outcome is all that can be seen of a call from outside: a value or an error, which arguments it changed, and its
warnings. Nothing here knows whether a function is a student's.
"""

import ast
import contextlib
import copy
import inspect
import io
import itertools
import math
import signal
import textwrap
import threading
import warnings
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from shared.wording import argument_names, describe, describe_error, kind, quantities, two_numbers, what_came

# Room for another order of summation, not for another formula.
RELATIVE_TOLERANCE = {np.dtype(np.float16): 1e-2, np.dtype(np.float32): 1e-4, np.dtype(np.float64): 1e-10}
SECONDS = 5
MOST_ITEMS, MOST_OUTPUT, MOST_WARNINGS = 100_000, 2_000, 3
PATIENCE = 5  # how many times as long a function gets that does not seem to be endless
_endless, _returned = weakref.WeakSet(), weakref.WeakSet()  # functions that ran out of time before they ever came back


class TimeLimitExceeded(BaseException):
    """A call took longer than it may. Not an Exception, so that ``except Exception`` does not swallow it."""


@dataclass
class Outcome:
    value: object = None
    error: BaseException | None = None
    changed: list = field(default_factory=list)  # positions of the arguments that the call changed
    keys: list = field(default_factory=list)  # for each of them, if it is a dict, its keys `added`, `lost`, `other`
    warnings: list = field(default_factory=list)
    printed: str = ""


def outcome_of(function, args, seconds=SECONDS, drain=False):
    """Call a function with copies of the arguments and keep all that can be seen from outside.

    With `drain`, an iterator it returns is replaced by the list of what it yields.

    A function that ran out of time before it ever came back gets less of it, until it does come back: else an endless
    loop costs the full time at every test cell. One that is only slow on much has come back from little before. Nothing
    is concluded without a call, as the loop may be in another function that this one calls, and that one mended.

    What stands in for a function in another process limits the time itself, as no signal of this process reaches that
    one: it has an attribute `time_limit`, which makes a context manager of a number of seconds.
    """
    seconds = seconds / PATIENCE if _seems_endless(function) else seconds
    copies = copy.deepcopy(args)
    outcome = Outcome()
    printed = _Printed()
    with (
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all="warn", under="ignore"),
        contextlib.redirect_stdout(printed),
    ):
        warnings.simplefilter("always")
        try:
            with getattr(_itself(function), "time_limit", _time_limit)(seconds):
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
    _note(function, late=isinstance(outcome.error, TimeLimitExceeded))
    outcome.printed = printed.getvalue()
    outcome.warnings = sorted({str(warning.message) for warning in caught})[:MOST_WARNINGS]
    outcome.changed = [
        position
        for position, (before, after) in enumerate(zip(args, copies, strict=True))
        if isinstance(before, np.ndarray | list | dict) and not _identical(before, after)
    ]
    outcome.keys = [_changed_keys(args[position], copies[position]) for position in outcome.changed]
    return outcome


def _seems_endless(function):
    with contextlib.suppress(Exception):  # of what can be called, not all can be put into a set
        return _itself(function) in _endless
    return False


def _note(function, late):
    with contextlib.suppress(Exception):
        itself = _itself(function)
        if not late:
            _returned.add(itself)
            _endless.discard(itself)
        elif itself not in _returned:
            _endless.add(itself)


def _itself(function):
    """The function that all calls for a promise go to; see `shared.promises.calls`."""
    return getattr(function, "__wrapped__", function)


def has_lines(function):
    """Whether more stands in a function than a docstring and one statement, as far as its source can be seen.

    What stands in for a function in another process tells it by an attribute of this name.
    """
    told = getattr(function, "has_lines", None)
    if told is not None:
        return bool(told)
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        return len(definition.body) - bool(ast.get_docstring(definition)) > 1
    except (OSError, TypeError, ValueError, SyntaxError, AttributeError):
        return False


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
        raise TimeLimitExceeded(f"no result after {seconds:g} second{'s' * (seconds != 1)}")

    previous = signal.signal(signal.SIGALRM, stop)
    # It strikes again every tenth of a second, in case the first is caught by a bare ``except``.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _identical(before, after):
    """Whether arrays, lists and dicts hold the same to the last bit; anything may have taken the place of a number."""
    try:
        if isinstance(before, dict):
            return before.keys() == after.keys() and all(_identical(before[key], after[key]) for key in before)
        if isinstance(before, list):
            return len(before) == len(after) and all(map(_identical, before, after))
        before, after = np.asarray(before), np.asarray(after)
        return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()
    except Exception:
        return False


def unaltered(before, after):
    """Whether what a call returned is still what it was, to the last bit.

    Examples
    --------
    >>> unaltered((np.zeros(1), {"W": np.ones(2)}), (np.zeros(1), {"W": np.zeros(2)}))
    False
    """
    before, after = (list(each) if isinstance(each, tuple) else each for each in (before, after))
    return _identical(before, after)


def _changed_keys(before, after):
    """Which keys of a dict a call added, lost and gave other values: three lists of their names, for a message."""
    if not isinstance(before, dict):
        return None
    added = [key for key in after if key not in before]
    lost = [key for key in before if key not in after]
    other = [key for key in before if key in after and not _identical(before[key], after[key])]
    return [[repr(key) for key in keys] for keys in (added, lost, other)]


@dataclass
class Tolerance:
    rtol: float
    atol: float | None

    @classmethod
    def of(cls, values, rtol=None, atol=None):
        """What the least precise floating value involved allows, unless the test says otherwise."""
        floating = [leaf.dtype for leaf in _leaves(values) if leaf.dtype in RELATIVE_TOLERANCE]
        default = max((RELATIVE_TOLERANCE[kind] for kind in floating), default=1e-10)
        return cls(default if rtol is None else rtol, atol)

    def wrong(self, found, expected):
        """Which entries differ by more than the tolerance: a boolean array."""
        found, expected = np.asarray(found), np.asarray(expected)
        if not np.issubdtype(expected.dtype, np.inexact):
            return found != expected
        if found.dtype == expected.dtype and np.array_equal(found, expected):  # the common case, and quick for millions
            return np.zeros(expected.shape, dtype=bool)
        found, expected = found.astype(np.float64), expected.astype(np.float64)
        finite = np.isfinite(expected)
        atol = self.atol
        if atol is None:
            atol = self.rtol * min(1.0, np.abs(expected[finite]).max(initial=0.0))
        with np.errstate(invalid="ignore", over="ignore"):
            close = np.abs(found - expected) <= self.rtol * np.abs(expected) + atol
        same = (found == expected) | (np.isnan(found) & np.isnan(expected))
        return ~np.where(finite, close, same)


def difference(found, expected, reference, tolerance):
    """How an outcome differs from what the reference gives.

    Where values are wrong and an argument is changed too, the last line says so: the one may come of the other.

    Parameters
    ----------
    found, expected : Outcome
    reference : callable
        Names what is compared.
    tolerance : Tolerance

    Returns
    -------
    lines : list of str, or None
        None where they are the same, else a sentence, then what was expected and what was found.
    """
    if expected.error is not None:
        if isinstance(found.error, type(expected.error)):
            return None
        kind = type(expected.error).__name__
        return [
            f"should refuse this with a {kind}.",
            f"  expected  {kind}: {expected.error}",
            f"  found     {what_came(found)}",
        ]
    if isinstance(found.error, TimeLimitExceeded):
        return [f"gave {found.error}; is there a loop that never ends?"]
    if found.error is not None:
        return [f"raised an error: {describe_error(found.error)}"]

    value = expected.value
    if isinstance(value, tuple):
        pairs, got = list(zip(quantities(reference, len(value)), value, strict=True)), found.value
        if not isinstance(found.value, tuple | list) or len(found.value) != len(value):
            return [
                f"should return {len(value)} values: {', '.join(name for name, _ in pairs)}.",
                f"  found     {describe(found.value)}",
            ]
    else:
        pairs, got = [(quantities(reference, 1)[0], value)], [found.value]
    changed = [changes(found, reference)] if found.changed != expected.changed else []
    for (name, wanted), each in zip(pairs, got, strict=True):
        if lines := value_difference(each, wanted, name, tolerance):
            return lines + [f"It also {sentence}" for sentence in changed]
    return changed or None


def changes(outcome, reference):
    """The sentence for an argument that a call changed."""
    name = argument_names(reference, outcome.changed[0] + 1)[-1]
    added, lost, other = outcome.keys[0] or ([], [], [])
    if added:
        what = f"adds {', '.join(added)} to {name}"
    elif lost:
        what = f"takes {', '.join(lost)} out of {name}"
    elif len(other) == 1:
        what = f"changes {name}[{other[0]}]"
    else:
        what = f"changes {name}"
    return f"{what}, which the caller still needs. Work on a copy."


def broken_promise(promise, outcome, reference, args):
    """None where an outcome keeps a promise, else the sentence that says what is wrong."""
    if isinstance(outcome.error, TimeLimitExceeded):
        return f"gave {outcome.error}; is there a loop that never ends?"
    if outcome.error is not None:
        return f"raised an error: {describe_error(outcome.error)}"
    if outcome.changed:
        return changes(outcome, reference)
    try:
        return promise(outcome.value, *copy.deepcopy(args))
    except Exception:
        return f"returned something else than promised: {describe(outcome.value)}"


def value_difference(found, expected, name, tolerance):
    if isinstance(expected, dict):
        entries = _entries(found)
        if entries is None or set(entries) != set(expected):
            keys = ", ".join(map(repr, expected))
            return [f"should give {name} as a dict with the keys {keys}.", f"  found     {describe(found)}"]
        for key, wanted in expected.items():
            if lines := value_difference(entries[key], wanted, f"{name}[{key!r}]", tolerance):
                return lines
        return None

    both = [f"  expected  {kind(expected)}", f"  found     {describe(found)}"]
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
        wanted, got = two_numbers(expected, found)
        return [f"gives the wrong {name}.", f"  expected  {wanted}", f"  found     {got}"]
    worst = _worst(found, expected, wrong)
    wanted, got = two_numbers(expected[worst], found[worst])
    return [
        f"gives wrong values for {name}.",
        f"  expected  {kind(expected)}; at {list(worst)}: {wanted}",
        f"  found     {kind(found)}; at {list(worst)}: {got}, {_how_many(wrong)}",
    ]


def _entries(value):
    """What a dict gives for its keys; None for what is no dict, or one of a kind that does not let itself be read."""
    try:
        return {key: value[key] for key in value} if isinstance(value, dict) else None
    except Exception:
        return None


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


def same_outcome(one, other, tolerance):
    """Whether two outcomes, right or wrong, cannot be told apart."""
    if one.error is not None or other.error is not None:
        # By name: some of NumPy's types are not public, so that they cannot come from another process as they are.
        if type(one.error).__name__ != type(other.error).__name__:
            return False
        # An assertion says what its author likes; NumPy's errors say what went wrong.
        return isinstance(one.error, AssertionError) or str(one.error) == str(other.error)
    changed_alike = one.changed == other.changed and one.keys == other.keys
    return changed_alike and _same_value(one.value, other.value, tolerance)


def _same_value(one, other, tolerance):
    if isinstance(other, np.ndarray | np.number | float):
        return value_difference(one, other, "", tolerance) is None
    if type(one) is not type(other):
        return False
    if isinstance(other, tuple | list):
        return len(one) == len(other) and all(_same_value(*pair, tolerance) for pair in zip(one, other, strict=True))
    if isinstance(other, dict):
        one = _entries(one) or {}
        return one.keys() == other.keys() and all(_same_value(one[key], other[key], tolerance) for key in other)
    return one == other


def weight(value):
    """How many bytes the numbers in a value take, or in that of an outcome.

    Examples
    --------
    >>> weight({"W": np.zeros((3, 2)), "b": np.zeros(2)})
    64
    """
    return sum(leaf.nbytes for leaf in _leaves(value.value if isinstance(value, Outcome) else value))


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
