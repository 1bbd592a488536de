"""The instructor's commands, run in the root of the course: ``python -m grading COMMAND``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from grading import demo_class, scores, student_edition
from grading.sandbox import SandboxUnavailable, probe, what_is_lost

INTERRUPTED = 130  # what a shell says of a command that Ctrl-C has ended


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in (
        ("demo-class", hand_in_demo_class),
        ("grade", grade),
        ("scores", print_scores),
        ("report", write_report),
    ):
        command = commands.add_parser(name, help=function.__doc__)
        command.add_argument("assignments", nargs="*", help="such as 02-softmax; by default all there are")
        command.set_defaults(function=function)
        if function is hand_in_demo_class:
            command.add_argument("--mistaken", type=int, help="at most so many students with mistakes; by default all")
        if function is write_report:
            command.add_argument("--to", default="build/report.html", help="the page; by default build/report.html")
    command = commands.add_parser("autograde", help=autograde.__doc__)
    command.add_argument("assignment", help="such as 02-softmax")
    command.set_defaults(function=autograde)
    for name in ("grade", "autograde"):
        _add_grading_options(commands.choices[name])
    command = commands.add_parser("student-edition", help=make_student_edition.__doc__)
    command.set_defaults(function=make_student_edition)
    options = vars(parser.parse_args(arguments))
    del options["command"]
    return options.pop("function")(**options)


def hand_in_demo_class(assignments, mistaken=None):
    """Hand in for a class of simulated students."""
    for assignment in assignments or _assignments("solutions/*/*.ipynb"):
        students = demo_class.hand_in(Path("submitted"), assignment, mistaken)
        print(f"{assignment}: {len(students)} simulated students handed in, into submitted/")


def _add_grading_options(command):
    command.add_argument("--workers", type=_workers, default=0, help="processes; by default one a processor")
    command.add_argument("--scheduler", default="", help="of Dask, such as tcp://HOST:8786; its workers are used then")
    command.add_argument("--force", action="store_true", help="grade again what has not changed since it was graded")
    command.add_argument("--student", default="*", help="grade this one only; a pattern, such as 'a*'")
    command.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="CLASS.TRAIT=VALUE",
        help="a setting for this run, such as Execute.timeout=60",
    )
    command.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run student code with your rights; says more"
    )


def _workers(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"1 or more was expected, got {number}")
    return number


def grade(assignments, **options):
    """Grade what lies in submitted/, write feedback and grades.csv, print the scores."""
    assignments = assignments or _assignments("submitted/*/*/*")
    if not assignments:
        sys.exit("There is nothing to grade: submitted/STUDENT/ASSIGNMENT/ is where notebooks are looked for.")
    failed = False
    for assignment in assignments:
        _enter(assignment)
        failed |= autograde(assignment, **options) != 0
        failed |= _nbgrader("generate_feedback", assignment, "--force") != 0
    failed |= _nbgrader("export", "--to=grades.csv") != 0
    print_scores(assignments)
    return int(failed)


def autograde(assignment, workers=0, scheduler="", force=False, student="*", settings=(), unsafe_no_sandbox=False):
    """Grade what was handed in for an assignment, with many workers."""
    if unsafe_no_sandbox:
        print(what_is_lost(), file=sys.stderr)
    elif not scheduler:
        try:
            probe()
        except SandboxUnavailable as error:
            sys.exit(str(error))
    with Gradebook(_db_url()) as gradebook:
        known = assignment in [each.name for each in gradebook.assignments]
    if not known:
        _enter(assignment)
    options = [f"--student={student}", *(f"--{setting}" for setting in settings)]
    if unsafe_no_sandbox:
        options.append("--Execute.sandboxed=False")
    try:
        from grading import cluster  # brings Dask, which no other command needs

        return int(not cluster.autograde(assignment, workers, scheduler, force, options))
    except KeyboardInterrupt:
        print("\nInterrupted. What is graded is saved; the same command goes on from there.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _enter(assignment):
    """Enter an assignment into the gradebook; the student edition in notebooks/ may have been worked in."""
    release = "--CourseDirectory.release_directory=build/release"
    if _nbgrader("generate_assignment", assignment, "--force", release) != 0:  # it has said why
        sys.exit(f"{assignment} could not be entered into the gradebook, and is not graded.")


def _db_url():
    config = PyFileConfigLoader("jupyter_config.py").load_config()
    return CourseDirectory(config=config).db_url


def print_scores(assignments):
    """Print the gradebook: students, exercises, scores."""
    for assignment in assignments or _assignments("solutions/*/*.ipynb"):
        print(f"\n{assignment}  (? waits to be read, - no points)\n")
        print(scores.text(scores.table(_db_url(), assignment, Path())))


def write_report(assignments, to):
    """Write a page for instructors: who is stuck where, and what to teach again."""
    from grading.report import page  # brings Matplotlib, which no other command needs

    try:
        graded = page.write(assignments or _assignments("solutions/*/*.ipynb"), to)
    except FileNotFoundError as error:
        sys.exit(str(error))
    print(f"{to}: {', '.join(graded) or 'nothing is graded yet'}")


def make_student_edition():
    """Make what a class gets, a folder and a zip archive in build/: no solutions, no hidden tests, no grading."""
    folder, archive = student_edition.make()
    print(f"{folder}/ and {archive}, {archive.stat().st_size / 1e6:.1f} MB")


def _assignments(pattern):
    """The assignments of which there are files: the folders that hold what the pattern finds."""
    return sorted({path.parent.name for path in Path().glob(pattern)})


def _nbgrader(*arguments, check=False):
    """Run an nbgrader command with its configuration taken seriously; warnings and errors come through."""
    environment = os.environ | {"TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1"}
    command = [sys.executable, "-m", "nbgrader", *arguments, "--log-level=WARN"]
    return subprocess.run(command, env=environment, check=check).returncode


if __name__ == "__main__":
    sys.exit(main())
