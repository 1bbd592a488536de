"""The bridge from the examiner to the student's kernel: what crosses it are plain values and claims.

A `Student` is the examiner's end. It calls a function of the student by its name, with copies of the arguments, and
gives back what came of it by value: the result or the error, what was printed and warned of, what the call did to its
arguments. The other end, `grading.student_side`, is in the student's hands, so nothing that comes from there is taken
for more than data: how much may come, and how long it may take, is decided here.
"""

import builtins
import contextlib
import functools
import json
import time
import unicodedata
import warnings
from pathlib import Path

import numpy as np
import zmq
from jupyter_client.session import DELIM, Session
from zmq.utils.monitor import recv_monitor_message

from grading.values import MOST_BYTES, MOST_HEADER, advance, decode, encode
from shared.outcomes import MOST_OUTPUT, MOST_WARNINGS, SECONDS, TimeLimitExceeded

GRACE = 2  # seconds, beyond the limit that the student's side keeps by itself; then it is interrupted
SLOWEST = 10_000_000  # bytes a second, on their way there and back
START = 60  # seconds to wait for the first answer: cells may be running
MOST_MESSAGE = MOST_BYTES + MOST_HEADER + (1 << 20)
MOST_JSON = 100_000  # bytes of what surrounds the buffers of a message; ours takes a few hundred
MOST_WAITING = 4  # messages that ZeroMQ may keep for us
MOST_TEXT = 2_000
LOST = "the kernel that runs this notebook is lost"
ENDED = "it has ended, or sent far more than it may"
SILENT = "it does not answer, not even when it is interrupted"
SENT = ("values", "student_side")  # modules whose text makes the student's side, in this order

# A type of error can only be made by its name if it stands here. Not what is no Exception: it would stop the examiner.
_ERRORS = {
    each.__name__: each
    for each in (*vars(builtins).values(), np.exceptions.AxisError, np.linalg.LinAlgError)
    if isinstance(each, type) and issubclass(each, Exception)
} | {"TimeLimitExceeded": TimeLimitExceeded}


class StudentKernelLost(Exception):
    """The student's kernel does not answer any more."""


class Unreadable(Exception):
    """What came back is not what the bridge sends."""


class Student:
    """The examiner's end of the bridge to one kernel.

    Parameters
    ----------
    connection_file : str or Path
        Of a kernel that runs. Best before any cell of the student ran in it: then an innocent slip, such as a name
        that hides a module, comes too late to disturb.

    Raises
    ------
    StudentKernelLost
        If the kernel does not answer, or cannot make the student's side.
    """

    def __init__(self, connection_file, start=START):
        self.lost = None  # or the sentence that says why
        self._info = json.loads(Path(connection_file).read_text())
        self._session = Session(key=self._info["key"].encode(), signature_scheme=self._info["signature_scheme"])
        self._shell, self._control = self._connected("shell_port"), self._connected("control_port")
        self._events = self._shell.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._limit, self._left = SECONDS, None  # what all calls of a `time_limit` together have left
        self._functions = {}
        self._where, self._known = {}, set()
        content = {"code": _installation(), "silent": True, "store_history": False, "allow_stdin": False}
        try:
            reply, _ = self._exchange("execute_request", content, [], "execute_reply", start)
            if reply.get("status") != "ok":
                self._lose("it cannot be asked")  # and not a word of what it says itself
        except BaseException:
            self.close()
            raise

    def _connected(self, port):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        # All before it connects: what counts is what is set by then.
        socket.linger, socket.sndtimeo = 0, int(1000 * GRACE)
        socket.maxmsgsize, socket.rcvhwm = MOST_MESSAGE, MOST_WAITING
        separator = ":" if self._info["transport"] == "tcp" else "-"
        socket.connect(f"{self._info['transport']}://{self._info['ip']}{separator}{self._info[port]}")
        return socket

    def close(self):
        """Leave the kernel alone."""
        if not self._shell.closed:
            self._shell.disable_monitor()
            self._events.close()
            self._shell.close()
            self._control.close()
        self.lost = self.lost or "the bridge to the kernel is closed"

    # What can be asked

    def remember(self, place):
        """Let the student's side keep what all names mean now.

        Parameters
        ----------
        place : str
            A name for it, see `at`.

        Raises
        ------
        TimeLimitExceeded, StudentKernelLost, Unreadable
        """
        self._ask({"do": "remember", "name": place}, SECONDS)

    def at(self, place, lent=()):
        """From now on, names mean what they meant at a place of the notebook.

        Parameters
        ----------
        place : str or None
            Where `remember` was called; None is wherever the notebook has come to.
        lent : iterable of (str, str)
            Functions of the course, name and source, that stand in for the student's there.

        Raises
        ------
        TimeLimitExceeded, StudentKernelLost, Unreadable
        """
        lent = dict(lent)
        for name in lent.keys() - self._known:
            self._ask({"do": "lend", "name": name, "source": lent[name]}, SECONDS)
            self._known.add(name)
        self._where = {} if place is None else {"place": place, "lent": list(lent)}

    def run(self, source, seconds):
        """Run a cell of the student once more, see `at`.

        Parameters
        ----------
        source : str
        seconds : float
            After which it is interrupted.

        Raises
        ------
        TimeLimitExceeded, StudentKernelLost, Unreadable
        """
        self._ask({"do": "run", "source": source} | self._where, seconds)

    def look(self, functions, value_names):
        """What some names mean in the student's notebook.

        Parameters
        ----------
        functions, value_names : iterable of str

        Returns
        -------
        names : dict
            For each name that means something: what calls the function, or the value.

        Raises
        ------
        TimeLimitExceeded, StudentKernelLost, Unreadable
        """
        request = {"do": "look", "functions": list(functions), "values": list(value_names)}
        reply = self._ask(request | self._where, SECONDS)
        names = {}
        for name, told in _entry(reply, "functions", dict).items():
            if name not in functions or type(told) is not list or list(map(type, told)) != [int, bool]:
                raise Unreadable("the notebook's kernel did not tell which functions there are")
            number, has_lines = told
            # The same object while the name means the same, because that is how a function's time limit is kept.
            if self._functions.get(name, (None,))[0] != number:
                self._functions[name] = number, RemoteFunction(self, name, has_lines)
            names[name] = self._functions[name][1]
        for name, data in _entry(reply, "values", dict).items():
            if name not in value_names:
                raise Unreadable("the notebook's kernel told a value that it was not asked for")
            names[name] = _read(data)
        return names

    @contextlib.contextmanager
    def time_limit(self, seconds):
        """Within it, all calls together may take so long; see `shared.outcomes.outcome_of`."""
        before = self._limit, self._left
        self._limit = self._left = seconds
        try:
            yield
        finally:
            self._limit, self._left = before

    def call(self, name, args):
        """Call a function of the student's and give what it returns; as if it were called here.

        Arguments that it changes are changed, generators it draws from are advanced, what it prints is printed, what
        it warns of is warned of, and what it raises is raised.

        Parameters
        ----------
        name : str
        args : tuple

        Raises
        ------
        TimeLimitExceeded
            If it takes longer than `time_limit` allows.
        StudentKernelLost, Unreadable
        """
        seconds = self._limit if self._left is None else self._left
        if seconds <= 0:
            raise self._late()
        began = time.monotonic()
        reply = self._ask({"do": "call", "name": name, "args": args, "seconds": seconds} | self._where, seconds)
        if self._left is not None:
            self._left -= time.monotonic() - began

        print(_text(_entry(reply, "printed", str, ""), MOST_OUTPUT), end="")
        for text in _entry(reply, "warnings", list, [])[:MOST_WARNINGS]:
            warnings.warn(_text(text), RuntimeWarning, stacklevel=2)
        for position, value in _entry(reply, "changed", dict, {}).items():
            _change(_argument(args, position), value)
        for position, state in _entry(reply, "generators", dict, {}).items():
            _advance(_argument(args, position), state)
        if "error" in reply:
            error = _error(_entry(reply, "error", dict))
            raise self._late() if type(error) is TimeLimitExceeded and "no result" in str(error) else error
        if "returned" in reply:
            return _error(_entry(reply, "returned", dict))
        return _read(reply.get("value"))

    def _late(self):
        return TimeLimitExceeded(f"no result after {self._limit:g} second{'s' * (self._limit != 1)}")

    # How it is asked

    def _ask(self, request, seconds):
        data = encode(request, arguments=True)
        _, reply = self._exchange("digits_request", {}, [data], "digits_reply", seconds)
        reply = _read(reply)
        if type(reply) is not dict:
            raise Unreadable("the notebook's kernel answered with something else than asked for")
        return reply

    def _exchange(self, request, content, buffers, answer, seconds):
        """Send a request and wait for its answer: the content, a dict, and what stands in the first buffer, or None."""
        if self.lost:
            raise StudentKernelLost(self.lost)
        seconds += GRACE + sum(map(len, buffers)) / SLOWEST
        answered, interrupted = None, False
        with contextlib.suppress(zmq.Again):  # as long as it reads nothing, nothing can be sent
            message = self._session.send(self._shell, request, content, buffers=buffers)
            ours = message["header"]["msg_id"], answer
            try:
                answered = self._wait(ours, seconds)
            except KeyboardInterrupt:  # the cell that asks has used up its time; nobody else is to wait for the answer
                if not self._interrupted(ours):
                    self.lost = f"{LOST}: {SILENT}"
                raise
            if not answered:
                interrupted = True
                answered = self._interrupted(ours)
        if not answered:
            self._lose(SILENT)
        if interrupted:
            raise self._late()
        return answered

    def _interrupted(self, ours):
        self._session.send(self._control, "interrupt_request", {})
        return self._wait(ours, GRACE)

    def _wait(self, ours, seconds):
        """The answer, or None where none has come in time. Anything else that comes is dropped."""
        poller = zmq.Poller()
        for socket in (self._shell, self._events):
            poller.register(socket, zmq.POLLIN)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready = dict(poller.poll(1000 * left))
            if self._shell in ready:
                if answered := _answer(self._shell.recv_multipart(), *ours):
                    return answered
            elif self._events in ready:
                recv_monitor_message(self._events)
                self._lose(ENDED)
        return None

    def _lose(self, why):
        self.lost = f"{LOST}: {why}"
        raise StudentKernelLost(self.lost)


class RemoteFunction:
    """What stands in for a function in a student's kernel."""

    def __init__(self, student, name, has_lines):
        self.__name__ = self.__qualname__ = name
        self.__doc__ = None
        self.has_lines = has_lines
        self.time_limit = student.time_limit
        self._student = student

    def __call__(self, *args):
        return self._student.call(self.__name__, args)


def stand_in(kind, words, items=None, once=False, error=None):
    """An object that looks, in every message, like one that could not be sent.

    Examples
    --------
    >>> from shared.wording import describe
    >>> describe(stand_in("set", "{1, 2}"))
    'set {1, 2}'
    """
    words = _text(words)
    body = {"__repr__": lambda self: words, "__module__": "the student's notebook"}
    if items is not None:

        def loop(self):
            yield from items
            if error is not None:
                raise _error(error)

        if once:
            iterator = loop(None)
            body |= {"__iter__": lambda self: self, "__next__": lambda self: next(iterator)}
        else:
            body["__iter__"] = loop
    return type(_text(kind, 100) or "object", (), body)()


@functools.cache
def _installation():
    """The source that makes the student's side in a kernel, and leaves no name behind."""
    folder = Path(__file__).parent
    sources = {f"grading.{name}": (folder / f"{name}.py").read_text(encoding="utf-8") for name in SENT}
    return f"""
def _install(sources):
    import sys
    import types

    before = {{name: sys.modules.get(name) for name in sources}}
    for name, source in sources.items():
        module = sys.modules[name] = types.ModuleType(name)
        exec(compile(source, name, "exec"), vars(module))
    module.listen()
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


_install({sources!r})
del _install
"""


def _answer(frames, request_id, kind):
    """The content and the first buffer of a message, or None where it is not the answer to a request."""
    try:
        _, header, parent, _, content, *buffers = frames[frames.index(DELIM) + 1 :]
        if max(len(header), len(parent), len(content)) > MOST_JSON:
            return None
        if json.loads(header)["msg_type"] != kind or json.loads(parent)["msg_id"] != request_id:
            return None
        content = json.loads(content)
        return (content, buffers[0] if buffers else None) if type(content) is dict else None
    except Exception:  # whatever a stranger sends
        return None


# What is made of claims


def _decoded(data):
    try:
        return decode(data, other=stand_in)
    except ValueError as error:
        raise Unreadable(f"what came back cannot be read: {_text(str(error))}") from None


def _read(data):
    if type(data) is not bytes:
        raise Unreadable("the notebook's kernel answered without a value")
    return _decoded(data)


def _entry(reply, name, kind, default=None):
    entry = reply.get(name, default)
    if type(entry) is not kind:
        raise Unreadable(f"the notebook's kernel gave {name!r} as {type(entry).__name__}, not as {kind.__name__}")
    return entry


def _argument(args, position):
    if type(position) is not int or not 0 <= position < len(args):
        raise Unreadable("the notebook's kernel told of an argument that there is not")
    return args[position]


def _text(text, most=MOST_TEXT):
    """A claimed text, without what a terminal might take for a command."""
    text = text if type(text) is str else ""
    return "".join(each for each in text[:most] if each in "\n\t" or unicodedata.category(each) != "Cc")


def _error(claim):
    """The error that is claimed; of a type that is known, if it can be made to say the same, or of one in its name."""
    names = [each for each in _entry(claim, "types", list, []) if type(each) is str] or ["Exception"]
    args, text = claim.get("args"), _text(claim.get("text"))
    error = None
    with contextlib.suppress(Exception):
        known = _ERRORS[names[0]](*args)
        if type(known) is _ERRORS[names[0]] and str(known) == text:
            error = known
    for base in [*(_ERRORS[name] for name in names if name in _ERRORS), Exception]:
        if error is None:
            with contextlib.suppress(Exception):  # some need more arguments than this
                error = type(_text(names[0], 100), (base,), {"__str__": lambda self: text})(text)
    error.student_line = _text(claim.get("line"))
    return error


def _change(argument, value):
    """Make an argument what a call made of it; where that cannot be, another one at least: its change must show."""
    if isinstance(argument, list) and type(value) is list:
        argument[:] = value
    elif isinstance(argument, dict) and type(value) is dict:
        argument.clear()
        argument.update(value)
    elif isinstance(argument, np.ndarray):
        same_type = type(value) is np.ndarray and value.dtype == argument.dtype
        argument.resize(value.shape if same_type else (argument.size + 1,), refcheck=False)
        if same_type:
            argument[...] = value
    else:
        raise Unreadable("the notebook's kernel told that an argument changed which cannot")


def _advance(argument, state):
    if type(argument) is not np.random.Generator or type(state) is not list or len(state) != 3:
        raise Unreadable("the notebook's kernel told of a generator that there is not")
    _, bits, seed = state
    with contextlib.suppress(Exception):
        seed = seed[3]
    try:
        advance(argument, bits, seed)
    except (ValueError, TypeError) as error:
        raise Unreadable(f"what came back cannot be read: {error}") from None
