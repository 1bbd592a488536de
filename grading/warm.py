"""Warm starts: kernels that are forked into their sandboxes by a parent that has imported NumPy and the rest.

bubblewrap builds the same sandbox as ever around a first process that does nothing. A fork of the parent enters its
namespaces, gives up all rights, and becomes the kernel (`grading.warm_parent`). Where a kernel is started by a
program, nothing of the program that starts it is left in its memory; a fork inherits all of it. So the parent is
itself started afresh, with a clean environment, in a view that holds of the course what the sandbox of every
assignment shows, MNIST among it; it reads nothing that concerns a submission.

What all kernels of one parent share: where the libraries lie in memory, and the seed of Python's hashes (the order of
a set of strings). Each could find out the same about itself if it were started, and reaches no other.
"""

import atexit
import base64
import contextlib
import json
import os
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from grading import system_calls, view
from grading.sandbox import ENVIRONMENT, ROOT, bubblewrap, interpreter, is_root, path_of

SCRIPT = Path(__file__).with_name("warm_parent.py")
INSIDE = "/warm_parent.py"
SCRATCH_MB = 16
NO_ASSIGNMENT = ""  # all model answers are withheld
NAMESPACES = ("cgroup", "ipc", "uts", "net", "mnt", "user")  # in the order in which one can enter them
MOST_FAILURES = 2  # of parents that live, but cannot fork
START, JOIN = 60.0, 20.0  # seconds, until the parent must be ready, or a kernel in its sandbox

# To enter namespaces, to give up rights for good, to become another user, to kill a sandbox.
RIGHTS = ("SYS_ADMIN", "SYS_CHROOT", "SETPCAP", "SETUID", "SETGID", "KILL")


class WarmStartUnavailable(RuntimeError):
    """Kernels cannot be forked here; the message says why. They can still be started."""


class WarmParent:
    """The parent, as the grader sees it. It ends when nobody holds the other end of its socket, that is, with us.

    Parameters
    ----------
    also_visible : tuple of str
        Further paths to show, as in `grading.sandbox.Sandbox`.

    Attributes
    ----------
    users : int or None
        Without the rights of root, a descriptor of the user namespace in which its sandboxes are to be built: in
        others it has no rights. Known once it is ready.

    Raises
    ------
    WarmStartUnavailable
        If it does not start.
    """

    users = None

    def __init__(self, also_visible=()):
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the parent is)
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": self._errors}
        options |= {"env": {}, "cwd": "/", "start_new_session": True}  # Ctrl+C is for the grader alone
        try:
            with theirs, _command(theirs.fileno(), also_visible) as (command, descriptors):
                self._process = subprocess.Popen(command, pass_fds=descriptors, **options)
        except OSError as error:
            raise WarmStartUnavailable(f"the warm parent did not start: {error}") from error
        self._ready = False

    def wait(self):
        """Wait until it has imported what it is to import.

        Raises
        ------
        WarmStartUnavailable
            If it does not come to that.
        """
        if self._ready:
            return
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, 16, 1)
            if message != b"ready":
                self._process.wait(START)
                self._errors.seek(0)
                said = self._errors.read(2000).decode(errors="replace").strip()
                raise WarmStartUnavailable(f"the warm parent did not start: {said or 'no message'}")
        except (OSError, subprocess.TimeoutExpired) as error:
            raise WarmStartUnavailable(f"the warm parent did not start: {error}") from error
        if is_root():
            os.close(descriptors[0])
        else:
            self.users = descriptors[0]
        self._ready = True

    def is_alive(self):
        return self._process.poll() is None

    def has_died(self):
        """Whether it was ready, and is no more."""
        return self._ready and not self.is_alive()

    def fork(self, number, first, request):
        """Fork a kernel into a sandbox.

        Parameters
        ----------
        number, first : int
            The first process in the sandbox: its number and a descriptor of it. It is killed when the kernel ends.
        request : dict
            See `request`.

        Returns
        -------
        number : int
            The kernel's.

        Raises
        ------
        WarmStartUnavailable
            If it could not become one. Whatever it is then, it is in the sandbox.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs, contextlib.ExitStack() as stack:
            try:
                names = ("pid", *_foreign_namespaces(number))
                processes, *others = (_opened(stack, f"/proc/{number}/ns/{name}") for name in names)
                socket.send_fds(self._control, [b"k"], [theirs.fileno(), processes, first])
                theirs.close()
                socket.send_fds(ours, [json.dumps(request).encode()], others)
                told = _heard(ours)
            except OSError as error:
                told = {"error": f"{type(error).__name__}: {error}"}
        if "error" in told or not told.keys() >= {"number", "joined"}:
            raise WarmStartUnavailable(f"no kernel was forked: {told.get('error', 'no message')}")
        return told["number"]

    def close(self):
        """End the parent; kernels that are left end with it."""
        self._control.close()
        self._errors.close()
        if self.users is not None:
            os.close(self.users)
            self.users = None
        try:
            self._process.wait(START)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def forget(self):
        """Let go of the parent of another process, which must not outlive that."""
        self._control.close()


def request(sandbox, arguments):
    """What a kernel needs to know.

    Parameters
    ----------
    sandbox : grading.sandbox.Sandbox
    arguments : list of str
        Of ipykernel.
    """
    return {
        "arguments": arguments,
        "environment": sandbox.environment() | {"PWD": view.SUBMISSION},
        "directory": view.SUBMISSION,
        "uid": sandbox.uid if is_root() else None,
        "limits": sandbox.limits.of_a_process(),
        "filter": base64.b64encode(system_calls.refusals()).decode(),
    }


# ------------------------------------------------------------------------------------------------ one for a process

_parents = {}  # from what is also visible to a parent; None where there cannot be one
_failures = {}  # from the same to how many of these could not fork
_lock = threading.Lock()


def parent(also_visible=()):
    """The warm parent of this process, which starts when it is first asked for, and again where it has ended.

    Returns
    -------
    parent : WarmParent or None
        None where an earlier attempt has failed.

    Raises
    ------
    WarmStartUnavailable
        If this attempt fails.
    """
    with _lock:
        found = _beginning(also_visible)
        if found is not None:
            try:
                found.wait()
            except WarmStartUnavailable:
                _parents[also_visible] = None
                found.close()
                raise
        return found


def prepare(also_visible=()):
    """Let the warm parent start while its caller does something else, for the second that it takes."""
    with _lock, contextlib.suppress(WarmStartUnavailable):  # the first kernel will say so
        _beginning(also_visible)


def _beginning(also_visible):
    found = _parents.get(also_visible)
    if also_visible in _parents and (found is None or not found.has_died()):
        return found
    if found is not None:
        found.close()
    _parents[also_visible] = None
    _parents[also_visible] = WarmParent(also_visible)
    return _parents[also_visible]


def give_up(found):
    """Let a parent that could not fork a kernel fork no other. It is replaced once; one that has died, always."""
    with _lock:
        for also_visible, one in list(_parents.items()):
            if one is found and found.is_alive():
                found.close()
                _failures[also_visible] = _failures.get(also_visible, 0) + 1
                if _failures[also_visible] < MOST_FAILURES:
                    del _parents[also_visible]
                else:
                    _parents[also_visible] = None


def close_all():
    """End every warm parent of this process; the next kernel starts a new one."""
    with _lock:
        _failures.clear()
        while _parents:
            _, found = _parents.popitem()
            if found is not None:
                found.close()


def _forget_all():
    """In a fork of the grader."""
    global _lock
    _lock = threading.Lock()  # whoever holds the other is not here
    while _parents:
        _, found = _parents.popitem()
        if found is not None:
            found.forget()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):  # Windows has no forks
    os.register_at_fork(after_in_child=_forget_all)


# ------------------------------------------------------------------------------------------------------- its making


@contextlib.contextmanager
def _command(control, also_visible):
    """How to start the parent. What it has mapped, a kernel can open again (/proc/self/exe): nothing of it is writable.

    Its processes are the host's: who is in a namespace of processes can enter those below it only.
    """
    if not is_root():
        path_of("nsenter")  # with which a sandbox gets into the namespace of the parent
    rights = [part for name in RIGHTS for part in ("--cap-add", f"CAP_{name}")]
    arguments = [
        *("--unshare-net", "--unshare-ipc", "--unshare-uts", "--hostname", "sandbox", "--new-session"),
        *("--cap-drop", "ALL", *rights, *(() if is_root() else ("--unshare-user",))),
        "--clearenv",
        *(part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)),
        *view.system(own_processes=False),
        *view.scratch(SCRATCH_MB),
        *view.python(ROOT.resolve()),
        *view.course(ROOT, NO_ASSIGNMENT),
        *view.read_only(also_visible),
        *("--ro-bind", str(SCRIPT), INSIDE, "--remount-ro", "/", "--chdir", "/"),
    ]
    with bubblewrap(arguments) as (command, descriptors):
        yield [*command, "--", *interpreter(), INSIDE, str(control)], (*descriptors, control)


def _foreign_namespaces(number):
    """Those namespaces of a process that are not ours."""
    own = [os.stat(f"/proc/self/ns/{name}").st_ino for name in NAMESPACES]
    its = [os.stat(f"/proc/{number}/ns/{name}").st_ino for name in NAMESPACES]
    return [name for name, mine, other in zip(NAMESPACES, own, its, strict=True) if mine != other]


def _heard(channel):
    """What a kernel, and the process that forked it, say in any order until it runs or has ended."""
    told = {}
    channel.settimeout(JOIN)
    while not told.keys() >= {"number", "joined"}:
        try:
            message = channel.recv(1 << 16)
        except ConnectionResetError:  # it has ended, unread what was sent; what it had said itself comes next
            message = channel.recv(1 << 16)
        if not message:
            break
        told |= json.loads(message)
    return told


def _opened(stack, path):
    descriptor = os.open(path, os.O_RDONLY)
    stack.callback(os.close, descriptor)
    return descriptor
