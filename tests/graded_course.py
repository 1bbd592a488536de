"""A copy of the course in a folder of its own, with a gradebook of its own, for tests that grade."""

import os
import shutil
import subprocess
import sys

import course
import nbformat

from grading import scores

ASSIGNMENT = "02-softmax"
MASTER = course.ROOT / "solutions" / ASSIGNMENT / "softmax.ipynb"


def run(folder, *command):
    """Run ``python -m command`` in a folder."""
    environment = os.environ | {"TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=900
    )


def new_course(folder):
    """A copy of the course with a gradebook of its own."""
    for name in ("jupyter_config.py", "nbgrader_config.py"):
        shutil.copy(course.ROOT / name, folder)
    for name in ("solutions", "notebooks"):
        shutil.copytree(course.ROOT / name, folder / name)
    return folder


def table(folder, assignment=ASSIGNMENT):
    """The scores as a dict from student to a dict from exercise to text."""
    head, *rows = scores.table(f"sqlite:///{folder}/gradebook.db", assignment)
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def answers():
    """The master's answers: a dict from grade id to source."""
    return {course.grade_id(cell): cell.source for cell in course.cells(course.read(MASTER), "solution", "manual")}


def hand_in(folder, student, content, name="softmax.ipynb"):
    path = folder / "submitted" / student / ASSIGNMENT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")
