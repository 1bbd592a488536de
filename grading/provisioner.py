"""Kernels for student code: in the sandbox, or, for those who insist, with limits alone.

Jupyter finds the two provisioners by their entry points (pyproject.toml). What selects one is `StudentKernelManager`,
which carries its own kernel specification: there is no file that JupyterLab could list, nor one that the metadata of a
submitted notebook could name instead.
"""

import contextlib
import json
import os
import queue
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psutil
import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Dict, Int, List, Unicode, default

from grading import view, warm
from grading.sandbox import Limits, Sandbox, SandboxUnavailable, interpreter, lay_out, probe
from shared.pace import BRIEF

LOOK_EVERY = 0.25  # seconds
TRY_AGAIN = 10  # milliseconds, until a socket looks again whether there is a kernel to connect to
CONNECTED = 0.1  # seconds, until a client that has a reply must have heard the rest, if it is connected
SHORT = "/tmp"  # the path of a socket may have 107 bytes, and TMPDIR may be long
CONNECTION = "connection.json"  # the one file among the sockets
PATIENCE = 5.0  # seconds, until what was killed must be gone
IN_FOLDER = "it made a file among its sockets"
MOST_MESSAGE = 32_000_000  # bytes of a part of a message; an output has less than one million
MOST_WAITING = 32  # messages that ZeroMQ may keep for us, beside those it keeps over there
MOST_GROWTH = 1 << 30  # bytes by which the processes that grade may grow while a kernel lives

# As the module ipykernel_launcher does; but a file of that name may have been handed in.
LAUNCH = "import sys; del sys.path[0]; from ipykernel import kernelapp; kernelapp.launch_new_instance()"

WAIT = ["/bin/sh", "-c", "echo; exec sleep infinity > /dev/null"]  # for a kernel that is forked into the sandbox


class StudentKernelClient(AsyncKernelClient):
    """Reads what the kernel of a submission sends, and no more than a limit."""

    @default("context")
    def _context_default(self):
        self._created_context = True
        context = zmq.asyncio.Context()
        # For all of its sockets; set on one that has connected, they would come too late.
        context.setsockopt(zmq.MAXMSGSIZE, MOST_MESSAGE)
        context.setsockopt(zmq.RCVHWM, MOST_WAITING)
        context.setsockopt(zmq.RECONNECT_IVL, TRY_AGAIN)
        return context

    async def wait_for_ready(self, timeout=None):
        """Wait until a new kernel answers on both channels.

        What it says last of a request tells that nothing more comes; jupyter_client's own waits for a silence.

        Raises
        ------
        RuntimeError
            If it has died, or after the timeout, in seconds.
        """
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while time.monotonic() < end:
            request = self.kernel_info()
            try:
                while (await self.get_shell_msg(timeout=1))["parent_header"].get("msg_id") != request:
                    pass
                while not _is_end_of(await self.get_iopub_msg(timeout=CONNECTED), request):
                    pass
                return
            except queue.Empty:  # it has just begun to listen, or its client has: ask again
                if not await self.is_alive():
                    raise RuntimeError("the kernel died before it answered") from None
        raise RuntimeError(f"the kernel did not answer within {timeout} seconds")


class StudentKernelManager(AsyncKernelManager):
    """Manages the kernel of one submission.

    Attributes
    ----------
    assignment : str
        To be set before the kernel starts.
    sandboxed : bool
        Whether the kernel is isolated; False is what ``--unsafe-no-sandbox`` asks for.
    warm : bool
        Whether a kernel in a sandbox is forked, see `grading.warm`, where that is possible.
    readers : list of int
        The processes that read what the kernel sends. A message may have any number of parts, and nothing but their
        memory shows how many have come.
    """

    assignment = Unicode()
    sandboxed = Bool(True)
    warm = Bool(True).tag(config=True)
    readers = List(Int())
    client_factory = StudentKernelClient

    @property
    def kernel_spec(self):
        name = "digits-sandbox" if self.sandboxed else "digits-limits-only"
        config = {"assignment": self.assignment} | ({"warm": self.warm} if self.sandboxed else {})
        return KernelSpec(
            argv=[*interpreter(), "-c", LAUNCH, "-f", "{connection_file}"],
            display_name="Python 3 (a submission)",
            language="python",
            interrupt_mode="message",  # no signal of ours reaches a process in there
            metadata={"kernel_provisioner": {"provisioner_name": name, "config": config}},
        )


class LimitsOnlyProvisioner(LocalProvisioner):
    """A kernel with limits of time and memory, in a folder of its own, and nothing else: no sandbox.

    The kernel's working directory (``cwd``) is not where it works: of the files there, those that are no notebooks and
    no links are copied. In ``autograded/`` there are the hidden tests.
    """

    isolates = False

    assignment = Unicode(help="Decides which model answers a sandbox lacks.")
    limits = Dict(help="Limits other than the usual, see grading.sandbox.Limits.").tag(config=True)

    stopped_because = None  # a sentence, once a limit has stopped the kernel
    _folder = None  # of this kernel alone: `kernel`, with its sockets, and `files`, with what was handed in
    _over = None
    _watch = None

    async def pre_launch(self, **kwargs):
        cwd = kwargs.pop("cwd", None)
        self._limits = Limits(**self.limits)
        if self._folder is None:  # else it starts again
            self._make_folder(cwd)
        kwargs = await super().pre_launch(**kwargs)
        # A student's word on stdout, past the kernel's own channel, is not for the grader's terminal.
        return kwargs | {"stdout": subprocess.DEVNULL, **self._confined(kwargs["cmd"])}

    def _confined(self, command):
        """How to start the kernel: keyword arguments for `subprocess.Popen`."""
        limits = self._limits
        script = (
            f"ulimit -c 0; ulimit -t {limits.cpu_seconds}; ulimit -n {limits.open_files}; "
            f"ulimit -f {limits.file_mb << 11}; "  # blocks of 512 bytes
            f"ulimit -v {limits.process_mb << 10} 2>/dev/null; "  # macOS has no such limit
            'exec "$@"'
        )
        # No tokens, no keys.
        names = ("PATH", "HOME", "LANG", "DIGITS_DATA_DIR", *BRIEF)
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
        environment = {name: os.environ[name] for name in names if name in os.environ} | threads
        return {"cmd": ["/bin/sh", "-c", script, "sh", *command], "env": environment, "cwd": self._folder / "files"}

    def _make_folder(self, cwd):
        """Make the private folder, copy what was handed in, and let the kernel be reached through sockets in there."""
        self._folder = Path(tempfile.mkdtemp(prefix="digits-", dir=SHORT))
        for name in ("kernel", "files"):
            (self._folder / name).mkdir()
        for name in lay_out(cwd, self._folder / "files", self._limits.scratch_mb) if cwd else ():
            self.log.warning("%s: no room for %s, which is left out", cwd, name)
        self.parent.transport = "ipc"
        self.parent.cache_ports = False
        self.parent.ip = str(self._folder / "kernel" / "socket")
        self.parent.connection_file = str(self._folder / "kernel" / CONNECTION)

    async def launch_kernel(self, cmd, **kwargs):
        connection = await super().launch_kernel(cmd, **kwargs)
        self.stopped_because = None
        self._readers_before = {}
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look_after, args=(self._over,), daemon=True)
        self._watch.start()
        return connection

    def _look_after(self, over):
        """Stop the kernel at the limits that the system does not enforce."""
        end = time.monotonic() + self._limits.wall_seconds
        with contextlib.suppress(psutil.NoSuchProcess):  # what is gone needs no looking after
            first = psutil.Process(self.pid)
            while first.is_running() and not over.wait(LOOK_EVERY):
                try:
                    reason = self._beyond(first)
                except (OSError, psutil.AccessDenied) as error:
                    reason = f"it could no longer be watched ({error})"
                if time.monotonic() > end:
                    reason = f"it ran longer than {self._limits.wall_seconds} s"
                if reason:
                    self.abort(f"The kernel was stopped: {reason}.")
                    return

    def _beyond(self, first):
        """Which limit is exceeded by a process and its descendants, in words, or None."""
        if sum(map(_memory, self._processes(first))) > self._limits.total_mb << 20:
            return f"its processes used more than {self._limits.total_mb} MB of memory"
        readers = {number: _memory(psutil.Process(number)) for number in self.parent.readers}
        self._readers_before = readers | self._readers_before
        if sum(readers.values()) > sum(map(self._readers_before.get, readers)) + MOST_GROWTH:
            return "it sent far more than it may"
        return None

    def _processes(self, first):
        return [first, *first.children(recursive=True)]

    def seal(self):
        """Called when the kernel has made its sockets, and before it runs a cell: no more are to be made."""

    def abort(self, reason):
        """Kill the kernel at once, from any thread; `stopped_because` tells why, the first reason given."""
        self.stopped_because = self.stopped_because or reason
        self._kill()

    def _kill(self):
        if self.has_process:  # else its number may be another's by now
            with contextlib.suppress(OSError):
                os.killpg(self.pgid, signal.SIGKILL)

    async def kill(self, restart=False):
        if self.process:
            self._kill()
            # Who is told at once that it is gone does not ask again and again.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)

    async def cleanup(self, restart=False):
        if self._over:
            self._over.set()
            self._watch.join()
        if self.process:
            await self.kill()
            await self.wait()
        self._wait_for_all()
        await super().cleanup(restart)
        if self._folder and not restart:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _wait_for_all(self):
        """Wait until no process is left. Without a sandbox nobody knows which there are."""


class SandboxProvisioner(LimitsOnlyProvisioner):
    """A kernel in a sandbox, see `grading.sandbox`."""

    isolates = True

    also_visible = List(Unicode(), help="Further paths to show, read-only.").tag(config=True)
    warm = Bool(True, help="Whether to fork the kernel, see grading.warm, rather than to start it.")

    _first = None  # a descriptor of the first process in the sandbox, with which all others end
    _parent = _forked = None  # of a kernel that was forked: whose it is, and its process

    async def pre_launch(self, **kwargs):
        probe()
        return await super().pre_launch(**kwargs)

    def _confined(self, command):
        folder = self._folder
        self._sandbox = Sandbox(
            self.assignment,
            self._limits,
            sockets=folder / "kernel",
            files=folder / "files",
            also_visible=tuple(self.also_visible),
        )
        if os.geteuid() == 0:
            for path in (folder, folder / "kernel", Path(self.parent.connection_file)):
                os.chown(path, self._sandbox.uid, self._sandbox.uid)
        _open_to_all(folder / "files")
        # Nothing of the grader's, not even its number: the first process shows its environment to all others.
        return {"cmd": command, "env": {}, "independent": True, "cwd": "/"}

    async def launch_kernel(self, cmd, **kwargs):
        failure = None
        for _ in range(warm.MOST_FAILURES if self.warm else 0):
            try:
                if await self._launch_warm(cmd, **kwargs):
                    return self.connection_info
                break
            except (warm.WarmStartUnavailable, SandboxUnavailable) as error:
                failure = error
                await self.cleanup(restart=True)
        if failure:
            self.log.warning("a kernel is started, as it could not be forked, which takes longer: %s", failure)
        try:
            await self._build(cmd, **kwargs)
        except SandboxUnavailable:
            await self.cleanup()
            raise
        return self.connection_info

    async def _launch_warm(self, cmd, **kwargs):
        """Build the sandbox around a process that only waits, and fork the kernel into it.

        Returns
        -------
        launched : bool
            Whether there is a parent to fork from.
        """
        parent = warm.parent(tuple(self.also_visible))
        if parent is None:
            return False
        read, write = os.pipe()
        with os.fdopen(read) as told:
            try:
                number = await self._build(WAIT, users=parent.users, **kwargs | {"stdout": write})
            finally:
                os.close(write)
            if not told.readline():  # which it says when all is mounted and copied
                raise SandboxUnavailable("the sandbox of a kernel ended at once")
        try:
            forked = parent.fork(number, self._first, warm.request(self._sandbox, cmd[cmd.index(LAUNCH) + 1 :]))
        except warm.WarmStartUnavailable:
            self._wait_for_all()  # while the process that forked it lives, which alone can bury it
            warm.give_up(parent)
            raise
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, and its sandbox will
            self._forked = psutil.Process(forked)
        self._parent = parent
        return True

    async def _build(self, program, users=None, **kwargs):
        """Build the sandbox around a program.

        Returns
        -------
        number : int
            Of the first process.

        Raises
        ------
        SandboxUnavailable
            If it cannot be built.
        """
        self._clear_away()
        read, write = os.pipe()
        with contextlib.ExitStack() as stack:
            told = stack.enter_context(os.fdopen(read))
            errors = stack.enter_context(tempfile.TemporaryFile())
            options = ("--info-fd", str(write))
            command, descriptors = stack.enter_context(self._sandbox.command(program, *options, users=users))
            try:
                kwargs |= {"pass_fds": (*descriptors, write), "stderr": errors}
                await super().launch_kernel(command, **kwargs)
            finally:
                os.close(write)
            information = told.read()
            try:
                number = json.loads(information)["child-pid"]
                self._first = os.pidfd_open(number)
            except (ValueError, KeyError, ProcessLookupError) as error:
                self.process.wait(PATIENCE)
                errors.seek(0)
                message = errors.read(2000).decode(errors="replace").strip()
                raise SandboxUnavailable(f"the sandbox of a kernel was not built: {message or 'no message'}") from error
        return number

    def _clear_away(self):
        """Remove what an earlier kernel has left in the folder of sockets, which it may have closed."""
        os.chmod(self._folder / "kernel", 0o755)
        for entry in os.scandir(self._folder / "kernel"):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != CONNECTION:
                os.unlink(entry)

    def _beyond(self, first):
        for entry in os.scandir(self._folder / "kernel"):
            if entry.name != CONNECTION and not (entry.name.startswith("socket-") and _is_socket(entry)):
                return IN_FOLDER  # and not what it is called: a student may read this, and whoever wrote it knew why
        if os.geteuid() != 0 and any(map(self._holds_file, self._processes(first))):
            return IN_FOLDER
        for process in first.children():
            for folder in (view.SCRATCH, "/dev/shm"):
                with contextlib.suppress(OSError):
                    found = os.statvfs(f"/proc/{process.pid}/root{folder}")
                    # Each takes memory that its size does not show.
                    if found.f_files - found.f_ffree > self._limits.scratch_files:
                        return f"it made more than {self._limits.scratch_files} files"
        if self._parent is not None and not self._parent.is_alive():
            return "the process that it was forked from has ended"
        return super()._beyond(first)

    def seal(self):
        super().seal()
        folder = self._folder / "kernel"
        if os.geteuid() == 0:
            os.chown(folder, 0, 0)
        # Where we are not root, the kernel has our number, and could undo it: `_beyond` has an eye on that.
        os.chmod(folder, 0o555)

    def _holds_file(self, process):
        """Whether a process has a file without a name open in the folder of its sockets, as far as we may look."""
        with contextlib.suppress(FileNotFoundError, PermissionError):
            for entry in os.scandir(f"/proc/{process.pid}/fd"):
                with contextlib.suppress(FileNotFoundError):
                    if os.readlink(entry.path).startswith(f"{self._folder}/kernel/"):
                        return True
        return False

    def _processes(self, first):
        found = super()._processes(first)
        if self._forked is not None:  # the child of another; what it leaves behind is the sandbox's
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [self._forked, *self._forked.children(recursive=True)]
        return found

    def _kill(self):
        super()._kill()
        if self._first is not None:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def _wait_for_all(self):
        if self._first is not None:
            self._kill()
            # The system ends every process of a namespace before the first one.
            gone, _, _ = select.select([self._first], [], [], PATIENCE)
            if not gone:
                self.log.critical("processes of a sandbox are alive %s s after its end", PATIENCE)
            os.close(self._first)
            self._first = None
        self._parent = self._forked = None


def _is_end_of(message, request):
    """Whether this message says that a kernel has done all that a request asks for."""
    ends = message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
    return ends and message["parent_header"].get("msg_id") == request


def _memory(process):
    """What a process uses, in bytes; nothing if it has ended."""
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _is_socket(entry):
    try:
        return entry.stat(follow_symlinks=False).st_mode >> 12 == 0o14
    except FileNotFoundError:  # gone meanwhile
        return True


def _open_to_all(folder):
    """Let another user read copies of files."""
    for path, _, names in os.walk(folder):
        os.chmod(path, 0o755)
        for name in names:
            os.chmod(Path(path, name), 0o644)
