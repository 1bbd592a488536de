"""What the outputs of a test cell say: whether it passed, and which known mistake it names.

The sentences are those of `shared.checks`; they are looked for in the catalogue's own words, so that a word a student
prints is not taken for a diagnosis easily.
"""

import re
from dataclasses import dataclass

from shared import misconceptions, reference

PASSED, OPEN, WRONG, BROKEN, STOPPED = "passed", "open", "wrong", "broken", "stopped"
STOPPED_BY = {"KernelStopped", "DeadKernelError", "CellTimeoutError", "StudentKernelLost"}
VISIBLE_PASSED = re.compile(r": visible tests passed$", re.MULTILINE)
SEVERAL = (" Or when ", "Other mistakes look the same here: ")
ENDLESS = "is there a loop that never ends?"
OPENING = re.compile(r"(?:A hidden test fails: )?(\w+)\(")  # the call that a message is about
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Known:
    """A mistake of the catalogue, as its sentences are found in outputs.

    Attributes
    ----------
    function : str
        The function that it is a mistake about.
    name, why, hint : str
        See `shared.misconceptions.Misconception`.
    """

    function: str
    name: str
    why: str
    hint: str


@dataclass(frozen=True)
class Verdict:
    """What a test cell said.

    Attributes
    ----------
    kind : str
        "passed"; "open", no answer yet; "wrong"; "broken", the answer does not run to its end; or
        "stopped", the kernel.
    visible : bool
        Whether the tests that the student sees passed.
    mistakes : tuple of Known
        The known mistakes that it explains.
    sure : bool
        Whether it names one mistake only.
    """

    kind: str
    visible: bool = False
    mistakes: tuple = ()
    sure: bool = False


def known_mistakes(functions):
    """The catalogue's entries about functions, given by their names; a tuple of Known."""
    return tuple(
        Known(name, each.name, each.why, each.hint)
        for name in functions
        if reference.find(name)
        for each in misconceptions.about(reference.find(name))
    )


def verdict(outputs, known=()):
    """What the outputs of a test cell say.

    Parameters
    ----------
    outputs : list of dict
        As a notebook file keeps them.
    known : sequence of Known
        What can be recognised.

    Returns
    -------
    verdict : Verdict

    Examples
    --------
    >>> verdict([]).kind
    'passed'
    >>> waiting = "softmax is still waiting for your answer"
    >>> verdict([{"output_type": "error", "ename": "NotImplementedError", "evalue": waiting}]).kind
    'open'
    """
    printed = "".join(_text(each.get("text")) for each in outputs if each.get("output_type") == "stream")
    visible = bool(VISIBLE_PASSED.search(printed))
    errors = [each for each in outputs if each.get("output_type") == "error"]
    if not errors:
        return Verdict(PASSED, visible=True)
    names = [str(each.get("ename")) for each in errors]
    if STOPPED_BY & set(names):
        return Verdict(STOPPED, visible)
    if "NotImplementedError" in names:
        return Verdict(OPEN)
    if "AssertionError" not in names:
        return Verdict(BROKEN, visible)
    said = " ".join(_said(each) for each in errors if each.get("ename") == "AssertionError")
    found = mistakes_in(said, known)
    if not found and ENDLESS in said:
        return Verdict(BROKEN, visible)
    return Verdict(WRONG, visible, found, sure=len(found) == 1 and not any(words in said for words in SEVERAL))


def mistakes_in(said, known):
    """The known mistakes that a message explains, in the order of the catalogue.

    Where functions share a mistake word by word, it is the one's that the message opens with. Mistakes of one function
    that differ in a number only share a name, and count as the first that is found.
    """
    found = [each for each in known if f"{_flat(each.why)} ({each.name})." in said]
    opening = OPENING.match(said)
    if opening and any(each.function == opening[1] for each in found):
        found = [each for each in found if each.function == opening[1]]
    return tuple({each.name: each for each in reversed(found)}.values())[::-1]


def _said(error):
    """The message of an error, in one line."""
    text = error.get("evalue") or "\n".join(map(str, error.get("traceback") or ()))
    return _flat(ESCAPES.sub("", str(text)))


def _flat(text):
    return " ".join(text.split())


def _text(value):
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")
