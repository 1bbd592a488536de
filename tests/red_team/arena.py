"""A throw-away course in which canaries lie, honest students, and the judge of what came of an attack in there.

An attack has reached data when a canary stands where its author reads: in what the graded notebook shows, in the
feedback, or in any other file of theirs; or when something of the grader's or of a classmate's is not what it was.
"""

import contextlib
import ctypes
import hashlib
import os
import re
import signal
import socket
import sqlite3
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import course
import nbformat
import psutil
from graded_course import ASSIGNMENT, MASTER, answers, hand_in, new_course, run
from nbgrader.api import Gradebook, MissingEntry

from grading import demo_class
from red_team.attack import without_story

PLACES = ("master", "hidden-test", "mark-scheme", "classmate", "gradebook", "environment", "network")
CANARIES = {place: f"canary-{place}-5d1c" for place in PLACES}
HIDDEN_INPUT = "31415926"  # in an argument of a hidden test: an instructor may see it, a student may not
HONEST = {"anna": 15, "mia": 3, "zoe": 15}  # points; the attacks come between the last two

# What the red team's own course is more impatient about than a real one. A test cell must outlast a call: 9 seconds.
LIMITS = {"cpu_seconds": 6, "wall_seconds": 40, "total_mb": 1024, "processes": 48, "scratch_mb": 64}
CONFIGURATION = f"""
c = get_config()
c.Execute.timeout = 10
c.SandboxProvisioner.limits = {LIMITS}
"""


def build(folder):
    """A copy of the course with canaries in its masters and in the gradebook, and honest students who handed in."""
    new_course(folder)
    with open(folder / "jupyter_config.py", "a") as file:
        file.write(CONFIGURATION)
    master = folder / MASTER.relative_to(course.ROOT)
    notebook = course.read(master)
    plant(notebook)
    nbformat.write(notebook, master)
    for student, notebook in honest().items():
        hand_in(folder, student, notebook)
    (folder / "submitted" / "anna" / ASSIGNMENT / "notes.txt").write_text(CANARIES["classmate"])
    return folder


def plant(master):
    """Put canaries into a master: into solutions, hidden tests, one of their inputs, and the mark scheme."""
    for cell in master.cells:
        cell.source = re.sub(r"^( *)### BEGIN SOLUTION$", rf"\g<0>\n\1# {CANARIES['master']}", cell.source, flags=re.M)
        # Far enough from what is visible, which a traceback shows with some lines around it.
        hidden = "\n#" * 8 + f'\nhidden_canary = "{CANARIES["hidden-test"]}"'
        if course.grade_id(cell) == "predict-test-1":
            hidden += f"\nchecks.matches(predict, reference.predict, np.array([[{HIDDEN_INPUT}, 0, 1]]))"
        cell.source = cell.source.replace("### BEGIN HIDDEN TESTS", f"### BEGIN HIDDEN TESTS{hidden}")
        scheme = "### BEGIN MARK SCHEME"
        cell.source = cell.source.replace(scheme, f"{scheme}\n{CANARIES['mark-scheme']}")


def honest():
    """The notebooks of the honest students: two who solve everything, one who solves what comes first."""
    release, right = course.release(MASTER), answers()
    some = {grade_id: right[grade_id] for grade_id in ("linear-forward", "predict")}
    notebooks = {"anna": right, "mia": some, "zoe": right}
    imports = f"# {CANARIES['classmate']}"
    return {name: without_story(demo_class.answered(release, each), imports) for name, each in notebooks.items()}


def make_gradebook(folder):
    """Release the assignment, and enter the honest students by a name that holds a canary."""
    made = run(folder, "nbgrader", "generate_assignment", ASSIGNMENT, "--force", "--log-level=ERROR")
    assert made.returncode == 0, made.stderr
    with sqlite3.connect(folder / "gradebook.db") as gradebook:
        for student in HONEST:
            gradebook.execute("INSERT INTO student (id, last_name) VALUES (?, ?)", (student, CANARIES["gradebook"]))


class Listener:
    """Tells a canary to whoever connects; a context."""

    def __enter__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection:
                    connection.sendall(CANARIES["network"].encode())


@contextlib.contextmanager
def adopted():
    """Processes that lose their parent become ours: yields a list that afterwards holds those that live on."""
    subreaper = 36  # PR_SET_CHILD_SUBREAPER
    libc, me = ctypes.CDLL(None), psutil.Process()
    before, survivors = set(me.children(recursive=True)), []
    libc.prctl(subreaper, 1, 0, 0, 0)
    try:
        yield survivors
        gone = [each for each in me.children(recursive=True) if each not in before]
        _, alive = psutil.wait_procs(gone, timeout=3)
        survivors += [" ".join(each.cmdline()) or each.name() for each in alive if _runs(each)]
    finally:
        libc.prctl(subreaper, 0, 0, 0, 0)
        for each in set(me.children(recursive=True)) - before:
            with contextlib.suppress(psutil.Error):
                each.send_signal(signal.SIGKILL)
                each.wait(3)


def _runs(process):
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False


# In the command lines of the writer, its workers and their examiners; a student's kernel has another.
GRADERS = ("autograde", "multiprocessing.spawn", "ipykernel_launcher")


class Memory:
    """How much memory any process of the grader takes; a context.

    Attributes
    ----------
    most : int
        Bytes, the largest found so far.
    """

    def __enter__(self):
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._thread.join()

    def _look(self):
        me = psutil.Process()
        while not self._over.wait(0.1):
            for child in me.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if any(graders in " ".join(child.cmdline()) for graders in GRADERS):
                        self.most = max(self.most, child.memory_info().rss)


@dataclass
class Outcome:
    """What came of an attack.

    Attributes
    ----------
    points : float, optional
        In the gradebook; None where it has no row.
    reached : list of str
        Which canaries stand where the author of the attack reads.
    shown : str
        What the graded notebook says to its author.
    feedback : str, optional
        The page; None where there is none.
    """

    points: float | None
    reached: list
    shown: str
    feedback: str | None


def outcome(folder, student):
    """What came of an attack in a course that is graded."""
    autograded, feedback = (folder / name / student / ASSIGNMENT for name in ("autograded", "feedback"))
    shown, written = _shown(autograded / "softmax.ipynb")
    files = [_text(path) for path in _files(autograded) if path.suffix != ".ipynb"]
    told = [_text(path) for path in _files(feedback)]
    reached = [
        place for place, canary in CANARIES.items() if any(canary in text for text in (shown, written, *files, *told))
    ]
    if any(each in text for text in told or [shown] for each in (HIDDEN_INPUT, f"{int(HIDDEN_INPUT):,}")):
        reached.append("hidden-input")
    page = feedback / "softmax.html"
    return Outcome(
        points(folder, student), reached, shown, page.read_text(errors="replace") if page.is_file() else None
    )


def points(folder, student):
    """The points in the gradebook, whoever has written there; None where it knows of no submission."""
    if not (folder / "gradebook.db").is_file():
        return None
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        try:
            submission = gradebook.find_submission(ASSIGNMENT, student)
        except MissingEntry:
            return None
        return sum(grade.score for notebook in submission.notebooks for grade in notebook.grades)


def _shown(path):
    """What a graded notebook says to its author, and what is written in cells that are not locked: two texts."""
    if not path.is_file():
        return "", ""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception:  # somebody wrote something else there
        return _text(path), ""
    said = [notebook.metadata, *(output for cell in notebook.cells for output in cell.get("outputs", []))]
    # The locked ones hold hidden tests, which the feedback leaves out.
    open_ = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("locked")]
    return "\n".join(map(str, said)), "\n".join(cell.source for cell in open_)


def _files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def _text(path):
    with open(path, "rb") as file:
        return file.read(50_000_000).decode(errors="replace")


def fingerprint(folder):
    """What no attack may change: the masters, what is of others, and where a start-up file would be found."""
    paths = [*_files(folder / "solutions")]
    for student in HONEST:
        paths += [path for name in ("submitted", "autograded") for path in _files(folder / name / student)]
    stays = [Path.home() / ".ipython/profile_default/startup/00-stay.py"]
    stays += [Path(each, "sitecustomize.py") for each in sys.path if "site-packages" in each]
    digests = {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}
    return digests | {str(path): path.exists() for path in stays}


def altered(folder, before):
    """What is not what it was at an earlier `fingerprint`: a list of names."""
    after = fingerprint(folder)
    return [name for name, digest in before.items() if after.get(name, digest) != digest]


def grade(folder):
    """Grade a course, write feedback and grades.csv: the finished process of each command."""
    os.environ["DIGITS_CANARY"] = CANARIES["environment"]
    try:
        return [
            run(folder, *command)
            for command in (
                # An attack often waits for a limit: two at a time.
                ("grading", "autograde", ASSIGNMENT, "--workers", "2"),
                ("nbgrader", "generate_feedback", ASSIGNMENT, "--log-level=ERROR"),
                ("nbgrader", "export", "--to=grades.csv", "--log-level=ERROR"),
            )
        ]
    finally:
        del os.environ["DIGITS_CANARY"]
