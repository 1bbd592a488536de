# ruff: noqa: SIM115  (attacks are short and end with their process)
"""Each property of the sandbox, by code that tries to break it: what it finds and reaches from inside.

An attack is a function here whose source is sent into a sandbox; what it returns comes back as JSON.
"""

import contextlib
import inspect
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid
from pathlib import Path

import course
import nbformat
import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.utils import run_sync

from grading import sandbox, system_calls, view
from grading.provisioner import SandboxProvisioner, StudentKernelManager
from grading.sandbox import Limits, Sandbox, SandboxUnavailable, lay_out
from shared.reference import MODULES

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

ASSIGNMENT = "04-softmax-jacobian"
CANARY = "canary-5e1f"  # in everything that a student is not to read


def source_of(attack, *args):
    """A program that calls a function and prints what it returns."""
    arguments = ", ".join(map(repr, args))
    definition = textwrap.dedent(inspect.getsource(attack))
    return f"{definition}\nimport json\nprint(json.dumps({attack.__name__}({arguments})))\n"


def attempt(attack, *args, within=None):
    """Run an attack in a sandbox: the finished process."""
    return (within or Sandbox(ASSIGNMENT)).run([sys.executable, "-c", source_of(attack, *args)], timeout=30)


def inside(attack, *args, within=None):
    """What an attack returns."""
    found = attempt(attack, *args, within=within)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


# ------------------------------------------------------------------------------------------- what there is to see


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A course whose path is long, with spaces and letters that are not ASCII, and which holds what courses hold."""
    root = tmp_path_factory.mktemp("Kurs für Anfänger, 数字 '26") / ("a rather long name " * 9) / ("x" * 120)
    shutil.copytree(course.ROOT / "shared", root / "shared")
    private = (
        *("gradebook.db", "solutions/04-x/x.ipynb", "notebooks/04-x/x.ipynb", "submitted/ben/04-x/x.ipynb"),
        *("autograded/ben/04-x/x.ipynb", "feedback/ben/04-x/x.html", "grading/scores.py", "tests/test_x.py"),
        *(".git/config", "exchange/x", "shared/.ipynb_checkpoints/x.py", "shared/misconceptions/__pycache__/x.pyc"),
        *(f"shared/reference/__pycache__/{module}.{sys.implementation.cache_tag}.pyc" for module in MODULES),
    )
    for name in private:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{CANARY} {name}")
    return root


def files_below(folder):
    import os

    return sorted(os.path.join(path, name) for path, _, names in os.walk(folder) for name in names)


@pytest.mark.parametrize("number", range(1, 7))
def test_model_answers_of_this_notebook_and_later_ones_are_not_there(number, elsewhere):
    assignment = f"{number:02d}-{MODULES[number - 1].replace('_', '-')}"
    found = inside(files_below, "/course", within=Sandbox(assignment, root=elsewhere))
    names = {Path(name).name.partition(".")[0] for name in found if "/reference/" in name}
    assert names == {"__init__", *MODULES[: number - 1]}
    assert not [name for name in found if "misconceptions" in name or "checkpoint" in name]
    assert "/course/shared/checks.py" in found and "/course/shared/data/SHA256SUMS" in found
    assert view.withheld(assignment) == MODULES[number - 1 :]


def test_everything_is_withheld_where_the_topic_is_unknown():
    assert not [m for m in MODULES if f"/{m}.py" in " ".join(inside(files_below, "/course", within=Sandbox("07-new")))]


def imports(names):
    import importlib

    found = {}
    for name in names:
        try:
            found[name] = importlib.import_module(name).__file__
        except ModuleNotFoundError as error:
            found[name] = str(error)
    return found


def test_modules_of_the_course_can_be_imported_and_withheld_ones_not():
    there = ("shared.mnist", "shared.checks", "shared.promises")
    absent = ("shared.misconceptions", "shared.reference.data_preparation", "shared.reference.mlp", "grading", "course")
    found = inside(imports, there + absent, within=Sandbox("01-data-preparation"))
    for name in there:
        assert found[name] == f"/course/{name.replace('.', '/')}.py"
    for name in absent:
        assert "No module named" in found[name]


def readable_with(canary, way):
    """Files that contain a canary, notebooks and databases; and files beside the packages that know the way."""
    import glob
    import os
    import sys

    found = []
    for folder, folders, names in os.walk("/"):
        pruned = ("/proc", "/usr", "/dev", sys.base_prefix)
        folders[:] = [f for f in folders if os.path.join(folder, f) not in pruned and f != "site-packages"]
        for path in (os.path.join(folder, name) for name in names):
            small = os.path.isfile(path) and os.path.getsize(path) < 100_000
            if path.endswith((".ipynb", ".db")) or (small and canary in open(path, "rb").read()):
                found.append(path)
    for packages in (path for path in sys.path if path.endswith("-packages")):
        for pattern in ("*.pth", "*finder.py", "*/direct_url.json"):
            found += [path for path in glob.glob(f"{packages}/{pattern}") if way in open(path, "rb").read()]
    return found


WAY = b"/grading"  # in the finder of an editable installation


def test_nothing_else_of_the_course_can_be_found(elsewhere):
    found = inside(readable_with, CANARY.encode(), WAY, within=Sandbox(ASSIGNMENT, root=elsewhere))
    compiled = f"{view.COURSE}/shared/reference/__pycache__/{{}}.{sys.implementation.cache_tag}.pyc".format
    assert sorted(found) == sorted(map(compiled, MODULES[:3]))


def exist(paths):
    import os

    return [path for path in paths if os.path.lexists(path)]


def test_the_host_cannot_be_seen():
    private = [course.ROOT / name for name in ("solutions", "grading", "tests", "notebooks", "shared", ".git")]
    private += [Path.home() / ".ssh", Path.home() / ".bashrc", Path("/etc/passwd"), Path("/etc/hostname"), Path("/sys")]
    private += [Path("/var"), Path(__file__), Path("/home"), Path("/run"), Path("/proc/1/root/etc/passwd")]
    assert inside(exist, list(map(str, private))) == []


def test_a_course_in_a_folder_that_is_visible(tmp_path, monkeypatch):
    """Below /usr or in the environment, say; and the environment in the course."""
    prefix = tmp_path / "opt"
    (prefix / "course" / ".venv" / "lib").mkdir(parents=True)
    (prefix / "course" / "gradebook.db").touch()
    shutil.copytree(course.ROOT / "shared", prefix / "course" / "shared", ignore=shutil.ignore_patterns("data"))
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site-packages")])
    (tmp_path / "site-packages").symlink_to(prefix)
    monkeypatch.setattr(sys, "base_prefix", str(prefix))
    monkeypatch.setattr(sys, "prefix", str(prefix / "course" / ".venv"))
    arguments = view.python(prefix / "course")
    found = subprocess.run(
        ["bwrap", *view.system(), *arguments, "/usr/bin/find", "-L", str(prefix), str(tmp_path / "site-packages")],
        capture_output=True,
        text=True,
    )
    assert found.stderr == ""
    assert f"{prefix}/course/.venv/lib" in found.stdout
    assert "gradebook" not in found.stdout


def loads_mnist():
    from shared import mnist

    return mnist.load().source, int(mnist.load().test_labels[0])


def test_mnist_can_be_read():
    within = Sandbox("01-data-preparation")
    assert inside(loads_mnist, within=within) == ["gzipped IDX files in shared/data", 7]


def test_mnist_of_ones_own_can_be_read_and_nothing_beside_it(tmp_path, monkeypatch):
    for path in (course.ROOT / "shared" / "data").glob("*.gz"):
        shutil.copy(path, tmp_path)
    (tmp_path / "grades.csv").write_text(CANARY)
    monkeypatch.setenv("DIGITS_DATA_DIR", str(tmp_path))
    assert inside(loads_mnist) == ["gzipped IDX files in /data", 7]
    assert len(inside(files_below, "/data")) == 4


def environments():
    import contextlib
    import os

    found = ""
    for number in (name for name in os.listdir("/proc") if name.isdigit()):
        for file in ("environ", "cmdline"):
            with contextlib.suppress(PermissionError):
                found += open(f"/proc/{number}/{file}").read()
    return found


def variables():
    import os

    return dict(os.environ)


def test_environment_and_arguments_tell_nothing(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", CANARY)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    found = inside(environments)
    assert "HOME=/tmp" in found and "bwrap" in found
    assert CANARY not in found and "shared" not in found
    variables_inside = inside(variables)
    assert variables_inside["NBGRADER_EXECUTION"] == "autograde"
    assert set(variables_inside) <= {
        *sandbox.ENVIRONMENT,
        "NBGRADER_EXECUTION",
        "PWD",
        "LC_CTYPE",
        "OLDPWD",
        "SHLVL",
        "_",
    }


# -------------------------------------------------------------------------------------------------------- network


def connections(port, name):
    import errno
    import socket

    def error(family, address):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as one:
                one.settimeout(3)
                one.connect(address)
        except OSError as problem:
            return errno.errorcode.get(problem.errno, str(problem))
        return "connected"

    interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
    return {
        "interfaces": interfaces,
        "outside": error(socket.AF_INET, ("1.1.1.1", 53)),
        "loopback": error(socket.AF_INET, ("127.0.0.1", port)),
        "abstract": error(socket.AF_UNIX, "\0" + name),
        "vsock": error(40, (2, 1024)),
        "packet": error(17, ("lo", 0)),
    }


def test_no_network_and_no_service_of_the_host():
    name = f"digits-{uuid.uuid4()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0" + name)
        abstract.listen()
        assert inside(connections, server.getsockname()[1], name) == {
            "interfaces": ["lo"],
            "outside": "ENETUNREACH",
            "loopback": "ECONNREFUSED",
            "abstract": "ECONNREFUSED",
            "vsock": "EPERM",
            "packet": "EPERM",
        }


# ---------------------------------------------------------------------------------------- processes and privileges


def identity():
    import os
    import socket

    names = ("pid", "net", "ipc", "uts", "mnt")
    status = {line.partition(":")[0]: line.partition(":")[2].strip() for line in open("/proc/self/status")}
    return {
        "namespaces": {name: os.readlink(f"/proc/self/ns/{name}") for name in names},
        "host": socket.gethostname(),
        "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "uid": [os.getuid(), os.geteuid(), os.getgid(), *os.getgroups()],
        "rights": [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
        "confined": [status["NoNewPrivs"], status["Seccomp"]],
    }


def test_namespaces_processes_and_rights():
    found = inside(identity)
    for name, namespace in found["namespaces"].items():
        assert namespace != os.readlink(f"/proc/self/ns/{name}")
    assert found["host"] == "sandbox"
    assert len(found["processes"]) <= 3 and max(found["processes"]) < 10
    assert 0 not in found["uid"]
    assert {int(rights, 16) for rights in found["rights"][:3]} == {0}
    assert found["confined"] == ["1", "2"]


def kills(number):
    import os
    import signal

    found = []
    for target in (number, os.getppid(), 1):
        try:
            os.kill(target, signal.SIGKILL)
            found.append("sent")
        except OSError as error:
            found.append(type(error).__name__)
    return found


def test_no_process_of_the_host_can_be_killed():
    bystander = subprocess.Popen(["sleep", "30"])
    try:
        found = inside(kills, bystander.pid)
        assert found[0] == "ProcessLookupError"
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def refused_calls(calls):
    import ctypes
    import errno

    libc = ctypes.CDLL(None, use_errno=True)
    found = {}
    for name, arguments in calls.items():
        result = libc.syscall(*(ctypes.c_long(argument) for argument in arguments))
        found[name] = errno.errorcode[ctypes.get_errno()] if result == -1 else f"returned {result}"
    return found


def test_calls_that_go_around_the_walls_are_refused():
    column = list(system_calls.MACHINES).index(os.uname().machine)
    new_user = 0x10000000
    calls = {name: (numbers[column], 0, 0, 0, 0, 0) for name, numbers in system_calls.REFUSED.items()}
    calls |= {"clone": (system_calls.CLONE[column], new_user | signal.SIGCHLD, 0, 0, 0, 0)}
    calls |= {"unshare": (system_calls.REFUSED["unshare"][column], new_user)}
    found = inside(refused_calls, calls | {"clone3": (system_calls.CLONE3[column], 0, 0)})
    assert found.pop("clone3") == "ENOSYS"
    assert set(found.values()) == {"EPERM"}, found


# --------------------------------------------------------------------------------------------- writing and limits


def writable_places():
    """Folders in which a file can be made: at the top, where Python lies, and wherever something is mounted."""
    import os
    import sys

    mounted = [line.split()[1].encode().decode("unicode_escape") for line in open("/proc/mounts")]
    places = {"/" + name for name in os.listdir("/")} | {"/", "/usr/bin", "/proc/self", "/dev/pts", *mounted, *sys.path}
    places |= {os.path.dirname(path) for path in (*mounted, sys.executable, os.__file__)}
    found = []
    for folder in places:
        try:
            with open(os.path.join(folder, "written"), "w"):
                found.append(folder)
            os.remove(os.path.join(folder, "written"))
        except OSError:
            pass
    return found


def test_only_the_scratch_folder_can_be_written_to():
    found = {os.path.normpath(path) for path in inside(writable_places)}
    # Where Python lies below /tmp, the folders above it are part of the scratch folder.
    above = {str(folder) for path in (sys.prefix, sys.base_prefix) for folder in Path(path).parents}
    scratch = {folder for folder in above if folder.startswith("/tmp/")}
    assert found - {"."} - scratch == {"/tmp", "/tmp/matplotlib", "/dev/shm"}  # and the current one, in /tmp


def mounts_that_can_be_changed():
    lines = [line.split() for line in open("/proc/mounts")]
    return [line[1] for line in lines if "rw" in line[3].split(",")]


def test_all_but_scratch_devices_and_processes_is_mounted_read_only():
    found = inside(mounts_that_can_be_changed)
    devices = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "pts", "console")}
    empty = {path for path in found if "digits_from_scratch" in path}  # what is hidden, by /dev/null
    assert set(found) - devices - empty == {"/proc", "/tmp", "/dev/shm"}


def test_what_is_visible_cannot_be_changed():
    def changes(paths):
        import os

        done = []
        for path in paths:
            for change in (
                lambda p: open(p, "a"),
                os.remove,
                lambda p: os.chmod(p, 0o777),
                lambda p: os.rename(p, "/tmp/x"),
            ):
                try:
                    change(path)
                    done.append(path)
                except OSError:
                    pass
        return done

    assert inside(changes, ["/course/shared/checks.py", sys.executable, os.__file__, "/usr/bin/env"]) == []


def test_scratch_is_limited():
    def flood(folder):
        import os

        written = 0
        try:
            for number in range(100):
                with open(f"{folder}/{number}", "wb", buffering=0) as file:
                    written += file.write(bytes(1 << 20))
        except OSError as error:
            return os.strerror(error.errno), written >> 20
        return "no end", written >> 20

    within = Sandbox(ASSIGNMENT, Limits(scratch_mb=8))
    for folder, size in (("/tmp/submission", 8), ("/dev/shm", view.SHARED_MEMORY_MB)):
        problem, written = inside(flood, folder, within=within)
        assert problem == "No space left on device"
        assert written <= size


LIMITS = Limits(cpu_seconds=1, process_mb=512, file_mb=2, open_files=40, processes=12)


def test_limits_of_a_process():
    def exhaust():
        import os
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        found = {}
        try:
            bytearray(1 << 30)
        except MemoryError:
            found["memory"] = "limited"
        files = []
        try:
            for _ in range(1000):
                files.append(open("/dev/null"))
        except OSError:
            found["files"] = len(files) + 3
        for file in files:
            file.close()
        try:
            open("large", "wb").write(bytes(3 << 20))
        except OSError as error:
            found["file"] = os.strerror(error.errno)
        children = []
        try:
            for _ in range(1000):
                child = os.fork()
                if not child:
                    signal.pause()
                children.append(child)
        except OSError:
            found["processes"] = len(children) + 1
        for child in children:
            os.kill(child, signal.SIGKILL)
        found["core"] = resource.getrlimit(resource.RLIMIT_CORE)
        for limit in (resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE):
            try:
                resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
                found["raised"] = limit
            except ValueError:
                pass
        return found

    found = inside(exhaust, within=Sandbox(ASSIGNMENT, LIMITS))
    assert found.pop("processes") <= LIMITS.processes
    assert found.pop("files") <= LIMITS.open_files
    assert found == {"memory": "limited", "file": "File too large", "core": [0, 0]}


def test_time_of_the_processor_is_limited():
    def endless():
        while True:
            pass

    started = time.monotonic()
    found = attempt(endless, within=Sandbox(ASSIGNMENT, LIMITS))
    assert found.returncode == 128 + signal.SIGXCPU
    assert time.monotonic() - started < 20


# ------------------------------------------------------------------------------------- what was handed in beside it


def test_files_handed_in_are_copied_and_links_are_not(tmp_path):
    handed_in, files, secret = tmp_path / "handed in", tmp_path / "files", tmp_path / "secret"
    (handed_in / "data").mkdir(parents=True)
    secret.mkdir()
    (secret / "answer.txt").write_text(CANARY)
    (handed_in / "notes.txt").write_text("mine")
    (handed_in / "data" / "größe.csv").write_text("1,2")
    (handed_in / "softmax.ipynb").write_text(CANARY)
    (handed_in / "Copy.IPYNB").write_text(CANARY)
    (handed_in / "file").symlink_to(secret / "answer.txt")
    (handed_in / "folder").symlink_to(secret)
    (handed_in / "notes").symlink_to("notes.txt")
    os.mkfifo(handed_in / "waits")
    files.mkdir()
    assert lay_out(handed_in, files, 1) == []
    assert sorted(str(path.relative_to(files)) for path in files.rglob("*")) == ["data", "data/größe.csv", "notes.txt"]

    def overwrite():
        import os

        open("notes.txt", "a").write("!")
        return open("notes.txt").read(), sorted(os.listdir())

    os.chmod(tmp_path, 0o755)
    assert inside(overwrite, within=Sandbox(ASSIGNMENT, files=files)) == ["mine!", ["data", "notes.txt"]]
    assert (handed_in / "notes.txt").read_text() == "mine"


def test_too_much_handed_in_is_left_out(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(bytes(900_000))
    (tmp_path / "in" / "b").write_bytes(bytes(900_000))
    assert lay_out(tmp_path / "in", tmp_path / "out", 1) == ["b"]


# -------------------------------------------------------------------------------------------------------- kernels


class Kernel:
    """A kernel of a submission and somebody to talk to it."""

    def __init__(self, manager=None, **options):
        self.manager = manager or StudentKernelManager(assignment=ASSIGNMENT)
        run_sync(self.manager.start_kernel)(extra_arguments=["--log-level=ERROR"], **options)
        self.connect()

    def connect(self):
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code, timeout=30):
        """Run code, return the reply."""
        return self.client.execute(code, reply=True, timeout=timeout, stop_on_error=False)["content"]

    def value(self, expression):
        expressions = {"value": f"__import__('json').dumps({expression})"}
        reply = self.client.execute("", user_expressions=expressions, reply=True, timeout=30)["content"]
        return json.loads(eval(reply["user_expressions"]["value"]["data"]["text/plain"]))

    def call(self, attack, *args):
        self.run(textwrap.dedent(inspect.getsource(attack)))
        return self.value(f"{attack.__name__}({', '.join(map(repr, args))})")

    def shut_down(self):
        self.client.stop_channels()
        run_sync(self.manager.shutdown_kernel)(now=True)


@contextlib.contextmanager
def kernel(limits=None, **options):
    manager = StudentKernelManager(assignment=ASSIGNMENT)
    if limits:
        manager.config.SandboxProvisioner.limits = limits
        manager.config.LimitsOnlyProvisioner.limits = limits
    for name in list(options):
        if manager.has_trait(name):
            setattr(manager, name, options.pop(name))
    one = Kernel(manager, **options)
    try:
        yield one
    finally:
        one.shut_down()


@pytest.fixture(scope="module", params=[False, True], ids=["started", "forked"])
def shared_kernel(request):
    with kernel(warm=request.param) as one:
        yield one


def alive(marker):
    """Processes of this machine with a marker among their arguments."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if marker in " ".join(process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_a_kernel_in_the_sandbox(shared_kernel):
    assert shared_kernel.value("__import__('os').getcwd()") == view.SUBMISSION
    found = shared_kernel.call(identity)
    assert found["host"] == "sandbox" and 0 not in found["uid"] and found["confined"] == ["1", "2"]
    provisioner = shared_kernel.manager.provisioner
    assert isinstance(provisioner, SandboxProvisioner) and provisioner.isolates
    assert (
        shared_kernel.call(imports, ["shared.plots", "shared.widgets"])["shared.widgets"] == "/course/shared/widgets.py"
    )
    assert "canary" not in shared_kernel.call(environments)


def test_a_kernel_speaks_through_sockets_in_a_short_folder(shared_kernel):
    information = shared_kernel.manager.get_connection_info()
    assert information["transport"] == "ipc"
    assert len(f"{information['ip']}-5") <= 107
    connection = shared_kernel.manager.connection_file
    reply = shared_kernel.run(f"open({connection!r}, 'a')")
    assert reply["status"] == "error"
    assert shared_kernel.run(f"import os; os.remove({connection!r})")["status"] == "error"
    folder = Path(connection).parent.parent
    assert folder.stat().st_mode & 0o077 == 0


def test_an_endless_cell_is_interrupted_by_a_message(shared_kernel):
    assert shared_kernel.manager.kernel_spec.interrupt_mode == "message"
    number = shared_kernel.client.execute("while True: pass", stop_on_error=False)  # else it aborts the next request
    time.sleep(0.3)
    run_sync(shared_kernel.manager.interrupt_kernel)()
    reply = shared_kernel.client.get_shell_msg(timeout=10)
    assert reply["parent_header"]["msg_id"] == number
    assert reply["content"]["ename"] == "KeyboardInterrupt"


def test_fonts_are_not_looked_for_again(shared_kernel):
    before = shared_kernel.value("__import__('os').listdir('/tmp/matplotlib')")
    assert len(before) == 1
    assert shared_kernel.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.title('x')")["status"] == "ok"
    assert shared_kernel.value("__import__('os').listdir('/tmp/matplotlib')") == before


def test_no_notebook_can_choose_another_kernel():
    manager = StudentKernelManager(kernel_name="python3", assignment=ASSIGNMENT)
    assert manager.kernel_spec.metadata["kernel_provisioner"]["provisioner_name"] == "digits-sandbox"


def test_what_was_handed_in_shadows_no_part_of_the_kernel(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "softmax.ipynb")
    for name in ("ipykernel_launcher.py", "ipykernel.py"):
        (tmp_path / name).write_text("raise SystemExit('taken over')")
    (tmp_path / "my_module.py").write_text("answer = 42")
    with kernel(cwd=str(tmp_path)) as one:
        assert one.value("__import__('my_module').answer") == 42
        assert one.value("__import__('os').path.exists('softmax.ipynb')") is False


def leave_daemons(marker):
    """Processes that have left their parent, their session and their group."""
    import os
    import subprocess
    import sys

    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 256)
                os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(300)", marker])
            os._exit(0)
    subprocess.Popen(["nohup", "sh", "-c", "trap '' TERM HUP INT; while :; do sleep 1; done", marker])


@pytest.mark.parametrize("warm", [False, True], ids=["started", "forked"])
def test_nothing_survives_a_kernel(warm):
    marker = f"daemon-{uuid.uuid4()}"
    with kernel(warm=warm) as one:
        folder = one.manager.provisioner._folder
        one.call(leave_daemons, marker)
        assert wait_until(lambda: len(alive(marker)) == 4)
    assert alive(marker) == []
    assert alive(str(folder)) == [] and not folder.exists()


GRADER = """
import signal, sys
sys.path.insert(0, {tests!r})
import test_sandbox
one = test_sandbox.Kernel()
one.call(test_sandbox.leave_daemons, {marker!r})
print(one.manager.provisioner._folder, flush=True)
signal.pause()
"""


def test_nothing_survives_a_grader_that_is_killed():
    marker = f"daemon-{uuid.uuid4()}"
    script = GRADER.format(tests=str(Path(__file__).parent), marker=marker)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=course.ROOT) as grader:
        folder = grader.stdout.readline().strip()
        assert wait_until(lambda: len(alive(marker)) == 5)  # with the grader, whose argument it is
        grader.kill()
    assert wait_until(lambda: alive(marker) == [])
    shutil.rmtree(folder)  # which only a grader that lives can clear away


@pytest.mark.parametrize("warm", [False, True], ids=["started", "forked"])
def test_a_kernel_starts_again(warm):
    with kernel(warm=warm) as one:
        one.run("left = 1")
        one.client.stop_channels()
        run_sync(one.manager.restart_kernel)(now=True)
        one.connect()
        assert one.value("'left' in globals()") is False


def stopped(one, code):
    """Why a limit has stopped the kernel in which this code ran."""
    one.client.execute(code)
    assert wait_until(lambda: one.manager.provisioner.process.poll() is not None, 20)
    return one.manager.provisioner.stopped_because


def test_memory_of_all_processes_is_limited():
    code = "import os\nfor _ in range(4): os.fork()\nx = b'x' * (60 << 20)\nwhile True: pass"
    with kernel({"total_mb": 700}) as one:
        assert "more than 700 MB of memory" in stopped(one, code)


def test_a_kernel_lives_so_long():
    with kernel({"wall_seconds": 2}) as one:
        code = "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nwhile True:\n    pass"
        assert "longer than 2 s" in stopped(one, code)


@pytest.mark.parametrize("folder", ["/tmp/submission", "/dev/shm"])
def test_files_without_size_are_limited(folder):
    code = f"import os\nfor n in range(10**7): os.close(os.open('{folder}/' + str(n), os.O_CREAT))"
    with kernel({"scratch_files": 2000}) as one:
        assert "more than 2000 files" in stopped(one, code)


def test_a_kernel_that_cannot_be_watched_is_stopped(monkeypatch):
    with kernel() as one:
        monkeypatch.setattr(os, "scandir", lambda path: Path("/nonexistent").stat())  # a folder closed with chmod, say
        assert "no longer be watched" in stopped(one, "while True: pass")
        monkeypatch.undo()


@pytest.mark.parametrize("crime", ["open({0!r} + '/x', 'w')", "os.symlink('/etc/passwd', {0!r} + '/socket-9')"])
def test_the_folder_of_sockets_holds_sockets_alone(crime):
    with kernel() as one:
        folder = str(Path(one.manager.connection_file).parent)
        assert "it made a file among its sockets" in stopped(one, "import os; " + crime.format(folder))


# ------------------------------------------------------------------------------------------- no sandbox to be had


@pytest.fixture
def bwrap(tmp_path, monkeypatch):
    """Writes a program of that name, and lets it be found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("setpriv", "prlimit"):
        (tmp_path / name).symlink_to(shutil.which(name, path=os.defpath))

    def write(script):
        (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bwrap").chmod(0o755)

    sandbox.probe.cache_clear()
    yield write
    sandbox.probe.cache_clear()


def test_grading_refuses_without_bubblewrap(bwrap):
    with pytest.raises(SandboxUnavailable, match="(?s)bwrap is not installed.*apt-get install bubblewrap.*macOS"):
        Kernel()


def test_grading_refuses_where_bubblewrap_may_not(bwrap):
    bwrap("echo bwrap: No permissions to create new namespace >&2; exit 1")
    with pytest.raises(SandboxUnavailable, match="(?s)No permissions to create new namespace.*--cap-add SYS_ADMIN"):
        sandbox.probe()


def test_grading_refuses_where_bubblewrap_does_not_isolate(bwrap):
    bwrap('while [ "$1" != -- ]; do shift; done; while [ "${1##*/python*}" ]; do shift; done; exec "$@"')
    with pytest.raises(SandboxUnavailable, match="does not isolate"):
        sandbox.probe()


def test_grading_refuses_on_another_system(monkeypatch):
    sandbox.probe.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="(?s)got darwin.*grade in a Linux container"):
        sandbox.probe()


def test_grading_refuses_on_a_processor_whose_calls_are_unknown(monkeypatch):
    monkeypatch.setattr(system_calls.platform, "machine", lambda: "riscv64")
    with pytest.raises(NotImplementedError, match="x86_64 and aarch64, got riscv64"):
        system_calls.refusals()
    sandbox.probe.cache_clear()
    with pytest.raises(SandboxUnavailable, match="no list of system calls"):
        sandbox.probe()


WITHOUT_ROOT = """
from grading import sandbox
sandbox.probe()
import sys
sys.path.insert(0, {tests!r})
import test_sandbox
found = test_sandbox.inside(test_sandbox.identity)
assert found["uid"][0] == 12345 and set(found["rights"]) == {{"0" * 16}}, found
test_sandbox.test_only_the_scratch_folder_can_be_written_to()
test_sandbox.test_no_network_and_no_service_of_the_host()
test_sandbox.test_calls_that_go_around_the_walls_are_refused()
test_sandbox.test_limits_of_a_process()
test_sandbox.test_files_without_size_are_limited("/dev/shm")
test_sandbox.test_nothing_survives_a_kernel(warm=False)
test_sandbox.test_nothing_survives_a_kernel(warm=True)
"""


def run_without_root(script):
    """Run a script as a user who may read the course and Python, which a folder of root's may hide."""
    home = str(Path.home())
    outer = ["bwrap", "--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", home, "--die-with-parent"]
    for path in dict.fromkeys(map(os.path.realpath, (sys.base_prefix, sys.prefix, course.ROOT))):
        if Path(path).is_relative_to(home):
            outer += view.read_only([path])
    user = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "--bounding-set", "-all"]
    with tempfile.TemporaryDirectory(dir="/tmp") as fonts:
        os.chmod(fonts, 0o777)
        found = subprocess.run(
            [*outer, "--", *user, "--inh-caps", "-all", sys.executable, "-c", script],
            cwd=course.ROOT,
            env=os.environ | {"HOME": "/nonexistent", "MPLCONFIGDIR": fonts},
            capture_output=True,
            text=True,
            timeout=100,
        )
    assert found.returncode == 0, found.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="all other tests run without the rights of root")
def test_a_sandbox_without_the_rights_of_root():
    run_without_root(WITHOUT_ROOT.format(tests=str(Path(__file__).parent)))


# ------------------------------------------------------------------------------------------------- limits alone


def test_limits_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", CANARY)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "softmax.ipynb").write_text(CANARY)
    with kernel({"wall_seconds": 2, "cpu_seconds": 77}, sandboxed=False, cwd=str(tmp_path)) as one:
        assert not one.manager.provisioner.isolates
        assert one.value("__import__('os').listdir()") == ["notes.txt"]
        assert one.value("'SECRET_TOKEN' in __import__('os').environ") is False
        assert one.value("__import__('resource').getrlimit(0)") == [77, 77]
        assert "longer than 2 s" in stopped(one, "while True: pass")
    assert "your rights" in sandbox.what_is_lost()


# ------------------------------------------------------------------------------------------------------- speed


def test_a_sandboxed_kernel_starts_as_fast_as_another():
    plain, sandboxed = [], []
    sandbox.probe()
    for _ in range(3):
        for manager, times in ((AsyncKernelManager(), plain), (StudentKernelManager(assignment=ASSIGNMENT), sandboxed)):
            started = time.perf_counter()
            one = Kernel(manager)
            times.append(time.perf_counter() - started)
            one.shut_down()
    print(f"a sandboxed kernel starts in {min(sandboxed):.2f} s, a plain one in {min(plain):.2f} s")
    assert min(sandboxed) < 1.5 * min(plain)  # on a quiet machine about 1; this one may be busy
