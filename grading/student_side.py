"""The student's side of the bridge: it calls the student's functions, and tells what came of it.

The grader never imports this module: `grading.bridge` sends its text, and that of `grading.values`, to the student's
kernel. There anybody can read it and change it, and nothing is lost by that, because all it says are claims. Whoever
lies about a value could as well have returned it, and whoever conceals that an argument was changed could as well have
worked on a copy.

A request is a message of a type of its own on the kernel's shell channel, so that it waits until no cell runs, meets
no input transformer and no display hook, and carries arrays as they are.
"""

import contextlib
import inspect
import itertools
import signal
from collections.abc import Iterator

import numpy as np
from IPython import get_ipython

from grading.values import Other, decode, encode, generator_state
from shared.outcomes import MOST_ITEMS, TimeLimitExceeded, has_lines, outcome_of
from shared.wording import describe, line_of

REQUEST = "digits_request"
MOST_TEXT = 2_000

_numbers = {}  # by name: a function, and a number that changes when the name means another one
_places = {}  # all names, as they were at a place of the notebook
_lent = {}  # by name: a function of the course


def listen():
    """From now on, answer requests."""
    kernel = get_ipython().kernel
    kernel.shell_handlers[REQUEST] = _answer
    dispatch = kernel.dispatch_shell
    if "concurrent" not in inspect.signature(dispatch).parameters:  # before ipykernel 7.4
        return

    async def dispatch_quietly(message, /, *args, **options):
        if len(message) > 1:  # else it is the kernel's own
            _, parts = kernel.session.feed_identities(message, copy=False)
            if REQUEST.encode() in parts[1].bytes:
                options["concurrent"] = True
        await dispatch(message, *args, **options)

    # Nobody waits to hear that the kernel is busy with a request, and idle again; there are hundreds.
    kernel.dispatch_shell = dispatch_quietly


def _answer(stream, ident, parent):
    with _interruptible():
        data = _reply(parent["buffers"][0])
    get_ipython().kernel.session.send(stream, "digits_reply", {}, parent, ident=ident, buffers=[data])


def _reply(data):
    try:
        request = decode(data, arguments=True)
        do = {"look": _look, "call": _call, "remember": _remember, "lend": _lend, "run": _run}[request.pop("do")]
        with _at(request.pop("place", None), request.pop("lent", ())):
            reply = do(**request)
        return encode(reply, instead=_other)
    except BaseException as error:  # also the interrupt of a grader whose patience has ended
        return encode({"error": _claim(error)}, instead=_other)


@contextlib.contextmanager
def _interruptible():
    """Have an interrupt stop what runs, as ipykernel does for a cell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _at(place, lent):
    """Have all names mean what they meant at a place of the notebook, and some what was lent.

    What is done to names then, such as counting calls in one, lasts: it is done at that place.
    """
    names = get_ipython().user_ns
    if place is None:
        yield
        return
    now, then = dict(names), _places[place]
    names.clear()
    names.update(then)
    names.update({name: _lent[name] for name in lent})
    try:
        yield
    finally:
        _places[place] = {name: each for name, each in names.items() if name not in lent}
        _places[place] |= {name: then[name] for name in lent if name in then}
        names.clear()
        names.update(now)


def _remember(name):
    """Keep what all names mean, as a place of this name."""
    _places[name] = dict(get_ipython().user_ns)
    return {}


def _lend(name, source):
    """Take a function of the course."""
    space = {}
    exec(compile(source, f"<the course's {name}>", "exec"), space)
    _lent[name] = space[name]
    return {}


def _run(source):
    """Run a cell; what comes of it, the names show."""
    get_ipython().run_cell(source, store_history=False, silent=True)
    return {}


def _look(functions, values):
    """What some names mean; those that mean nothing are left out."""
    names = get_ipython().user_ns
    return {
        "functions": {name: [_number(name), has_lines(names[name])] for name in functions if name in names},
        "values": {name: encode(names[name], instead=_other) for name in values if name in names},
    }


def _number(name):
    function = get_ipython().user_ns[name]
    known, number = _numbers.get(name, (None, 0))
    if known is not function:
        number += 1
        _numbers[name] = function, number
    return number


def _call(name, args, seconds):
    """Call a function, and tell all that can be seen of it from outside.

    Arguments that were changed, and the states of generators, go back, so that the caller's own can be changed alike.
    """
    function = get_ipython().user_ns[name]
    kept = {}

    def called(*copies):
        kept["args"] = copies
        value = function(*copies)
        if isinstance(value, BaseException):
            kept["returned"] = _claim(value)
            return None
        # Here, so that the time limit holds for iterators and for a __repr__ too.
        return encode(_looped(value), instead=_other)

    outcome = outcome_of(called, args, seconds)
    after = kept.get("args", args)
    reply = {
        "printed": _text(outcome.printed),
        "warnings": [_text(each) for each in outcome.warnings],
        "changed": {position: after[position] for position in outcome.changed},
        "generators": {
            position: generator_state(arg) for position, arg in enumerate(after) if type(arg) is np.random.Generator
        },
    }
    if outcome.error is not None:
        return reply | {"error": _claim(outcome.error)}
    if "returned" in kept:
        return reply | {"returned": kept["returned"]}
    return reply | {"value": outcome.value}


def _looped(value):
    """A value; for one that can only be looped over, such as a generator, what it gives."""
    is_array = isinstance(value, np.ndarray) and value.dtype != object
    if is_array or isinstance(value, str | bytes | tuple | list | dict):
        return value
    try:
        iterator = iter(value)
    except TypeError:
        return value
    other, error = _other(value), None
    items = []
    try:
        # A loop of our own: list() would not notice the time limit.
        items = [item for item in itertools.islice(iterator, MOST_ITEMS + 1)]
    except Exception as problem:
        error = problem
    if len(items) > MOST_ITEMS:
        items, error = [], TimeLimitExceeded(f"more than {MOST_ITEMS:,} values")
    return Other(other.kind, other.words, items, isinstance(value, Iterator), error and _claim(error))


def _other(value, why=""):
    """What stands in for a value that cannot be sent."""
    kind = type(value).__name__
    before, found, words = describe(value).partition(f"{kind} ")
    if type(value) is np.ndarray:
        words = f"of {before}{found}{words}" + (", too large to be sent" if "room" in why else "")
    elif not found:
        words = before
    return Other(_text(kind), _text(words))


def _claim(error):
    """What there is to say of an error; plain values."""
    claim = {"types": ["Exception"], "args": None, "text": "an error that says nothing", "line": ""}
    # Each on its own, and whatever comes of it: what is not caught here would end the kernel's loop.
    with contextlib.suppress(BaseException):
        claim["types"] = [_text(each.__name__) for each in type(error).__mro__]
        claim["text"] = claim["types"][0]
        claim["text"] = _text(error)
    with contextlib.suppress(BaseException):
        claim["line"] = _text(line_of(error))
    with contextlib.suppress(BaseException):
        encode(list(error.args), most=MOST_TEXT)
        claim["args"] = list(error.args)
    return claim


def _text(text):
    """As much of a text as is sent."""
    return str(text)[:MOST_TEXT].encode("utf-8", "replace").decode()
