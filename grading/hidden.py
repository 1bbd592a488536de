"""What a hidden test says when it fails: which function, in what way, and how to go on; nothing that it was tried on.

A check puts its input, and what was expected, into its message; and whatever a student's function says while it has a
hidden input before it, on the screen or in an error, may be that input. So the hidden part of a test cell runs inside
`Covered`, which lets none of that through: of a message it keeps the sentences that are known here to name no input,
of an error the type that Python or NumPy gave it, of the catalogue of misconceptions what stands in the catalogue.
"""

import ast
import contextlib
import functools
import inspect
import io
import re
import textwrap
import traceback

from IPython.core.error import InputRejected

from grading.bridge import StudentKernelLost
from shared import checks, misconceptions, promises, reference
from shared.outcomes import TimeLimitExceeded
from shared.wording import call_of

COVER = "__hidden_tests__"  # what the context manager is called among the names of a test cell
ADVICE = (
    "The tests that you can see in this cell pass; hidden ones use other inputs. "
    "Try inputs of your own: extremes, other shapes, other types."
)
_WIDTH = 80
_UNBROKEN = "\N{NO-BREAK SPACE}"

# Sentences of checks, behind the call they begin with. A quantity is named by the reference, an argument too.
_QUANTITY = r"(?:[\w ]|\['\w+'\]){1,60}"
_TELLING_NOTHING = re.compile(
    rf"gives wrong values for {_QUANTITY}\.|gives the wrong {_QUANTITY}\."
    rf"|gives {_QUANTITY} in the wrong (?:shape|type)\.|should give {_QUANTITY} as a (?:single number|NumPy array)\."
    r"|should return \d values: [\w, ]+\.|returned None: is there a return at its end\?"
    r"|gave (?:no result after [\d.]+ seconds?|more than [\d,]+ values); is there a loop that never ends\?"
    r"|changes what it returned before when it is called again\. Make new arrays in every call\."
)
# Sentences that go on with what the input or the student provides, and what is kept of them.
_TELLING_MUCH = {
    r"(should give [\w ]+ as a dict) with the keys .*": r"\1 with other keys.",
    r"(?:changes|adds .* to|takes .* out of) (\w+)(?:\[.*\])?, which the caller still needs\. Work on a copy\.": (
        r"changes \1, which the caller still needs. Work on a copy."
    ),
    r"(should refuse) this( with an? \w+)\.": r"\1 an input\2.",
    r"(returned something else than promised): .*": r"\1.",
}
# What a promise may name: an array, or a type of Python's or NumPy's own.
_NAMED = re.compile(
    r"(?:a value of type )?(?:[A-Za-z]b?\d?|[A-Za-z]_(?:train|val)|float\d\d|u?int\d\d?|bool|int|float|str|bytes|tuple"
    r"|list|dict|set|ndarray|NoneType|function|generator)"
)
_LEAST_OF_A_PROMISE = 15  # characters that tell its sentence from others
_WAITING = re.compile(
    r"(\w+) is still waiting for your answer(?:; once it is there, delete `raise NotImplementedError\(\)`)?"
)


def lines(source, all_of_them=False):
    """The numbers, from 1, of the lines in the hidden regions of a cell, markers included; or of all its lines.

    Examples
    --------
    >>> sorted(lines("a\\n### BEGIN HIDDEN TESTS\\nb\\n### END HIDDEN TESTS\\nc"))
    [2, 3, 4]
    """
    hidden, inside = set(), all_of_them
    for number, line in enumerate(source.splitlines(), start=1):
        inside = inside or "BEGIN HIDDEN TESTS" in line
        if inside:
            hidden.add(number)
        inside = all_of_them or (inside and "END HIDDEN TESTS" not in line)
    return hidden


@functools.lru_cache(maxsize=1000)
def lines_before(source):
    """The numbers of the lines before the hidden regions of a cell, if no line comes after them that does something.

    Examples
    --------
    >>> sorted(lines_before("a\\n### BEGIN HIDDEN TESTS\\nb\\n### END HIDDEN TESTS\\n# Well done."))
    [1]
    >>> lines_before("a\\n### BEGIN HIDDEN TESTS\\nb\\n### END HIDDEN TESTS\\nc")
    frozenset()
    """
    hidden = lines(source)
    first = min(hidden, default=1)
    statements = {each.lineno for each in ast.walk(ast.parse(source)) if isinstance(each, ast.stmt)}
    return frozenset() if statements - hidden - set(range(1, first)) else frozenset(range(1, first))


class Cover(ast.NodeTransformer):
    """For IPython's ``ast_transformers``: puts the hidden part of the next cell into a ``with`` statement.

    Attributes
    ----------
    lines : set of int
        Those that are hidden, see `lines`; of one cell only, so that they are set anew before each.
    left_out : set of int
        Those that are not to run; of one cell only, too.
    """

    def __init__(self):
        self.lines, self.left_out = set(), set()

    def visit_Module(self, module):
        hidden, left_out, self.lines, self.left_out = self.lines, self.left_out, set(), set()
        try:
            body = [node for node in module.body if not left_out.issuperset(_lines_of(node))]
            module.body = _covered(body, hidden)
        except Exception as error:  # IPython would take the transformer away and go on without
            raise InputRejected(f"the hidden tests cannot be covered: {type(error).__name__}") from None
        return module


def _covered(body, hidden):
    """Statements, of which those that touch hidden lines stand in a ``with``, neighbours together."""
    covered = []
    for node in body:
        if not hidden.intersection(_lines_of(node)):
            covered.append(node)
        elif covered and _is_cover(covered[-1]):
            covered[-1].body.append(node)
        else:
            name = ast.withitem(ast.Name(COVER, ast.Load()))
            cover = ast.copy_location(ast.With([name], [node]), node)
            covered.append(ast.fix_missing_locations(cover))
    return covered


def _lines_of(node):
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return range(first, node.end_lineno + 1)


def _is_cover(node):
    return isinstance(node, ast.With) and getattr(node.items[0].context_expr, "id", None) == COVER


class Covered:
    """The context in which the hidden part of a test cell runs: what it prints is dropped, its errors say little.

    Parameters
    ----------
    source : str
        Of the cell.
    names : iterable of str
        What the student is to define.
    """

    def __init__(self, source, names):
        self._source, self._names = source, frozenset(names)

    def __enter__(self):
        self._silence = contextlib.ExitStack()
        self._silence.enter_context(contextlib.redirect_stdout(io.StringIO()))
        self._silence.enter_context(contextlib.redirect_stderr(io.StringIO()))

    def __exit__(self, kind, error, trace):
        self._silence.close()
        if error is None or isinstance(error, KeyboardInterrupt | SystemExit):
            return
        line = traceback.extract_tb(trace)[0].lineno
        told = told_of(error, self._subject(line))
        shown = [f"\x1b[0;31m{type(told).__name__}\x1b[0m: {told}"]
        told._render_traceback_ = lambda: shown
        raise told from None

    def _subject(self, line):
        """What a line of the cell is about: names of the student's that its smallest statement uses, as text."""
        around = [
            node
            for node in ast.walk(ast.parse(self._source))
            if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno
        ]
        for node in sorted(around, key=lambda node: node.end_lineno - node.lineno):
            used = dict.fromkeys(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
            if found := [name for name in used if name in self._names]:
                return " or ".join(found)
        return "your answer"


def told_of(error, subject):
    """What a student is told of an error in a hidden test.

    Parameters
    ----------
    error : BaseException
        As it left the test.
    subject : str
        What the test is about, in case the error does not say.

    Returns
    -------
    told : AssertionError or NotImplementedError
        Its text may be shown to anybody.

    Examples
    --------
    >>> import numpy as np
    >>> from shared.reference.softmax import softmax
    >>> try:
    ...     checks.matches(lambda Z: Z, softmax, np.zeros((2, 3)))
    ... except AssertionError as error:
    ...     print(str(told_of(error, "softmax")).splitlines()[0])
    A hidden test fails: softmax(Z) gives wrong values for P.
    """
    ours = _is_ours(error)
    waiting = _WAITING.fullmatch(str(error)) if ours and isinstance(error, NotImplementedError) else None
    if waiting and (waiting[1] == subject or reference.find(waiting[1])):
        return NotImplementedError(str(error))
    function, sentence = _sentence(error, subject) if ours else (None, _raised(error, subject))
    said = [f"A hidden test fails: {sentence}"]
    if function is not None:
        said += _known_mistakes(function, " ".join(str(error).split()))
    said.append(ADVICE)
    return AssertionError("\n".join(line for each in said for line in _wrapped(each)))


def _wrapped(sentence):
    """Lines that fit nbgrader's report; the name of a mistake, which stands in brackets at the end, is not broken."""
    sentence = re.sub(r"\([^()]*\)\.$", lambda name: name[0].replace(" ", _UNBROKEN), sentence)
    lines = textwrap.wrap(sentence, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_UNBROKEN, " ") for line in lines]


def _is_ours(error):
    """Whether one of our checks wrote an error's text: a student's that comes through was raised further inside."""
    trace = traceback.extract_tb(error.__traceback__)
    return bool(trace) and trace[-1].filename == checks.__file__


def _sentence(error, subject):
    """The reference that a check compared with, or None, and a sentence that names no input."""
    first = str(error).partition("\n")[0]
    name = re.match(r"(\w+)\(", first)
    function = name and reference.find(name[1])
    call = function and call_of(function)
    if not function or not first.startswith(f"{call} "):
        return None, f"{subject} is not what it should be."
    said = first.removeprefix(f"{call} ")
    if _TELLING_NOTHING.fullmatch(said):
        return function, f"{call} {said}"
    if promise := _promise(said):
        return function, f"{call} {promise}"
    for pattern, kept in _TELLING_MUCH.items():
        if found := re.fullmatch(pattern, said):
            more = f" It raises {_kind(error.__cause__)}." if "refuse" in kept and error.__cause__ is not None else ""
            return function, f"{call} {found.expand(kept)}{more}"
    if isinstance(error.__cause__, BaseException):
        return function, _raised(error.__cause__, call)
    return function, f"{call} does not keep what its docstring promises."


def _raised(error, subject):
    if isinstance(error, StudentKernelLost):
        return f"the kernel stopped in, or before, a call of {subject}."
    if isinstance(error, TimeLimitExceeded):
        return f"{subject} takes too long; is there a loop that never ends?"
    return f"{subject} raises {_kind(error)}."


def _kind(error):
    """The type of an error, or what it derives from, that Python or NumPy defines: a name of its own may say more."""
    for kind in type(error).__mro__:
        public = kind.__module__.partition(".")[0] in ("builtins", "numpy")
        if public and kind not in (Exception, BaseException, object):
            return f"a{'n' if kind.__name__[0] in 'AEIOU' else ''} {kind.__name__}"
    return "an error"


def _promise(said):
    """The sentence of a promise, with dots for what it takes from the input or from what came; None for any other."""
    for pattern, pieces in _promises():
        if found := pattern.fullmatch(said):
            values = iter(found.groups())
            kept = (value if _NAMED.fullmatch(value) else "…" for value in values)
            return "".join(next(kept) if piece is None else piece for piece in pieces)
    return None


@functools.cache
def _promises():
    """The sentences that the source of `shared.promises` holds: patterns, and pieces that are None where a value goes.

    The ones with most words of their own come first.
    """
    sentences = {}
    for node in ast.walk(ast.parse(inspect.getsource(promises))):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        if all(isinstance(part, ast.FormattedValue) or _is_text(part) for part in parts):
            pieces = tuple(part.value if _is_text(part) else None for part in parts)
            words = sum(len(piece) for piece in pieces if piece)
            if words >= _LEAST_OF_A_PROMISE:
                pattern = "".join("(.*?)" if piece is None else re.escape(piece) for piece in pieces)
                sentences[re.compile(pattern, re.DOTALL)] = words, pieces
    ordered = sorted(sentences.items(), key=lambda item: -item[1][0])
    return [(pattern, pieces) for pattern, (_, pieces) in ordered]


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _known_mistakes(function, text):
    """The sentences of the catalogue that a check has put into its text, which is given in one line."""
    said = []
    for name, why, hint in dict.fromkeys((each.name, each.why, each.hint) for each in misconceptions.about(function)):
        for opening in ("You get exactly this when", "This happens when", "Or when"):
            sentence = " ".join(f"{opening} {why} ({name}).".split())
            if sentence in text:
                said.append((text.index(sentence), sentence, f"Ask yourself: {hint}"))
    return [sentence for _, *sentences in sorted(said) for sentence in sentences]
