"""The instructor's commands, run in the root of the course: ``python -m grading COMMAND``."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from grading import demo_class, scores, student_edition


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


def grade(assignments):
    """Grade what lies in submitted/, write feedback and grades.csv, print the scores."""
    assignments = assignments or _assignments("submitted/*/*/*")
    if not assignments:
        sys.exit("There is nothing to grade: submitted/STUDENT/ASSIGNMENT/ is where notebooks are looked for.")
    failed = False
    for assignment in assignments:
        # Only the gradebook needs to know the assignment; the student edition in notebooks/ may have been worked in.
        made = "--CourseDirectory.release_directory=build/release"
        _nbgrader("generate_assignment", assignment, "--force", made, check=True)
        failed |= _nbgrader("autograde", assignment, "--force") != 0
        failed |= _nbgrader("generate_feedback", assignment, "--force") != 0
    failed |= _nbgrader("export", "--to=grades.csv") != 0
    print_scores(assignments)
    return int(failed)


def print_scores(assignments):
    """Print the gradebook: students, exercises, scores."""
    for assignment in assignments or _assignments("solutions/*/*.ipynb"):
        print(f"\n{assignment}  (? waits to be read, - nothing handed in)\n")
        print(scores.text(scores.table("sqlite:///gradebook.db", assignment)))


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
