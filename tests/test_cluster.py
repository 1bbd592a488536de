"""Many workers grade as one does: the same scores, notebooks and pages, whoever dies, and nothing twice.

A class of five, of whom one hands in what is no notebook, is graded by ``nbgrader autograde``. Whatever else grades it
must come to the same.
"""

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from distributed import LocalCluster
from graded_course import new_course, run
from nbgrader.api import Gradebook
from test_handed_in import ASSIGNMENT, answered, master, put

from grading import cluster, exports, fingerprint, scores, working
from grading.__main__ import main
from grading.release import released

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

SERVER = "postgresql+psycopg://digits@/postgres?host="
WAIT = "import time\ntime.sleep(2)"
# Both files lie beside the notebook; one comes from its student, one from the instructor.
READ = """from pathlib import Path
def double(x):
    return int(Path("two.txt").read_text()) * x + int(Path("zero.txt").read_text())"""
DEADLY = """
import os, signal
from pathlib import Path
from nbgrader.preprocessors import NbGraderPreprocessor

class Deadly(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        text = str(nb.cells)
        first = "once" in text and not Path("died").exists()
        if first:
            Path("died").touch()
        if first or "always" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        return nb, resources
"""

FIRST_STEP = "\nget_config().Autograde.autograde_preprocessors.insert(0, 'deadly.Deadly')\n"


# A class


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A course with one small assignment, and what five students handed in; nothing is graded."""
    folder = new_course(tmp_path_factory.mktemp("course"))
    (folder / "solutions" / ASSIGNMENT).mkdir()
    nbformat.write(master(), folder / "solutions" / ASSIGNMENT / "tiny.ipynb")
    (folder / "solutions" / ASSIGNMENT / "zero.txt").write_text("0")
    with contextlib.chdir(folder):
        release = released(ASSIGNMENT, "tiny")
    for student, content in {
        "ada": answered(release, f"{WAIT}\ndef double(x): return 2 * x"),  # the first to begin is not the first to end
        "Ben": answered(release, "def double(x):\n    return 4  # always"),
        "chloë": answered(release, READ),
        "dora": answered(release, "# once\ndef double(x): return x + x", written="Because."),
        "émile": "%PDF-1.7",
    }.items():
        put(folder / "submitted" / student / ASSIGNMENT, content)
    put(folder / "submitted" / "chloë" / ASSIGNMENT, "2", "two.txt")
    put(folder / "submitted" / "chloë" / ASSIGNMENT, "1", "zero.txt")
    made = run(folder, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def copy_of(handed_in, tmp_path_factory):
    """A function that gives copies of that course."""

    def copy():
        # Names are as long as the first one's: the gradebook's address is the course's own file in each.
        return Path(shutil.copytree(handed_in, tmp_path_factory.mktemp("copy") / "course"))

    return copy


def autograde(folder, *options):
    return run(folder, "grading", "autograde", ASSIGNMENT, *options)


def pages(folder):
    """The pages of feedback."""
    made = run(folder, "nbgrader", "generate_feedback", ASSIGNMENT, "--force")
    assert made.returncode == 0, made.stderr
    return {path.parts[-3]: path.read_bytes() for path in folder.glob(f"feedback/*/{ASSIGNMENT}/*.html")}


def outcome(folder, db_url=None):
    """What grading gives: the table, the export and the notebooks."""
    db_url = db_url or f"sqlite:///{folder}/gradebook.db"
    with Gradebook(db_url) as gradebook, contextlib.chdir(folder):
        exports.Csv(to=str(folder / "grades.csv"), assignment=[ASSIGNMENT]).export(gradebook)
    table = scores.table(db_url, ASSIGNMENT, folder)
    return SimpleNamespace(table=table, export=(folder / "grades.csv").read_text(), notebooks=notebooks(folder))


def notebooks(folder):
    """The autograded notebooks, as they lie there but for the fingerprint."""
    line = re.compile(rf'\n  "{cluster.FINGERPRINT}": "\w*",?')
    found = folder.glob(f"autograded/*/{ASSIGNMENT}/*.ipynb")
    return {path.parts[-3]: line.sub("", path.read_text()) for path in found}


@pytest.fixture(scope="module")
def expected(copy_of):
    """What ``nbgrader autograde`` makes of the class."""
    folder = copy_of()
    graded = run(folder, "nbgrader", "autograde", ASSIGNMENT)
    assert graded.returncode == 0, graded.stderr
    found = outcome(folder)
    found.pages = pages(folder)
    return found


@pytest.fixture(scope="module")
def graded(copy_of):
    """The class, graded by two workers."""
    folder = copy_of()
    result = autograde(folder, "--workers", "2")
    assert result.returncode == 0, result.stderr
    return folder, result


# The same, whoever grades


def test_nbgrader_gives_what_is_due(expected):
    _, _, *rows = expected.table
    points = {row[0]: row[-2:] for row in rows}
    assert points == {
        "ada": ["2", "graded"],
        "Ben": ["0", "graded"],
        "chloë": ["2", "graded"],
        "dora": ["2", "waits to be read"],
        "émile": ["0", "no notebook"],
    }
    assert expected.notebooks.keys() == expected.pages.keys() == points.keys()


def test_two_workers_give_the_same_in_another_order(graded, expected):
    folder, result = graded
    found = outcome(folder)
    assert found.table == expected.table
    assert found.export == expected.export
    assert found.notebooks == expected.notebooks
    assert pages(folder) == expected.pages
    saved = sorted(folder.glob(f"autograded/*/{ASSIGNMENT}/tiny.ipynb"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.parts[-3] for path in saved] != sorted(expected.notebooks)
    assert "5 of 5 submissions are to be graded" in result.stdout


def test_run_is_quiet(graded):
    """The instructor reads what concerns a submission, and nothing of Dask's or the gradebook's."""
    _, result = graded
    lines = result.stderr.splitlines()
    assert [line for line in lines if "émile is not a notebook" in line]
    others = [line for line in lines if not line.startswith(("[AutogradeApp | ERROR]", "[AutogradeApp | WARNING]"))]
    assert others == []


def test_postgresql_gives_the_same(copy_of, expected, postgresql, monkeypatch):
    """nbgrader makes its tables when it first meets an empty database, and finds nothing to upgrade in them."""
    monkeypatch.setenv("DIGITS_DB_URL", postgresql)
    folder = copy_of()
    (folder / "gradebook.db").unlink()
    for command in (["generate_assignment", ASSIGNMENT, "--force"], ["db", "upgrade"]):
        result = run(folder, "nbgrader", *command)
        assert result.returncode == 0, result.stderr
    result = autograde(folder, "--workers", "2")
    assert result.returncode == 0, result.stderr
    found = outcome(folder, postgresql)
    assert (found.table, found.export, found.notebooks) == (expected.table, expected.export, expected.notebooks)
    assert not (folder / "gradebook.db").exists()


@pytest.fixture
def postgresql():
    """The address of a server of its own, which can be reached through a socket in its folder alone."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(shutil.which("initdb") or "/x/x").parent]
    if not (programs[-1] / "initdb").exists():
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    # The server refuses to run as root, and pytest's folders are closed to others.
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="digits-") as folder:
        shutil.chown(folder, user)
        data, quiet = f"{folder}/data", {"user": user if os.geteuid() == 0 else None, "cwd": "/"}
        initdb = [programs[-1] / "initdb", "-D", data, "-U", "digits", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, **quiet)
        options = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off")
        command = [programs[-1] / "postgres", "-D", data, *(part for each in options for part in ("-c", each))]
        with open(f"{folder}/log", "w+") as log, subprocess.Popen(command, stderr=log, **quiet) as server:
            try:
                wait_until(lambda: (Path(folder) / ".s.PGSQL.5432").exists() or server.poll() is not None)
                assert server.poll() is None, Path(log.name).read_text()
                yield SERVER + folder
            finally:
                server.send_signal(signal.SIGINT)  # its fast way to stop


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds} s still waiting"
        time.sleep(0.05)


# Whoever dies


def test_dead_workers_harm_nobody_but_who_killed_two(copy_of, expected, monkeypatch, tmp_path):
    """A worker dies of Ben's submission, and the next one, too; of Dora's one alone."""
    (tmp_path / "deadly.py").write_text(DEADLY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    folder = copy_of()
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + FIRST_STEP)
    result = autograde(folder, "--workers", "2")
    assert (folder / "died").exists()
    assert result.returncode == 1
    assert "two workers have died of it" in result.stderr and "grading failed: Ben\n" in result.stderr
    found = scores.table(f"sqlite:///{folder}/gradebook.db", ASSIGNMENT, folder)
    rows, due = ({row[0]: row for row in table} for table in (found, expected.table))
    assert rows["Ben"][-1] == "failed" and set(rows["Ben"][1:-1]) == {"-"}
    del rows["Ben"], due["Ben"]
    assert rows == due
    assert notebooks(folder) == {name: text for name, text in expected.notebooks.items() if name != "Ben"}


def interrupted(folder, number):
    """Begin to grade with one worker, and send a signal to all processes when somebody is graded.

    Returns
    -------
    status, output
        What the command has left behind. No process has been left behind.
    """
    before = len(notebooks(folder))
    command = [sys.executable, "-m", "grading", "autograde", ASSIGNMENT, "--workers", "1"]
    with open(folder / "interrupted.log", "w+") as log:
        writer = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        started = set()
        try:
            while len(notebooks(folder)) == before:
                assert writer.poll() is None, f"it was over too early: {Path(log.name).read_text()}"
                time.sleep(0.02)
            started |= set(psutil.Process(writer.pid).children(recursive=True))
            assert len(started) > 4, started  # a worker, the parent of its kernels, its examiner, sandboxes
            if number == signal.SIGINT:
                os.killpg(writer.pid, number)
            else:
                os.kill(writer.pid, number)
            status = writer.wait(20)
        finally:
            writer.kill()
            writer.wait()
        _, alive = psutil.wait_procs(started, timeout=10)
        assert alive == []
        log.seek(0)
        return status, log.read()


def test_run_goes_on_after_ctrl_c_and_after_its_own_death(copy_of, expected):
    folder = copy_of()
    status, output = interrupted(folder, signal.SIGINT)
    assert status == 130 and "Interrupted. What is graded is saved" in output
    assert "Traceback" not in output
    status, _ = interrupted(folder, signal.SIGKILL)
    assert status == -signal.SIGKILL
    result = autograde(folder, "--workers", "1")
    assert result.returncode == 0, result.stderr
    found = re.search(r"(\d) of 5 submissions are to be graded", result.stdout)
    assert found and int(found[1]) < 5
    end = outcome(folder)
    assert (end.table, end.export, end.notebooks) == (expected.table, expected.export, expected.notebooks)


# Nothing twice


@pytest.fixture
def due(graded, monkeypatch):
    """A function that says who would be graded: nothing is."""
    folder, _ = graded

    def nobody(self, submissions, folders):
        asked.extend(Path(each).parent.name for each in folders)
        yield from ()

    asked = []
    monkeypatch.chdir(folder)
    monkeypatch.setattr(cluster.ParallelAutograde, "_made_by_workers", nobody)

    def ask(**options):
        asked.clear()
        assert cluster.autograde(ASSIGNMENT, **options)
        return sorted(asked)

    return folder, ask


EVERYONE = sorted(["ada", "Ben", "chloë", "dora", "émile"])


def test_what_has_not_changed_is_not_graded_again(due):
    _, ask = due
    assert ask() == []
    assert ask(force=True) == EVERYONE
    assert ask(force=True, options=["--student=ada"]) == ["ada"]
    assert ask(options=["--Execute.timeout=77"]) == EVERYONE
    assert ask(options=["--CourseDirectory.db_url=sqlite:///another.db"]) == EVERYONE
    assert ask(force=True, options=["--CourseDirectory.student_id_exclude=ada,Ben"]) == EVERYONE[2:]


@pytest.mark.parametrize(
    ("file", "whose"),
    [
        (f"submitted/ada/{ASSIGNMENT}/tiny.ipynb", ["ada"]),
        (f"submitted/chloë/{ASSIGNMENT}/two.txt", ["chloë"]),
        (f"autograded/dora/{ASSIGNMENT}/tiny.ipynb", ["dora"]),
        (f"solutions/{ASSIGNMENT}/tiny.ipynb", EVERYONE),
        (f"solutions/{ASSIGNMENT}/zero.txt", EVERYONE),
        ("jupyter_config.py", EVERYONE),
    ],
)
def test_what_has_changed_is_graded_again(due, file, whose):
    folder, ask = due
    path = folder / file
    content = path.read_bytes()
    path.chmod(0o644)
    fingerprint._of_code.cache_clear()
    try:
        path.write_bytes(content[:-9] if "autograded" in file else content.replace(b"2", b"1 + 1", 1) + b"\n")
        assert ask() == whose
    finally:
        path.parent.mkdir(exist_ok=True)  # a notebook that is damaged is put away
        path.write_bytes(content)
        fingerprint._of_code.cache_clear()
    assert ask() == []


# Elsewhere


@contextlib.contextmanager
def scheduler():
    """A scheduler of Dask's, and a function that starts a worker of it in a folder."""
    with contextlib.ExitStack() as stack:

        def start(folder, *arguments):
            command = [sys.executable, "-m", *arguments]
            process = subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process

        where = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context(open(where / "log", "w"))
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
        process = start(where, "distributed.cli.dask_scheduler", *options, "--scheduler-file", "address.json")
        wait_until((where / "address.json").exists)
        address = json.loads((where / "address.json").read_text())["address"]
        yield address, lambda folder: start(folder, "distributed.cli.dask_worker", address, "--nthreads", "1"), process


def test_workers_of_a_scheduler(copy_of, expected, monkeypatch, capfd):
    """They grade alike; without workers, or with one that would grade otherwise, nothing is graded."""
    folder, another = copy_of(), copy_of()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(cluster, "LOOK_EVERY", 3)
    with scheduler() as (address, worker, process):
        assert not cluster.autograde(ASSIGNMENT, scheduler=address)
        assert f"{address} has no workers" in capfd.readouterr().err
        right = worker(folder)
        monkeypatch.setattr(cluster, "LOOK_EVERY", 60)
        assert cluster.autograde(ASSIGNMENT, scheduler=address, options=["--student=chloë"])
        assert notebooks(folder) == {"chloë": expected.notebooks["chloë"]}
        right.terminate()
        right.wait()

        put(another / "solutions" / ASSIGNMENT, answered(master(), "def double(x):\n    return x"))
        worker(another)
        assert not cluster.autograde(ASSIGNMENT, scheduler=address, options=["--student=ada"])
        assert "has another version of the course, or of its libraries" in capfd.readouterr().err
    assert notebooks(folder).keys() == {"chloë"}
    monkeypatch.setattr(cluster, "LOOK_EVERY", 3)
    assert not cluster.autograde(ASSIGNMENT, scheduler=address)
    assert f"no scheduler of Dask's answers at {address}" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("threads", "where", "message"),
    [(4, None, "has 4 threads; start workers with --nthreads 1"), (1, "/", "not started in a copy of this course")],
)
def test_unfit_worker_refuses(handed_in, monkeypatch, threads, where, message):
    worker = SimpleNamespace(address="tcp://here", state=SimpleNamespace(nthreads=threads))
    monkeypatch.setattr(working, "get_worker", lambda: worker)
    monkeypatch.chdir(where or handed_in)
    fingerprint._of_code.cache_clear()
    with pytest.raises(working.WorkerUnfit, match=message):
        working.make_as_worker({"assignment": ASSIGNMENT}, {}, "")


# As many as there are


def test_submissions_in_memory_are_few(monkeypatch):
    """However large a class, the writer holds no more of it than its workers have at hand."""
    read, given, gone = [], {}, set(range(0, 60, 7))

    def task(folder, notebooks):
        if folder in gone:
            raise FileNotFoundError(folder)
        read.append(folder)

    converter = SimpleNamespace(_task=task, _options={}, _grader="")
    monkeypatch.setattr(working, "make_as_worker", lambda task, options, grader: "made")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    most = 0
    with LocalCluster(**options) as here, here.get_client() as client:
        all_made = cluster.ParallelAutograde._made_by(converter, client, defaultdict(list), range(60))
        for folder, made in all_made:
            given[folder] = made
            most = max(most, len(read) - len(given.keys() - gone))
    assert given.keys() == set(range(60))
    assert {folder for folder, made in given.items() if made != "made"} == gone
    assert 2 <= most <= cluster.AHEAD * 2


# What is asked wrongly


@pytest.mark.parametrize("number", ["0", "-2", "two"])
def test_number_of_workers(capsys, number):
    with pytest.raises(SystemExit):
        main(["autograde", ASSIGNMENT, f"--workers={number}"])
    assert "argument --workers:" in capsys.readouterr().err


def test_unknown_assignment(handed_in):
    result = run(handed_in, "grading", "autograde", "08-unknown")
    assert result.returncode == 1
    assert "08-unknown could not be entered into the gradebook" in result.stderr and "Traceback" not in result.stderr
