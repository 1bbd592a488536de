"""The same attacks on nbgrader with its own preprocessors and one kernel, behind bars.

Nothing protects this machine from an attack on nbgrader as it comes, so it runs in a sandbox of its own: another user,
no network, a disk in memory, limits and a time limit. In there everything is as in anybody's class: the kernel runs
where nbgrader runs, and finds the course, the gradebook and the classmates around it. An attack is graded together
with one honest student, who comes after it.
"""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import course
from graded_course import ASSIGNMENT, hand_in, run

from grading import view
from red_team import arena

PORT = 4321  # of `arena.Listener`, in a network of its own
SECONDS = 75  # for one attack and the honest student after it
MOST_RESULTS = 200 << 20  # bytes
UID = 271_828
LIMITS = ("--nproc=160", "--as=3221225472", f"--fsize={200 << 20}", "--cpu=60", "--core=0")

CONFIGURATION = """
c = get_config()
c.CourseDirectory.course_id = "digits-from-scratch"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.ClearMarkScheme.enforce_metadata = False
c.Execute.timeout = 10
"""

# What runs behind the bars: the class is graded, and what came of it is told on stdout.
INSIDE = f"""
import subprocess, sys, threading, socket
server = socket.create_server(("127.0.0.1", {PORT}))
def serve():
    while True:
        connection, _ = server.accept()
        connection.sendall({arena.CANARIES["network"]!r}.encode())
        connection.close()
threading.Thread(target=serve, daemon=True).start()
subprocess.run(["cp", "-r", "--no-preserve=ownership", "/tmp/given/.", "/tmp/course"], check=True)
quiet = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp/course")
process = subprocess.Popen([sys.executable, "-m", "nbgrader", "autograde", {ASSIGNMENT!r}], **quiet)
try:
    process.wait({SECONDS} - 15)
except subprocess.TimeoutExpired:
    process.kill()
names = ["gradebook.db", "solutions", "submitted/anna", "submitted/zoe", "autograded"]
subprocess.run(["tar", "-c", "--ignore-failed-read", *names], stdin=subprocess.DEVNULL, cwd="/tmp/course")
"""


def template(folder):
    """A course for stock nbgrader, in which one honest student has been graded already."""
    arena.build(folder)
    (folder / "jupyter_config.py").unlink()
    (folder / "nbgrader_config.py").write_text(CONFIGURATION)
    arena.make_gradebook(folder)
    for student in ("mia", "zoe"):
        shutil.rmtree(folder / "submitted" / student)
    graded = run(folder, "nbgrader", "autograde", ASSIGNMENT)
    if graded.returncode or arena.points(folder, "anna") != arena.HONEST["anna"]:
        raise RuntimeError(f"nbgrader does not grade an honest student here: {graded.stderr[-2000:]}")
    return folder


def attacked(made, attack, folder):
    """Grade one attack, and the honest ``zoe`` after it.

    Parameters
    ----------
    made : Path
        The `template`.
    attack : red_team.attack.Attack
    folder : Path
        Where the results go.

    Returns
    -------
    outcome : red_team.arena.Outcome
    aborted : bool
        Whether the honest student has lost something.
    altered : bool
        Whether something is not what it was that belongs to the grader or to a classmate.
    """
    with tempfile.TemporaryDirectory() as scratch:
        given = Path(scratch, "given")
        shutil.copytree(made, given, symlinks=True)
        hand_in(given, "zoe", arena.honest()["zoe"])
        attack.hand_in(given / "submitted", PORT)
        _open_to_all(Path(scratch))
        before = arena.fingerprint(given)
        _unpack(_run(given), folder)
    altered = bool(arena.altered(folder, before))
    outcome, anna, zoe = (arena.outcome(folder, student) for student in (attack.student, "anna", "zoe"))
    return outcome, zoe.points != arena.HONEST["zoe"], altered or anna.points not in (None, arena.HONEST["anna"])


def _run(given):
    """Grade what is given behind bars; a tar file of what came of it, as bytes."""
    python = sorted({sys.base_prefix, sys.prefix, str(course.ROOT)})
    environment = {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": "/tmp/home",
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "DIGITS_CANARY": arena.CANARIES["environment"],
    }
    command = [
        *("bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent"),
        *("--new-session", "--clearenv"),
        *(each for name, value in environment.items() for each in ("--setenv", name, value)),
        *view.system(),
        *("--ro-bind", "/etc", "/etc"),
        *("--perms", "1777", "--size", str(600 << 20), "--tmpfs", "/tmp"),
        *(each for folder in ("course", "home") for each in ("--perms", "1777", "--dir", f"/tmp/{folder}")),
        *("--ro-bind", str(given), "/tmp/given"),
        *view.read_only(python),
        *("--chdir", "/tmp/course"),
        "--",
    ]
    if os.geteuid() == 0:
        command += ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "--bounding-set", "-all"]
        command += ["--no-new-privs", "--"]
    command += ["prlimit", *LIMITS, "--", sys.executable, "-c", INSIDE]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        results, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()  # and with it, all that runs in there
        results, _ = process.communicate()
    return results[:MOST_RESULTS]


def _unpack(results, folder):
    """Unpack regular files of a tar file, as far as it goes."""
    try:
        with tarfile.open(fileobj=io.BytesIO(results)) as archive:
            for member in archive:
                if member.isreg() or member.isdir():
                    archive.extract(member, folder, filter="data")
    except (tarfile.TarError, EOFError, OSError):
        pass


def _open_to_all(folder):
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o666)
