"""What runs in the warm parent: it imports what every kernel imports, and forks kernels into sandboxes.

This file is started by `grading.warm`, alone in a view that holds of the course what no assignment withholds. A fork
shares the memory of its parent, so what the parent knows, every student's code could read. Hence the parent never
reads a request. It takes from the grader a channel and two descriptors, and hands them to the fork, which reads there
what it is to become.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import multiprocessing.process
import os
import pkgutil
import random  # noqa: F401  (seeds itself anew in a fork)
import resource
import signal
import socket
import sys
import tempfile
import threading
from base64 import b64decode

# What a kernel imports until it has run its first cells. Nothing in here may start a thread: only the thread that
# forks lives on in a fork. And nothing may look for the shell: matplotlib_inline does, and would show no figure.
WARM = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.completerlib", "IPython.core.logger", "IPython.core.oinspect", "IPython.core.pylabtools"),
    *("stack_data", "pygments.formatters.terminal256", "pygments.styles.default"),  # for tracebacks
    *("IPython.extensions.storemagic", "faulthandler", "pdb", "sqlite3", "tornado.platform.asyncio"),
    *("numpy", "numpy.random", "numpy.testing"),
    *("matplotlib.pyplot", "matplotlib.animation", "matplotlib.backends.backend_agg"),
    *(f"PIL.{kind}ImagePlugin" for kind in ("Bmp", "Gif", "Jpeg", "Ppm", "Png")),
    *("ipywidgets", "anywidget", "tqdm.auto"),
)
BACKEND = "module://matplotlib_inline.backend_inline"  # as ipykernel chooses it, but matplotlib is imported earlier

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP = 1, 4, 22, 23, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522
MESSAGE = 1 << 16  # bytes, of a request

_libc = ctypes.CDLL(None, use_errno=True)


class _Filter(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


# ------------------------------------------------------------------------------------------------------- the parent


def warm_up():
    """Import, and return the variables of the environment that the imports have set."""
    before = set(os.environ)
    os.environ["MPLBACKEND"] = BACKEND
    for module in WARM:
        import_if_there(module)
    read_mnist()
    gc.collect()
    gc.freeze()  # else the first collection in a fork writes to, and so copies, every page
    return {name: value for name, value in os.environ.items() if name not in before}


def import_if_there(module):
    """Import a module, unless this installation lacks it: a kernel will say so where it needs it."""
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise


def read_mnist():
    """Import the modules that lie in the course's own package, of which one then keeps the data that it has read.

    What goes wrong with the data goes wrong once more in a kernel, which tells its student.
    """
    import shared
    from shared import mnist

    for module in pkgutil.iter_modules(shared.__path__, "shared."):
        with contextlib.suppress(ModuleNotFoundError):  # of what needs a model answer
            importlib.import_module(module.name)
    with contextlib.suppress(mnist.MNISTError):
        mnist.load()


def serve(control):
    """Fork a kernel for each message.

    Parameters
    ----------
    control : socket
        A message brings three descriptors: the kernel's channel to the grader, the namespace of processes to fork
        into, and the first process in there, which is killed when the kernel has ended.

    Returns
    -------
    channel : int or None
        In a kernel, its channel. None in the parent, when nobody holds the other end of `control`.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those in between need no burial
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 3)
        if not message:
            return None
        channel, namespace, first = descriptors
        try:
            number = os.fork()
        except OSError as error:
            tell(channel, error=str(error))
        else:
            if number == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                control.close()
                close_all_but(descriptors)
                fork_into(namespace, channel, first)
                close_all_but([channel])
                return channel
        for descriptor in descriptors:
            os.close(descriptor)


def fork_into(namespace, channel, first):
    """Fork a kernel into a namespace of processes, which only a child can enter; return in the kernel.

    The process in between stays as long as the kernel, and then kills the sandbox, as bubblewrap does with one whose
    program has ended. (The parent cannot be the father itself: back in its own namespace it would need to be root.)
    """
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        enter(namespace)
        number = os.fork()
    except OSError as error:
        tell(channel, error=str(error))
        os._exit(1)
    if number == 0:
        return
    tell(channel, number=number)
    close_all_but([first])
    os.waitpid(number, 0)
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(first, signal.SIGKILL)
    os._exit(0)


def tell(channel, **what):
    """Say something to the grader. Where it listens no more, it is about to end us."""
    with socket.socket(fileno=os.dup(channel)) as grader, contextlib.suppress(OSError):
        grader.send(json.dumps(what).encode())


# --------------------------------------------------------------------------------------------------------- a kernel


def become(channel, variables):
    """Turn this fork into the kernel that the grader asks for; tell the grader that it has, or why it could not.

    Parameters
    ----------
    channel : int
        Where the request is to be read: JSON, and the namespaces to enter, in this order.
    variables : dict
        What the imports have set in the environment.
    """
    try:
        with socket.socket(fileno=os.dup(channel)) as grader:
            message, namespaces, _, _ = socket.recv_fds(grader, MESSAGE, 8)
        request = json.loads(message)
        for namespace in namespaces:
            enter(namespace)
            os.close(namespace)
        settle(request["directory"])
        forget_what_is_shared()
        os.environ.clear()
        os.environ.update(variables | request["environment"])
        give_up_rights(request["uid"])
        for name, limits in request["limits"].items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), limits)
        refuse(b64decode(request["filter"]))
        check_confined(channel)
        tell(channel, joined=True)
    except BaseException as error:
        tell(channel, error=f"{type(error).__name__}: {error}")
        os._exit(1)
    os.close(channel)
    sys.argv = ["-c", *request["arguments"]]


def enter(namespace):
    """Enter a namespace; `os.setns` exists from Python 3.12 on only."""
    _call("setns", namespace, 0)


def settle(directory):
    """Take up the sandbox's own files and a session of one's own; nothing that is open leads out of it any more."""
    os.setsid()
    os.chdir(directory)  # whoever enters a namespace of mounts stands at its root
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    with open("/proc/self/oom_score_adj", "w") as file:  # out of memory, the system is to end this, not the grader
        file.write("1000")


def forget_what_is_shared():
    """Draw anew what all forks of one parent would have in common, and what the parent knows of its own view."""
    if "numpy" in sys.modules:
        import numpy

        numpy.random.set_bit_generator(numpy.random.MT19937())
    multiprocessing.process.current_process().authkey = os.urandom(32)
    tempfile.tempdir = tempfile._name_sequence = None
    sys.path_importer_cache.clear()  # it says what lies in /course, which is less than there is now


def give_up_rights(uid):
    """Keep no right of root, in no set and for no program started later; become another user, where one is named."""
    right = 0
    while _libc.prctl(PR_CAPBSET_READ, right, 0, 0, 0) >= 0:
        _prctl(PR_CAPBSET_DROP, right)
        right += 1
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user would take it back
    # The files in /proc/self belong to root since then. A program that was started has its own, and so has a kernel
    # that was.
    _prctl(PR_SET_DUMPABLE, 1)


def refuse(filter_):
    """Let the system refuse calls from now on, see `grading.system_calls`; a program has 8 bytes an instruction."""
    program = _Filter(len(filter_) // 8, filter_)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


def check_confined(channel):
    """Look whether all of the above has had its effect: no claim is made of what was not seen.

    Raises
    ------
    PermissionError
        If not.
    """
    with open("/proc/self/status") as file:
        status = {name: value.split() for name, _, value in (line.partition(":") for line in file)}
    rights = {name: status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    if any(int(value[0], 16) for value in rights.values()):
        raise PermissionError(f"a kernel with no rights was expected, got {rights}")
    if "0" in status["Uid"] + status["Gid"]:
        raise PermissionError(f"a user other than root was expected, got {status['Uid']}, {status['Gid']}")
    if status["NoNewPrivs"] != ["1"] or status["Seccomp"] != ["2"]:
        raise PermissionError(f"a filter of calls was expected, got {status['NoNewPrivs']}, {status['Seccomp']}")
    if status["Threads"] != ["1"]:
        raise PermissionError(f"one thread was expected, got {status['Threads']}")
    for number in open_descriptors():
        if number > 2 and number != channel:
            raise PermissionError(f"no open file was expected, got {os.readlink(f'/proc/self/fd/{number}')}")


def close_all_but(kept):
    for number in open_descriptors():
        if number > 2 and number not in kept:
            os.close(number)


def open_descriptors():
    """The numbers of open files, without the one that the listing itself takes."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            os.fstat(int(name))
            found.add(int(name))
    return sorted(found)


def _prctl(option, first=0, second=0):
    _call("prctl", option, *map(ctypes.c_ulong, (first, second, 0, 0)))


def _call(name, *arguments):
    """Call a function of the C library that returns 0 where it succeeds."""
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


if __name__ == "__main__":
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # of bubblewrap, which the grader can kill
    del sys.path[0]  # this file's folder
    control = socket.socket(fileno=int(sys.argv[1]))
    variables = warm_up()
    if len(os.listdir("/proc/self/task")) != 1:
        sys.exit(f"one thread was expected before the first fork, got {threading.enumerate()}")
    if open_descriptors() != sorted({0, 1, 2, control.fileno()}):
        sys.exit(f"no open file was expected before the first fork, got {open_descriptors()}")
    users = os.open("/proc/self/ns/user", os.O_RDONLY)
    socket.send_fds(control, [b"ready"], [users])
    os.close(users)
    channel = serve(control)
    if channel is not None:
        become(channel, variables)
        from ipykernel import kernelapp

        kernelapp.launch_new_instance()
