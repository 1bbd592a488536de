"""Known wrong answers: each with its name, why it is wrong, and a question that leads on.

The catalogue does double duty. A failing check looks here for the mistake that gives exactly the student's answer,
and the test suite feeds every entry to the notebooks' test cells, which must reject it and say its name.

One module a notebook, named as in `shared.reference`. Each states, for every graded function of its notebook, the
probes (arguments on which every mistake shows) and the mistakes.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that somebody might believe in.

    Attributes
    ----------
    name : str
        Short, unique for its function: "no shift". Answers that differ in a number only share one.
    why : str
        Ends the sentence "You get exactly this when …".
    hint : str
        A question whose answer leads to the mistake, not the correction itself.
    answer : callable
        The wrong function. It stands alone (NumPy and its arguments), so that its source is a submission.
    """

    name: str
    why: str
    hint: str
    answer: Callable


@dataclass(frozen=True)
class Probe:
    """Arguments on which to look at an answer.

    Attributes
    ----------
    args : tuple
    rtol : float, optional
        How closely to compare it with the reference; by default as its types allow.
    atol : float, optional
        Absolute tolerance, where the relative one is not enough.
    promise : callable, optional
        What its result must keep, instead of a comparison; see `shared.checks.holds`.
    costly : bool
        Whether it is for telling right answers from wrong ones only, not for telling wrong ones apart.
    """

    args: tuple
    rtol: float | None = None
    atol: float | None = None
    promise: Callable | None = None
    costly: bool = False


_misconceptions = defaultdict(list)
_probes = defaultdict(list)


def about(reference):
    """The misconceptions about a reference function, a tuple of `Misconception`.

    Examples
    --------
    >>> from shared.reference.softmax import softmax
    >>> about(softmax)[0].name
    'no shift'
    """
    _load(reference)
    return tuple(_misconceptions[_key(reference)])


def probes(reference):
    """Where to compare an answer with a reference function so that every misconception shows: a tuple of `Probe`."""
    _load(reference)
    return tuple(_probes[_key(reference)])


def misconception(reference, name, why, hint):
    """Decorate a wrong answer to enter it into the catalogue."""

    def enter(answer):
        _misconceptions[_key(reference)].append(Misconception(name, why, hint, answer))
        return answer

    return enter


def probe(reference, *args, rtol=None, atol=None, promise=None, costly=False):
    """Enter arguments on which to look at answers; see `Probe`."""
    _probes[_key(reference)].append(Probe(args, rtol, atol, promise, costly))


def _key(reference):
    return reference.__module__, reference.__name__


def _load(reference):
    """Import the catalogue's module for the notebook that a reference function belongs to, where there is one."""
    module = f"{__name__}.{reference.__module__.rpartition('.')[2]}"
    if find_spec(module):
        import_module(module)
