"""The demo class gets the scores it should, through the commands of the README."""

import csv
import re

import course
import pytest
from graded_course import ASSIGNMENT, MASTER, new_course, run, table
from test_test_cells import names_with

from grading import demo_class, scores
from shared import misconceptions, reference


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo class, handed in and graded with the commands of the README."""
    folder = new_course(tmp_path_factory.mktemp("demo"))
    handed_in = run(folder, "grading", "demo-class")
    assert handed_in.returncode == 0, handed_in.stderr
    graded = run(folder, "grading", "grade")
    assert graded.returncode == 0, graded.stderr
    return folder, graded


def test_demo_class_gets_exactly_the_expected_scores(demo):
    folder, graded = demo
    expected = scores.read(demo_class.SCORES)
    assert scores.table(f"sqlite:///{folder}/gradebook.db", ASSIGNMENT) == expected
    assert scores.text(expected) in graded.stdout, "`make grade` should end with the table"


def test_expected_scores_of_the_mistaken_follow_from_the_test_cells():
    """What a mistake costs, worked out here without nbgrader and without a kernel."""
    head, _, *rows = scores.read(demo_class.SCORES)
    master = course.read(MASTER)
    for row in rows:
        if not (mistaken := re.fullmatch(r"demo-mistaken-(\d+)", row[0])):
            continue
        number = int(mistaken[1]) - 1
        for exercise, score in zip(head[1:-1], row[1:-1], strict=True):
            function = reference.find(exercise.replace("-", "_"))
            tests = course.tests_of(master, exercise)
            if function and number < len(known := misconceptions.about(function)):
                names = names_with(MASTER, exercise, known[number].answer)
                tests = [test for test in tests if course.verdict(test.source, names) is None]
            if function:
                points = sum(test.metadata.nbgrader.points for test in tests)
                assert score == f"{points:g}", f"{row[0]}, {exercise}"


def test_every_misconception_is_held_by_a_demo_student():
    students = demo_class.class_of(course.release(MASTER), course.read(MASTER))
    handed_in = "\n".join(cell.source for notebook in students.values() if not isinstance(notebook, str)
                          for cell in notebook.cells)  # fmt: skip
    for cell in course.cells(course.read(MASTER), "solution"):
        name = course.grade_id(cell).replace("-", "_")
        for misconception in misconceptions.about(reference.find(name)) if reference.find(name) else ():
            body = demo_class._source(misconception.answer, course.grade_id(cell))
            assert body in handed_in, f"nobody in the demo class hands in {misconception.name!r}"


def test_every_student_has_one_row_in_the_export(demo):
    folder, _ = demo
    with open(folder / "grades.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == ASSIGNMENT]
    totals = {row["student_id"]: float(row["score"]) for row in rows}
    assert len(rows) == len(totals)
    assert totals == {student: float(row["total"]) for student, row in table(folder).items() if student[0] != "("}


def test_every_student_has_feedback(demo):
    folder, _ = demo
    for student in table(folder):
        if student[0] != "(":
            page = folder / "feedback" / student / ASSIGNMENT / "softmax.html"
            assert page.stat().st_size > 10_000, f"no feedback for {student}"


def test_mishaps_are_reported_and_the_originals_kept(demo):
    folder, graded = demo
    for words in (
        "softmax (1).ipynb is graded as softmax.ipynb",
        "of demo-not-json is not a notebook",
        "demo-deleted-test, softmax: The cell 'predict-test-1' was missing",
        "demo-duplicated, softmax: The cell 'predict' occurs more than once",
    ):
        assert words in graded.stderr
    renamed = folder / "submitted" / "demo-renamed" / ASSIGNMENT
    assert (renamed / "softmax (1).ipynb").read_bytes() == (renamed / "softmax.ipynb").read_bytes()
