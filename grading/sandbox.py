"""The sandbox that a student's code runs in while it is graded: bubblewrap, with limits.

What is visible is listed in `grading.view`; which calls the system refuses, in `grading.system_calls`; how a Jupyter
kernel gets into it, in `grading.provisioner`. Here stand the namespaces, the limits, the environment, and the test
that the whole isolates on this machine: where it does not, nothing is graded.
"""

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from grading import system_calls, view
from shared.pace import BRIEF

ROOT = Path(__file__).resolve().parents[1]  # the course


class SandboxUnavailable(RuntimeError):
    """Student code cannot be isolated here; the message says why, and what to do."""


@dataclass(frozen=True)
class Limits:
    """How much the processes of one kernel may use.

    Attributes
    ----------
    cpu_seconds, process_mb, file_mb, open_files : int
        Of each process: time of the processor, address space, the size of a file, open files. The system enforces them.
    processes : int
        Processes and threads at a time, all together; the system enforces it.
    scratch_mb : int
        The size of the scratch folder.
    scratch_files : int
        Files and folders in it.
    wall_seconds : int
        The life of the kernel.
    total_mb : int
        Memory in use by all processes together. This, the one before and `scratch_files` are for a watchdog.
    """

    cpu_seconds: int = 300
    process_mb: int = 4096
    file_mb: int = 64
    open_files: int = 512
    processes: int = 64
    scratch_mb: int = 128
    scratch_files: int = 20_000
    wall_seconds: int = 900
    total_mb: int = 2048

    def of_a_process(self):
        """What the system enforces: from a name, as in ``prlimit --name``, to a soft and a hard limit."""
        return {
            "cpu": (self.cpu_seconds, self.cpu_seconds + 5),
            "as": (self.process_mb << 20,) * 2,
            "fsize": (self.file_mb << 20,) * 2,
            "nofile": (self.open_files,) * 2,
            "nproc": (self.processes,) * 2,
            "core": (0, 0),
        }


# Of each namespace its own; the end of the grader is the end of the sandbox, and no terminal is shared.
NAMESPACES = (
    *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--hostname", "sandbox", "--die-with-parent", "--new-session"),
)
# Without rights of root, bubblewrap needs a user namespace, and can forbid more of them.
UNPRIVILEGED = ("--unshare-user", "--disable-userns")
# With rights of root, another user is better: no limit of processes applies to root. What the change takes is all
# that is kept, and is gone with it.
PRIVILEGED = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")

ENVIRONMENT = {
    "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
    "HOME": view.SCRATCH,
    "USER": "student",
    "LOGNAME": "student",
    "LANG": "C.UTF-8",
    "PYTHONPATH": view.COURSE,
    "PYTHONDONTWRITEBYTECODE": "1",
    "IPYTHONDIR": f"{view.SCRATCH}/ipython",
    "MPLCONFIGDIR": view.FONTS,
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "JPY_PARENT_PID": "1",  # else ipykernel would look for its parent, which is not visible, and end itself
}


@dataclass(frozen=True)
class Sandbox:
    """A sandbox to be: what it is for, and what may be used.

    Attributes
    ----------
    assignment : str
        Decides which model answers are withheld.
    limits : Limits
    root : Path
        The course.
    sockets : Path, optional
        A folder that the sandbox shares with the grader, at the same path: a kernel makes its sockets there.
    files : Path, optional
        A folder of files to start with, see `lay_out`.
    also_visible : tuple of str
        Further paths to show, for instance to a Python with libraries in an unusual place.
    uid : int
        Whom to run it as, where we are root. A number that nobody has, and other than that of any sandbox beside this
        one: the limit of processes counts all those of a user.
    """

    assignment: str
    limits: Limits = field(default_factory=Limits)
    root: Path = ROOT
    sockets: Path | None = None
    files: Path | None = None
    also_visible: tuple = ()
    uid: int = field(default_factory=lambda: 200_000 + int.from_bytes(os.urandom(4), "big") % 2_000_000_000)

    def visible(self):
        """The view, as arguments of bubblewrap; later ones lie on earlier ones."""
        arguments = [
            *view.system(),
            *view.scratch(self.limits.scratch_mb, self.files),  # before Python, which may lie below /tmp
            *view.python(self.root.resolve()),
            *view.course(self.root, self.assignment),
            *view.data(),
            *view.read_only(self.also_visible),
        ]
        if self.sockets:
            arguments += view.sockets(self.sockets)
        return [*arguments, "--remount-ro", "/"]

    def environment(self):
        """The variables inside; none of the grader's comes through but those that make a notebook brief."""
        return ENVIRONMENT | view.variables() | {name: os.environ[name] for name in BRIEF if name in os.environ}

    @contextlib.contextmanager
    def command(self, program, *options, users=None):
        """How to start a program in the sandbox.

        Parameters
        ----------
        program : list of str
        *options : str
            More arguments for bubblewrap.
        users : int, optional
            A descriptor of a user namespace to build the sandbox in.

        Yields
        ------
        command : list of str
            To be run with an empty environment: the first process in the sandbox shows it to all others.
        descriptors : tuple of int
            To be passed on to it; open as long as the context is.
        """
        arguments = [
            *NAMESPACES,
            *(PRIVILEGED if is_root() else UNPRIVILEGED),
            "--clearenv",
            *(part for name, value in self.environment().items() for part in ("--setenv", name, value)),
            *self.visible(),
            *("--chdir", view.SUBMISSION),
            *options,
        ]
        with bubblewrap(arguments, users) as (command, descriptors), _open(system_calls.refusals()) as filter_file:
            command = [*command, "--seccomp", str(filter_file), "--"]
            yield [*command, *self._become_nobody(), *self._limited(), *program], (*descriptors, filter_file)

    def _become_nobody(self):
        if not is_root():
            return []
        uid = str(self.uid)
        who = ["--reuid", uid, "--regid", uid, "--clear-groups"]
        rights = ["--bounding-set", "-all", "--inh-caps", "-all", "--ambient-caps", "-all", "--no-new-privs"]
        return [path_of("setpriv"), *who, *rights, "--"]

    def _limited(self):
        return [
            path_of("prlimit"),
            *(f"--{name}={soft}:{hard}" for name, (soft, hard) in self.limits.of_a_process().items()),
            "--",
            # Copied inside, what was handed in counts as scratch, and a link, were there one, would lead nowhere.
            # Out of memory, the system is to end this rather than the grader.
            *("/bin/sh", "-c", f'echo 1000 > /proc/self/oom_score_adj; cp -R {view.FILES}/. . && exec "$@"', "sh"),
        ]

    def run(self, program, **options):
        """Run a program in the sandbox to its end; options are those of `subprocess.run`."""
        with self.command(program) as (command, descriptors):
            options = {"capture_output": True, "text": True, "stdin": subprocess.DEVNULL} | options
            return subprocess.run(command, env={}, cwd="/", pass_fds=descriptors, **options)


def lay_out(source, destination, megabytes):
    """Copy what was handed in beside a notebook: regular files, no links, no notebooks.

    Parameters
    ----------
    source, destination : path
    megabytes : int
        What is beyond is left out: a submission that hands in too much harms nobody but itself.

    Returns
    -------
    left_out : list of str
        The files for which there was no room.
    """
    room, left_out = megabytes << 20, []
    for folder, folders, names in os.walk(source):  # which does not follow links
        folders[:] = sorted(name for name in folders if name != ".ipynb_checkpoints")
        inside = Path(destination, os.path.relpath(folder, source))
        for name in sorted(names):
            path = Path(folder, name)
            if name.lower().endswith(".ipynb") or not stat.S_ISREG(path.lstat().st_mode):
                continue
            room -= max(path.stat().st_size, 4096)  # no file takes less than a page
            if room < 0:
                left_out.append(os.path.relpath(path, source))
                continue
            inside.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, inside / name, follow_symlinks=False)
    return left_out


PROBE = """
import os, socket
def isolated(claim, what):
    if not claim:
        raise SystemExit("the sandbox does not isolate: " + what)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
isolated(interfaces == ["lo"], "network interfaces " + ", ".join(interfaces))
isolated(len([name for name in os.listdir("/proc") if name.isdigit()]) < 5, "other processes are visible")
isolated(not os.path.exists({outside!r}), {outside!r} + " is visible")
isolated(not os.access("/usr", os.W_OK) and not os.access("/", os.W_OK), "the system can be written to")
isolated(os.getuid() != 0 and int(status["CapPrm"], 16) == 0, "the rights of root are kept")
isolated(status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2", "no system call is refused")
isolated(os.access("/course/shared/wording.py", os.R_OK), "/course/shared cannot be read by another user")
print("isolated")
"""


@cache
def probe():
    """Try, once in a process, whether the sandbox isolates.

    Raises
    ------
    SandboxUnavailable
        If it does not, or cannot be built.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable(_refusal(f"the sandbox is made of parts of Linux, got {sys.platform}"))
    if not system_calls.supported():
        raise SandboxUnavailable(_refusal(f"no list of system calls for the processor {os.uname().machine}"))
    try:
        script = PROBE.format(outside=str(ROOT / "solutions"))
        found = Sandbox("00-probe").run([sys.executable, "-I", "-S", "-c", script], timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(_refusal(str(error))) from error
    if found.returncode or found.stdout != "isolated\n":
        raise SandboxUnavailable(_refusal(f"exit status {found.returncode}, {found.stderr.strip() or 'no message'}"))


def _refusal(problem):
    return f"""Student code cannot be isolated here, so nothing is graded: {problem}
What helps:
- Debian, Ubuntu: apt-get install bubblewrap. Where it is installed and may not make namespaces (Ubuntu 24.04),
  sysctl kernel.apparmor_restrict_unprivileged_userns=0.
- In a container: start it with
  --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined.
- macOS, Windows: grade in a Linux container, or in WSL 2.
- A class whose every member you trust with your account: --unsafe-no-sandbox. {what_is_lost()}"""


def what_is_lost():
    """What grading without a sandbox means, for those who ask for it."""
    return (
        "Without the sandbox student code runs with your rights on your machine: it can read the solutions, the "
        "gradebook, other submissions and your files, write to all of them, reach the network, and go on running when "
        "grading is over. Limits of time and memory remain, of each process; none of processes or of the disk."
    )


def is_root():
    return os.geteuid() == 0


def interpreter():
    """How a kernel's Python starts. From files, its own modules show a debugger and a traceback their lines."""
    return [sys.executable, "-Xfrozen_modules=off"]


@contextlib.contextmanager
def bubblewrap(arguments, users=None):
    """How to start bubblewrap so that its arguments do not show in the sandbox's list of processes.

    Parameters
    ----------
    arguments : list of str
    users : int, optional
        A descriptor of a user namespace to start it in.

    Yields
    ------
    command : list of str
        To be followed by the program.
    descriptors : tuple of int
        To be passed on to it; open as long as the context is.
    """
    within = []
    if users is not None:
        within = [path_of("nsenter"), f"--user=/proc/self/fd/{users}", "--preserve-credentials", "--"]
    with _open(b"".join(os.fsencode(argument) + b"\0" for argument in arguments)) as listed:
        descriptors = (listed,) if users is None else (listed, users)
        yield [*within, path_of("bwrap"), "--args", str(listed)], descriptors


def path_of(name):
    """The path of a program.

    Raises
    ------
    FileNotFoundError
        If it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed")
    return path


@contextlib.contextmanager
def _open(content):
    """A descriptor from which to read this content, of a file that lies nowhere."""
    descriptor = os.memfd_create("digits")
    try:
        os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
