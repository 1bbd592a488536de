# ruff: noqa: SIM115  (attacks are short and end with their process)
"""A kernel that was forked from a warm parent: it finds what one finds that was started, and not a word more.

What a kernel that was started can do is tested in tests/test_sandbox.py, from where the attacks come.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import course
import psutil
import pytest
import test_sandbox as attacks
from jupyter_client.utils import run_sync
from test_sandbox import CANARY, kernel, stopped, wait_until

from grading import system_calls, view, warm
from grading.provisioner import StudentKernelManager
from shared import misconceptions

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

WITHHELD = view.withheld(attacks.ASSIGNMENT)
IMPORTS = "import numpy, matplotlib.pyplot, ipywidgets"


@pytest.fixture(scope="module")
def started():
    """A kernel that was started."""
    with kernel(warm=False) as one:
        assert one.manager.provisioner._forked is None
        one.run(IMPORTS)
        one.used = one.value("__import__('time').process_time()")
        yield one


@pytest.fixture(scope="module")
def forked():
    """A kernel that was forked from the parent of a grader with a secret, after another student's."""
    warm.close_all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_TOKEN", CANARY)
        with kernel() as another:
            assert another.manager.provisioner._forked is not None
            another.folder = another.manager.provisioner._folder
            another.run(f"secret = 'another student wrote ' '{CANARY}'")
    with kernel() as one:
        assert one.manager.provisioner._forked is not None
        one.another = another
        one.run(IMPORTS)
        one.used = one.value("__import__('time').process_time()")
        yield one


# --------------------------------------------------------------------------------------------- as if it was started


def surroundings():
    import os
    import re
    import resource
    import signal
    import sys
    import threading

    import matplotlib

    limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status"))
    same = ("Umask", "Groups", "Threads", "SigBlk", "SigIgn", "SigCgt", "NoNewPrivs", "Seccomp", "Seccomp_filters")
    same += ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Cpus_allowed", "Speculation_Store_Bypass")
    mounts = [line.split() for line in open("/proc/self/mounts")]
    return {
        "environment": dict(os.environ),
        "working directory": os.getcwd(),
        "arguments": [argument for argument in sys.argv if "/digits-" not in argument],
        "search path": sys.path,
        "finders": [str(finder).split(" at ")[0] for finder in sys.meta_path],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in limits},
        "status": {name: status.get(name) for name in same},
        "session": [os.getsid(0) == os.getpgid(0), os.getpriority(os.PRIO_PROCESS, 0)],
        "interrupt": str(signal.getsignal(signal.SIGINT)),
        "reaping": str(signal.getsignal(signal.SIGCHLD)),
        "threads": sorted(re.sub("[0-9]", "", thread.name) for thread in threading.enumerate()),
        "out of memory": open("/proc/self/oom_score_adj").read(),
        "mounts": [mount[1:4] for mount in mounts if "/digits-" not in mount[1]],
        "top": {folder: sorted(os.listdir(folder)) for folder in ("/", "/dev", "/etc", "/tmp/submission")},
        "namespaces": sorted(os.listdir("/proc/self/ns")),
        "plots": {name: str(value) for name, value in matplotlib.rcParams.items()},
    }


def test_it_finds_the_same_surroundings(started, forked):
    expected, found = started.call(surroundings), forked.call(surroundings)
    for one in (expected, found):
        for name in ("SHLVL", "OLDPWD", "_"):  # of the shell that starts a kernel
            one["environment"].pop(name, None)
        one["mounts"] = sorted([place, kind, options.split(",uid=")[0]] for place, kind, options in one["mounts"])
    assert found == expected


@pytest.mark.parametrize(
    ("attack", "arguments"),
    [
        (attacks.files_below, ["/course"]),
        (attacks.imports, [["shared.checks", "shared.misconceptions", "grading", "course", "shared.reference.mlp"]]),
        (attacks.writable_places, []),
        (attacks.mounts_that_can_be_changed, []),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_reaches_the_same_places(attack, arguments, started, forked):
    expected, found = ([str(x) for x in one.call(attack, *arguments)] for one in (started, forked))
    folders = [Path(one.manager.connection_file).parents[1].name for one in (started, forked)]
    assert sorted(x.replace(folders[1], folders[0]) for x in found) == sorted(expected)


def figure_of(one):
    outputs = []
    one.client.execute_interactive(
        "import matplotlib.pyplot as plt, numpy as np\n"
        "fig, ax = plt.subplots(); ax.imshow(np.eye(3)); ax.set_title('$e^z$'); plt.show()",
        output_hook=outputs.append,
        timeout=60,
    )
    return [message["content"]["data"]["image/png"] for message in outputs if message["msg_type"] == "display_data"]


def test_it_draws_the_same_figure(started, forked):
    assert len(figure_of(started)) == 1
    assert figure_of(forked) == figure_of(started)


def test_it_takes_a_fraction_of_the_time(started, forked):
    """Of the processor: a machine at work tells no other result."""
    print(f"seconds of the processor, imports included: started {started.used:.2f}, forked {forked.used:.2f}")
    assert forked.used < started.used / 2


# ------------------------------------------------------------------------------------------------ it is as confined


def test_it_has_namespaces_and_a_user_of_its_own(forked):
    found = forked.call(attacks.identity)
    first = forked.manager.provisioner.process.pid
    with kernel() as beside:
        assert beside.manager.provisioner._forked is not None
        other = beside.call(attacks.identity)
    for name, namespace in found["namespaces"].items():
        assert namespace not in (os.readlink(f"/proc/self/ns/{name}"), other["namespaces"][name])
        inside = [os.readlink(f"/proc/{child.pid}/ns/{name}") for child in psutil.Process(first).children()]
        assert inside == [namespace]
    assert found["host"] == "sandbox"
    assert len(found["processes"]) <= 4 and max(found["processes"]) < 20
    if os.geteuid() == 0:
        assert not {0, *other["uid"]} & set(found["uid"])
    assert {int(rights, 16) for rights in found["rights"]} == {0}
    assert found["confined"] == ["1", "2"]


def test_it_reaches_no_network(forked):
    found = forked.call(attacks.connections, 9, "none")
    assert found == {
        "interfaces": ["lo"],
        "outside": "ENETUNREACH",
        "loopback": "ECONNREFUSED",
        "abstract": "ECONNREFUSED",
        "vsock": "EPERM",
        "packet": "EPERM",
    }


def test_it_is_refused_the_same_calls(forked):
    column = list(system_calls.MACHINES).index(os.uname().machine)
    calls = {name: (numbers[column], 0, 0, 0, 0, 0) for name, numbers in system_calls.REFUSED.items()}
    calls |= {"clone": (system_calls.CLONE[column], 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)}
    found = forked.call(attacks.refused_calls, calls)
    assert set(found.values()) == {"EPERM"}, found


def forks():
    import contextlib
    import os
    import signal

    children = []
    with contextlib.suppress(BlockingIOError):
        for _ in range(500):
            child = os.fork()
            if not child:
                signal.pause()
            children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return len(children)


def test_its_processes_are_limited():
    with kernel({"processes": 40, "total_mb": 50_000}) as one:
        assert 5 < one.call(forks) < 40


def test_memory_of_it_and_its_children_is_limited():
    with kernel({"total_mb": 700}) as one:
        code = "import os\nfor _ in range(3): os.fork()\nx = b'x' * (90 << 20)\nwhile True: pass"
        assert "more than 700 MB of memory" in stopped(one, code)


# ------------------------------------------------------------------------------------------- what a fork could leak


def remembers(halves):
    """Which texts stand anywhere in the memory of this process; in halves, so that this does not find itself."""
    found = []
    for line in open("/proc/self/maps"):
        place, rights = line.split()[:2]
        if "r" not in rights or "[v" in line:
            continue
        start, end = (int(number, 16) for number in place.split("-"))
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            memory.seek(start)
            content = memory.read(end - start)
        for number, (first, second) in enumerate(halves):
            first, second = first.encode(), second.encode()
            place = content.find(second)
            while place >= 0:
                if content[place - len(first) : place] == first:
                    found.append(number)
                    break
                place = content.find(second, place + 1)
    return sorted(set(found))


def longest_line(path):
    return max(Path(path).read_text(encoding="utf-8").splitlines(), key=len).strip()


def test_its_memory_holds_nothing_of_the_grader_and_of_other_kernels(forked):
    forked.run("mine = ''.join(['this is', ' my own'])")
    private = [CANARY, "another student wrote", str(course.ROOT / "solutions"), forked.another.manager.session.session]
    private += [str(forked.another.folder), f"class {warm.WarmParent.__name__}", "SECRET_TOKEN"]
    private += [longest_line(course.ROOT / f"shared/reference/{module}.py") for module in WITHHELD]
    private += [longest_line(path) for path in Path(misconceptions.__file__).parent.glob("*.py")]
    texts = ["this is my own", *private]
    found = forked.call(remembers, [(text[: len(text) // 2], text[len(text) // 2 :]) for text in texts])
    assert [texts[number] for number in found] == ["this is my own"]


def test_it_has_imported_of_the_course_what_no_assignment_withholds():
    with kernel() as one:
        loaded = one.value("sorted(__import__('sys').modules)")
        one.run("from shared import mnist; mnist.load()")
        hits, misses = one.value("mnist._read_verified.cache_info()[:2]")
    assert (hits, misses) == (1, 1), "the parent has read MNIST, and the kernel finds it"
    assert {"matplotlib.pyplot", "numpy", "shared.checks", "shared.plots", "shared.mnist"} <= set(loaded)
    assert not [name for name in loaded if name.partition(".")[0] in ("grading", "course", "tests")]
    assert not [name for name in loaded if name.startswith(("shared.reference.", "shared.misconceptions"))]


def test_its_environment_and_arguments_tell_nothing(forked):
    found = forked.call(attacks.environments)
    assert "HOME=/tmp" in found and "warm_parent" in found
    assert CANARY not in found and str(course.ROOT / "grading") not in found and "SECRET" not in found


def ways_out():
    """What this process holds open or has mapped that cannot be found, and what it can change of its own program."""
    import os

    mapped = {line.split(maxsplit=5)[5].strip() for line in open("/proc/self/maps") if len(line.split()) > 5}
    found = [path for path in mapped if path.startswith("/") and not os.path.exists(path)]
    mounts = {line.split()[0] for line in open("/proc/self/mountinfo")}
    for number in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        information = dict(line.split(":", 1) for line in open(f"/proc/self/fdinfo/{number}"))
        if target.startswith("/") and information["mnt_id"].strip() not in mounts:
            found.append(target)
    with open("/proc/self/exe", "rb") as program:  # it was mounted for the parent
        if not os.fstatvfs(program.fileno()).f_flag & os.ST_RDONLY:
            found.append("a file that can be written to")
    for change in (
        lambda: open("/proc/self/exe", "ab"),
        lambda: os.chmod("/proc/self/exe", 0o777),
        lambda: os.utime("/proc/self/exe"),
        lambda: os.truncate("/proc/self/exe", 0),
        lambda: os.listdir("/proc/self/exe/.."),
        lambda: os.kill(os.getppid() or -999999, 0),
    ):
        try:
            change()
            found.append("a change")
        except OSError:
            pass
    root, first = os.stat("/"), os.stat("/proc/self/root/")
    return found if (root.st_ino, root.st_dev) == (first.st_ino, first.st_dev) else [*found, "/proc/self/root"]


def test_no_open_file_leads_out(forked):
    assert forked.call(ways_out) == []


def draws():
    import multiprocessing.process
    import random
    import tempfile
    import uuid

    import numpy as np

    return [
        np.random.random(),  # noqa: NPY002  (that one is all but drawn from alike)
        np.random.default_rng().random(),
        list(np.random.get_bit_generator().seed_seq.generate_state(2).tolist()),
        random.random(),
        multiprocessing.process.current_process().authkey.hex(),
        next(tempfile._get_candidate_names()),
        str(uuid.uuid4()),
    ]


def test_no_two_of_them_draw_the_same(forked):
    with kernel() as another:
        pairs = zip(forked.call(draws), another.call(draws), strict=True)
    assert [one for one, other in pairs if one == other] == []


# ------------------------------------------------------------------------------------------------- life and death


def is_gone(number):
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_its_end_is_the_end_of_its_sandbox():
    with kernel() as one:
        provisioner = one.manager.provisioner
        one.call(attacks.leave_daemons, f"left by {provisioner._folder}")
        one.client.execute("import os; os._exit(3)")
        assert wait_until(lambda: provisioner.process.poll() is not None)
        assert wait_until(lambda: attacks.alive(str(provisioner._folder)) == [])
        assert provisioner.stopped_because is None


def test_it_starts_again_and_leaves_nothing():
    with kernel() as one:
        provisioner = one.manager.provisioner
        first = provisioner._forked.pid
        one.run("left = 1")
        one.client.stop_channels()
        run_sync(one.manager.restart_kernel)(now=True)
        one.connect()
        second = one.manager.provisioner._forked.pid
        assert is_gone(first) and second != first
        assert one.value("'left' in globals()") is False
    assert is_gone(second) and attacks.alive(str(one.manager.connection_file)) == []


@pytest.mark.parametrize("warm_start", [True, False], ids=["forked", "started"])
def test_a_link_left_among_the_sockets_shows_nothing_to_the_next_kernel(warm_start, tmp_path):
    (tmp_path / "answer.txt").write_text(CANARY)
    with kernel(warm=warm_start) as one:
        link = str(Path(one.manager.connection_file).parent / "socket-9")
        one.client.execute(f"import os; os.symlink({str(tmp_path / 'answer.txt')!r}, {link!r}); os._exit(0)")
        assert wait_until(lambda: one.manager.provisioner.process.poll() is not None)
        one.client.stop_channels()
        run_sync(one.manager.restart_kernel)(now=True)
        one.connect()
        assert one.value(f"__import__('os').path.lexists({link!r})") is False


def test_the_end_of_the_parent_is_the_end_of_its_kernels_and_of_nothing_else():
    with kernel() as one:
        provisioner = one.manager.provisioner
        one.run("import ctypes; ctypes.CDLL(None).prctl(1, 0)")  # this kernel would not end with its parent
        for process in psutil.Process(provisioner._parent._process.pid).children():
            process.kill()
        assert wait_until(lambda: provisioner.process.poll() is not None)
        assert "forked from has ended" in provisioner.stopped_because
    assert is_gone(provisioner.pid)
    warm.prepare()
    prepared = warm._parents[()]
    with kernel() as one:
        assert one.manager.provisioner._forked is not None
        assert one.manager.provisioner._parent is prepared


GRADER = """
import os, signal, sys
sys.path.insert(0, {tests!r})
import test_sandbox
one = test_sandbox.Kernel()
fork = os.fork()
if fork:
    print(one.manager.provisioner._folder, one.manager.provisioner._parent._process.pid, fork, flush=True)
signal.pause()
"""


def test_the_parent_ends_with_the_grader_though_a_fork_of_that_lives_on():
    script = GRADER.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=course.ROOT) as grader:
        try:
            folder, number, fork = grader.stdout.readline().split()
            (parent,) = psutil.Process(int(number)).children()
            assert parent.is_running() and attacks.alive("warm_parent")
        finally:
            grader.kill()
    try:
        assert wait_until(lambda: is_gone(parent.pid))
        assert not is_gone(int(fork))
    finally:
        os.kill(int(fork), signal.SIGKILL)
    shutil.rmtree(folder)


# --------------------------------------------------------------------------------------------- where it cannot be


@pytest.fixture
def afresh():
    """A test that begins and ends without a parent."""
    warm.close_all()
    yield
    warm.close_all()


def test_kernels_are_started_where_none_can_be_forked(afresh, monkeypatch, caplog):
    monkeypatch.setattr(warm, "RIGHTS", ())
    with kernel() as one:
        assert one.manager.provisioner._forked is None and one.value("1 + 1") == 2
        assert one.manager.provisioner.isolates and one.call(attacks.identity)["confined"] == ["1", "2"]
    assert "could not be forked" in caplog.text and "setns: Operation not permitted" in caplog.text
    assert warm.parent() is None  # one more attempt was enough


def test_a_parent_that_fails_once_is_replaced(afresh, monkeypatch):
    """A machine that stands still for a while is no reason to start all kernels of a class."""
    forks = []

    def fork(self, *arguments):
        forks.append(self)
        if len(forks) == 1:
            raise warm.WarmStartUnavailable("a bad moment")
        return own(self, *arguments)

    own = warm.WarmParent.fork
    monkeypatch.setattr(warm.WarmParent, "fork", fork)
    with kernel() as one:
        assert one.manager.provisioner._forked is not None and one.value("1 + 1") == 2
    assert len(forks) == 2 and not forks[0].is_alive() and forks[1].is_alive()


def test_kernels_are_started_where_the_parent_does_not(afresh, monkeypatch, caplog, tmp_path):
    (tmp_path / "parent.py").write_text("raise SystemExit('not today')")
    monkeypatch.setattr(warm, "SCRIPT", tmp_path / "parent.py")
    with kernel() as one:
        assert one.manager.provisioner._forked is None and one.value("1 + 1") == 2
    assert "the warm parent did not start: not today" in caplog.text


def test_a_kernel_that_did_not_give_up_its_rights_does_not_start(afresh, monkeypatch, caplog, tmp_path):
    script = (
        warm.SCRIPT.read_text()
        .replace("    os.setresuid(uid, uid, uid)", "    pass")
        .replace('    _call("capset"', '    len(("capset"')
    )
    assert script.count("pass") > 0 and "capset" in script
    (tmp_path / "parent.py").write_text(script.replace("(ctypes.c_uint32 * 6)())", "(ctypes.c_uint32 * 6)()))"))
    monkeypatch.setattr(warm, "SCRIPT", tmp_path / "parent.py")
    with kernel() as one:
        assert one.manager.provisioner._forked is None and one.value("1 + 1") == 2
    assert "no rights was expected" in caplog.text


def test_no_kernel_is_forked_where_that_is_not_wanted(afresh):
    with kernel(warm=False) as one:
        assert one.manager.provisioner._forked is None
    assert warm._parents == {}
    assert StudentKernelManager(assignment=attacks.ASSIGNMENT).warm


# -------------------------------------------------------------------------------------------------- without root


WITHOUT_ROOT = """
from grading import sandbox
sandbox.probe()
import os, sys
sys.path.insert(0, {tests!r})
import test_sandbox, test_warm
with test_sandbox.kernel() as one:
    first = one.manager.provisioner.process.pid
    assert one.manager.provisioner._forked is not None
    found = one.call(test_sandbox.identity)
    assert found["uid"][0] == 12345 and set(found["rights"]) == {{"0" * 16}}, found
    assert found["confined"] == ["1", "2"] and found["host"] == "sandbox", found
    user = one.value("__import__('os').readlink('/proc/self/ns/user')")
    assert user not in (os.readlink("/proc/self/ns/user"), os.readlink(f"/proc/{{first}}/ns/user")), user
    assert one.call(test_warm.ways_out) == []
    with test_sandbox.kernel(warm=False) as other:
        test_warm.test_it_reaches_the_same_places(test_sandbox.writable_places, [], other, one)
    test_warm.test_it_reaches_no_network(one)
    test_warm.test_it_is_refused_the_same_calls(one)
test_warm.test_its_processes_are_limited()
test_warm.test_memory_of_it_and_its_children_is_limited()
test_warm.test_its_end_is_the_end_of_its_sandbox()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="all other tests run without the rights of root")
def test_a_fork_without_the_rights_of_root():
    attacks.run_without_root(WITHOUT_ROOT.format(tests=str(Path(__file__).parent)))
