"""Many workers grade as one does: the same scores, notebooks and pages, whoever dies, and nothing twice.

A class of five, of whom one hands in what is no notebook, is graded by ``nbgrader autograde``. Whatever else grades it
must come to the same, to the byte: the table, the export, the rows of the gradebook, the notebooks and the feedback.
"""

import contextlib
import dataclasses
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
import psycopg
import pytest
from distributed import LocalCluster
from graded_course import new_course, run
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps import GenerateFeedbackApp
from nbgrader.converters import autograde as autograde_steps
from test_handed_in import ASSIGNMENT, answered, master, put

from grading import cluster, exports, fingerprint, gradebook, scores, timing, working
from grading.__main__ import main
from grading.release import released
from grading.report import records

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")

WAIT = """import time
from pathlib import Path
time.sleep(float(Path("seconds.txt").read_text()))"""
# Both files lie beside the notebook; one comes from its student, one from the instructor.
READ = """from pathlib import Path
def double(x):
    return int(Path("two.txt").read_text()) * x + int(Path("zero.txt").read_text())"""
DEADLY = """
import os, signal
from nbgrader.preprocessors import NbGraderPreprocessor

class Deadly(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        if "deadly" in str(nb.cells):
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
        "ada": answered(release, f"{WAIT}\ndef double(x): return 2 * x"),
        "Ben": answered(release, "def double(x):\n    return 4  # deadly"),
        "chloë": answered(release, READ),
        "dora": answered(release, "def double(x): return x + x", written="Because."),
        "émile": "%PDF-1.7",
    }.items():
        put(folder / "submitted" / student / ASSIGNMENT, content)
    put(folder / "submitted" / "chloë" / ASSIGNMENT, "2", "two.txt")
    put(folder / "submitted" / "chloë" / ASSIGNMENT, "1", "zero.txt")
    put(folder / "submitted" / "ada" / ASSIGNMENT, "0", "seconds.txt")
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


def outcome(folder, db_url=None):
    """What comes of grading, students and instructors alike: all of it as plain data, but for the report's seconds."""
    db_url = db_url or f"sqlite:///{folder}/gradebook.db"
    with Gradebook(db_url) as gradebook, contextlib.chdir(folder):
        exports.Csv(to=str(folder / "grades.csv"), assignment=[ASSIGNMENT]).export(gradebook)
        rows = rows_of(gradebook.db)
    return SimpleNamespace(
        table=scores.table(db_url, ASSIGNMENT, folder),
        export=(folder / "grades.csv").read_text(),
        rows=rows,
        notebooks=notebooks(folder),
        pages=pages(folder),
    )


def rows_of(db):
    """The rows of grades and comments, sorted: all columns but keys, which are drawn anew each time."""
    found = []
    for kind in (Grade, Comment):
        columns = [column for column in kind.__table__.columns if not column.name.endswith("id")]
        found += (
            db.query(SubmittedAssignment.student_id, BaseCell.name, *columns)
            .select_from(kind)
            .join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(BaseCell, BaseCell.id == kind.cell_id)
        )
    return sorted(repr(tuple(row)) for row in found)


def notebooks(folder):
    """The autograded notebooks, as they lie there but for the fingerprint."""
    line = re.compile(rf'\n  "{cluster.FINGERPRINT}": "\w*",?')
    found = folder.glob(f"autograded/*/{ASSIGNMENT}/*.ipynb")
    return {path.parts[-3]: line.sub("", path.read_text()) for path in found}


def pages(folder):
    """The pages of feedback, made anew as ``nbgrader generate_feedback`` does."""
    app = GenerateFeedbackApp()
    with contextlib.chdir(folder):
        app.initialize([ASSIGNMENT, "--force", "--log-level=WARN"])
        app.start()
    return {path.parts[-3]: path.read_bytes() for path in folder.glob(f"feedback/*/{ASSIGNMENT}/*.html")}


def assert_same(found, expected, without=None):
    """Assert that all that comes of grading is the same; but, if somebody is named, not for them."""
    for part, due in vars(expected).items():
        here = getattr(found, part)
        if without is not None:
            here, due = (_without(without, each) for each in (here, due))
        assert here == due, part


def _without(student, part):
    if isinstance(part, dict):
        return {name: each for name, each in part.items() if name != student}
    lines = part.splitlines() if isinstance(part, str) else part
    kept = [line for line in lines if student not in (line if isinstance(line, str) else line[:1])]
    assert len(kept) < len(lines)
    return kept


@pytest.fixture(scope="module")
def by_nbgrader(copy_of):
    """The class, graded by ``nbgrader autograde``."""
    folder = copy_of()
    graded = run(folder, "nbgrader", "autograde", ASSIGNMENT)
    assert graded.returncode == 0, graded.stderr
    return folder


@pytest.fixture(scope="module")
def expected(by_nbgrader):
    """What ``nbgrader autograde`` makes of the class."""
    return outcome(by_nbgrader)


@pytest.fixture(scope="module")
def graded(copy_of):
    """The class, graded by two workers. Of those who begin first, one is not the first to end."""
    folder = copy_of()
    put(folder / "submitted" / "ada" / ASSIGNMENT, "2", "seconds.txt")
    result = autograde(folder, "--workers", "2")
    assert result.returncode == 0, result.stderr
    return folder, result


@pytest.fixture(scope="module")
def by_one(copy_of):
    """The class, graded by one worker: the folder, and what the worker made, by student."""
    folder, made = copy_of(), {}
    by_workers = cluster.ParallelAutograde._made_by_workers

    def recorded(self, submissions, folders):
        for each, result in by_workers(self, submissions, folders):
            made[Path(each).parent.name] = result
            yield each, result

    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.setattr(cluster.ParallelAutograde, "_made_by_workers", recorded)
        assert cluster.autograde(ASSIGNMENT, workers=1)
    return folder, made


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


def test_one_worker_gives_the_same(by_one, expected):
    folder, made = by_one
    assert len(made) == 5
    assert_same(outcome(folder), expected)


def test_two_workers_give_the_same_in_another_order(graded, expected):
    folder, result = graded
    assert_same(outcome(folder), expected)
    saved = sorted(folder.glob(f"autograded/*/{ASSIGNMENT}/tiny.ipynb"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.parts[-3] for path in saved] != sorted(expected.notebooks)
    assert "5 of 5 submissions are to be graded" in result.stdout


def test_seconds_of_each_stage_are_kept(by_nbgrader, by_one, graded):
    """Whoever grades; they are those of the clock."""
    for folder in (by_nbgrader, by_one[0], graded[0]):
        found = timing.read(ASSIGNMENT, folder)
        assert found.keys() == set(EVERYONE)
        assert all(seconds.keys() == timing.STAGES.keys() for seconds in found.values())
        assert all(0 <= value < 60 for seconds in found.values() for value in seconds.values())
        assert found["chloë"][timing.CELLS] < 2
    assert 2 <= found["ada"][timing.CELLS]  # she waits so long


@pytest.fixture
def saved_in_order(by_one, copy_of, monkeypatch):
    """A function that saves what a worker has made, in an order; it gives the folder."""
    _, made = by_one

    def save(order):
        def in_order(self, submissions, folders):
            by_student = {Path(each).parent.name: each for each in folders}
            assert by_student.keys() == made.keys()
            yield from ((by_student[student], made[student]) for student in order)

        folder = copy_of()
        monkeypatch.setattr(cluster.ParallelAutograde, "_made_by_workers", in_order)
        monkeypatch.chdir(folder)
        assert cluster.autograde(ASSIGNMENT)
        return folder

    return save


SHUFFLED = ["émile", "dora", "ada", "Ben", "chloë"], ["dora", "émile", "chloë", "ada", "Ben"]


@pytest.mark.parametrize("order", SHUFFLED, ids=",".join)
def test_the_order_in_which_results_come_in_changes_nothing(saved_in_order, expected, order):
    assert_same(outcome(saved_in_order(order)), expected)


def test_run_is_quiet(graded):
    """The instructor reads what concerns a submission, and nothing of Dask's or the gradebook's."""
    _, result = graded
    lines = result.stderr.splitlines()
    assert [line for line in lines if "émile is not a notebook" in line]
    others = [line for line in lines if not line.startswith(("[AutogradeApp | ERROR]", "[AutogradeApp | WARNING]"))]
    assert others == []


# The same on PostgreSQL


@pytest.fixture(scope="module")
def server():
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
        with open(f"{folder}/log", "w+") as log, subprocess.Popen(command, stderr=log, **quiet) as process:
            try:
                wait_until(lambda: _answers(folder) or process.poll() is not None)
                assert process.poll() is None, Path(log.name).read_text()
                yield folder
            finally:
                process.send_signal(signal.SIGINT)  # its fast way to stop


def _answers(server):
    """Whether a server lets us in; its socket is there before."""
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(host=server, user="digits", dbname="postgres").close()
        return True
    return False


@pytest.fixture(scope="module")
def entered(server, copy_of):
    """The name of a database in which nbgrader has made its tables and entered the assignment; it was empty."""
    with psycopg.connect(host=server, user="digits", dbname="postgres", autocommit=True) as connection:
        connection.execute("create database entered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITS_DB_URL", f"postgresql+psycopg://digits@/entered?host={server}")
        folder = copy_of()
        (folder / "gradebook.db").unlink()
        for command in (["generate_assignment", ASSIGNMENT, "--force"], ["db", "upgrade"]):
            result = run(folder, "nbgrader", *command)
            assert result.returncode == 0, result.stderr
    assert not (folder / "gradebook.db").exists()
    return "entered"


@pytest.fixture
def postgresql(server, entered, request, monkeypatch):
    """The address of a database of one's own with this assignment, which the course uses from now on."""
    name = re.sub(r"\W", "_", request.node.name)[:60]
    with psycopg.connect(host=server, user="digits", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'create database "{name}" template {entered}')
    address = f"postgresql+psycopg://digits@/{name}?host={server}"
    monkeypatch.setenv("DIGITS_DB_URL", address)
    return address


def test_the_order_changes_nothing_on_postgresql(postgresql, saved_in_order, expected, by_one, monkeypatch):
    """Nor does the instructor's report see another class."""
    folder = saved_in_order(SHUFFLED[0])
    assert_same(outcome(folder, postgresql), expected)
    there = records.read(ASSIGNMENT, folder)
    monkeypatch.delenv("DIGITS_DB_URL")
    here = records.read(ASSIGNMENT, by_one[0])
    assert len(there.submissions) == 5
    assert _without_seconds(there) == _without_seconds(here)


def _without_seconds(record):
    submissions = [dataclasses.replace(each, seconds={}) for each in record.submissions]
    return dataclasses.replace(record, submissions=submissions)


def test_dead_worker_and_dead_writer_change_nothing_on_postgresql(postgresql, copy_of, expected):
    folder = copy_of()
    killed_midway(folder)
    assert_same(outcome(folder, postgresql), expected)


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds} s still waiting"
        time.sleep(0.05)


# Whoever dies


def test_ctrl_c_and_dead_worker_and_dead_writer_change_nothing(copy_of, expected):
    folder = copy_of()
    status, output = interrupted(folder, signal.SIGINT)
    assert status == 130 and "Interrupted. What is graded is saved" in output
    assert "Traceback" not in output
    killed_midway(folder)
    assert_same(outcome(folder), expected)


def killed_midway(folder):
    """Grade with two workers: one is killed when somebody is graded, the writer when somebody else is. One goes on."""
    status, _ = interrupted(folder, signal.SIGKILL, workers=2, worker_first=True)
    assert status == -signal.SIGKILL
    result = autograde(folder, "--workers", "1")
    assert result.returncode == 0, result.stderr
    assert to_be_graded(result) < 5


def test_dead_workers_harm_nobody_but_who_killed_two(by_one, expected, monkeypatch, tmp_path, tmp_path_factory):
    """A worker dies of Ben's submission, while Dora's waits at it; the next one dies as well."""
    (tmp_path / "deadly.py").write_text(DEADLY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    folder = Path(shutil.copytree(by_one[0], tmp_path_factory.mktemp("copy") / "course"))
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + FIRST_STEP)
    result = autograde(folder, "--workers", "1", "--force", "--student", "[Bd]*")
    assert result.returncode == 1
    assert "2 of 2 submissions are to be graded" in result.stdout
    assert "two workers have died of it" in result.stderr and "grading failed: Ben\n" in result.stderr
    found = outcome(folder)
    (failed,) = [row for row in found.table if row[0] == "Ben"]
    assert failed[-1] == "failed" and set(failed[1:-1]) == {"-"}
    assert found.notebooks.keys() == found.pages.keys() == expected.pages.keys() - {"Ben"}
    assert_same(found, expected, without="Ben")


def to_be_graded(result):
    return int(re.search(r"(\d) of 5 submissions are to be graded", result.stdout)[1])


def _hear_interrupts():
    """Where a shell runs these tests in the background, what they start would be deaf to SIGINT as they are."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(folder, number, *options, workers=1, worker_first=False):
    """Begin to grade, and send a signal when somebody is graded: SIGINT to all processes, another to the writer.

    If `worker_first`, a worker gets SIGKILL then, and the writer its signal when somebody else is graded.

    Returns
    -------
    status, output
        What the command has left behind. No process has been left behind.
    """
    command = [sys.executable, "-m", "grading", "autograde", ASSIGNMENT, "--workers", str(workers), *options]
    own_session = {"start_new_session": True, "preexec_fn": _hear_interrupts}
    with open(folder / "interrupted.log", "w+") as log:
        writer = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **own_session)
        started = set()

        def wait_for_another():
            graded = len(notebooks(folder))
            while len(notebooks(folder)) == graded:
                assert writer.poll() is None, f"it was over too early: {Path(log.name).read_text()}"
                time.sleep(0.02)
            started.update(psutil.Process(writer.pid).children(recursive=True))

        try:
            wait_for_another()
            assert len(started) > 4, started  # a worker, the parent of its kernels, its examiner, sandboxes
            if worker_first:
                here = psutil.Process(writer.pid).children()
                found = [process for process in here if "spawn_main" in " ".join(process.cmdline())]
                assert len(found) == workers
                found[0].kill()
                wait_for_another()
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


# A step of the writer's, all of it or nothing


@pytest.fixture
def book(graded, tmp_path):
    """The address of a copy of the gradebook, and a function that says what others see of Ada's points in it."""
    folder, _ = graded
    db_url = f"sqlite:///{shutil.copy(folder / 'gradebook.db', tmp_path)}"

    def points():
        with Gradebook(db_url) as opened:
            found = opened.find_submission_notebook("tiny", ASSIGNMENT, "ada")
            return {grade.name: grade.auto_score for grade in found.grades}

    return db_url, points


def test_step_is_stored_when_it_is_over_or_not_at_all(book):
    db_url, points = book

    def step(end):
        """One that commits each point, as nbgrader does."""
        with autograde_steps.Gradebook(db_url) as opened:
            for grade in opened.find_submission_notebook("tiny", ASSIGNMENT, "ada").grades:
                grade.auto_score = 0.5
                opened.db.commit()
            end()

    before, during = points(), []
    assert before and 0.5 not in before.values()
    with gradebook.kept(db_url, ""):
        with pytest.raises(ZeroDivisionError):
            step(lambda: 1 / 0)
        assert points() == before
        step(lambda: during.append(points()))
        assert during == [before] and points() == dict.fromkeys(before, 0.5)
    assert all(module.Gradebook is Gradebook for module in gradebook.OPENED_IN)


def test_cell_that_the_gradebook_does_not_know(graded, book):
    """The master has changed since ``nbgrader generate_assignment``: the message says so, and no score changes."""
    folder, _ = graded
    db_url, points = book
    notebook = nbformat.read(folder / "autograded" / "ada" / ASSIGNMENT / "tiny.ipynb", as_version=4)
    added = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    notebook.cells.append(nbformat.from_dict(added))
    notebook.cells[-1].metadata.nbgrader.grade_id = "new"
    names = {"student": "ada", "assignment": ASSIGNMENT, "notebook": "tiny", "db_url": db_url, "passed": {}}
    before = points()
    with pytest.raises(MissingEntry, match="no cell 'new'; `nbgrader generate_assignment`"):
        scores.HonestScores().preprocess(notebook, {"nbgrader": names})
    assert points() == before and sum(before.values()) > 0


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
    monkeypatch.setattr(cluster, "LOOK_EVERY", 2)
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
    monkeypatch.setattr(cluster, "LOOK_EVERY", 1)
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


def test_unknown_assignment(handed_in, monkeypatch, capfd):
    monkeypatch.chdir(handed_in)
    with pytest.raises(SystemExit) as refused:
        main(["autograde", "08-unknown"])
    assert "08-unknown could not be entered into the gradebook" in str(refused.value)
    assert "Traceback" not in capfd.readouterr().err
