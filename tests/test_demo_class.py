"""The demo class gets the scores it should, through the commands of the README."""

import csv
import re
import shutil

import course
import pytest
import recounted
from graded_course import new_course, run, table
from test_test_cells import names_with

from grading import demo_class, scores
from grading.report import page
from shared import checks, misconceptions, reference

every_master = pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
# A whole class takes minutes to grade. What a mistake costs is worked out without nbgrader as well, so some are enough.
MISTAKEN = 2
# What befalls these has nothing to do with what a notebook is about; one class has them all.
WHOLE, ELSEWHERE = (
    "02-softmax",
    ["demo-duplicated", "demo-pasted-stub", "demo-syntax-error", "demo-half", "demo-renamed"],
)
every_class = pytest.mark.parametrize("graded_class", course.MASTERS, ids=course.name, indirect=True)


@pytest.fixture(scope="module")
def graded_class(request, tmp_path_factory):
    """The demo class of one assignment, handed in and graded with the commands of the README."""
    assignment = course.name(request.param)
    folder = new_course(tmp_path_factory.mktemp(assignment))
    handed_in = run(folder, "grading", "demo-class", assignment, "--mistaken", str(MISTAKEN))
    assert handed_in.returncode == 0, handed_in.stderr
    for student in elsewhere(request.param):
        shutil.rmtree(folder / "submitted" / student)
    config = folder / "jupyter_config.py"  # one student's loop never ends; nobody else needs this long
    config.write_text(config.read_text().replace("c.Execute.timeout = 30", "c.Execute.timeout = 10"))
    graded = run(folder, "grading", "grade", assignment, "--workers", "2")
    assert graded.returncode == 0, graded.stderr
    return request.param, folder, graded


def elsewhere(path):
    """The students that are left out of the class of a notebook here."""
    name = course.name(path)
    # An endless loop waits for most of a minute. In notebook 6 a cell of an exercise runs into it, in others the story.
    more = ["demo-warned", "demo-deleted-test"] if name == "06-mlp" else ["demo-endless-loop"]
    return [] if name == WHOLE else ELSEWHERE + more


def expected(path):
    """The rows of scores the class is to get for a notebook's assignment."""
    return scores.read(demo_class.SCORES / f"{course.name(path)}.csv")


def exercises(path):
    """The names of a notebook's exercises with a function, in order."""
    cells = course.cells(course.read(path), "solution")
    return [course.grade_id(cell) for cell in cells if demo_class.functions_of(cell.source)]


@every_class
def test_demo_class_gets_exactly_the_expected_scores(graded_class):
    path, folder, graded = graded_class
    found = scores.table(f"sqlite:///{folder}/gradebook.db", course.name(path))
    absent = {row[0] for row in expected(path)} - {row[0] for row in found}
    last = f"demo-mistaken-{MISTAKEN:02d}"
    more_mistaken = {row[0] for row in expected(path) if row[0] > last and "mistaken" in row[0]}
    assert absent == more_mistaken | set(elsewhere(path))
    assert found == [row for row in expected(path) if row[0] not in absent]
    assert scores.text(found) in graded.stdout, "`make grade` should end with the table"


@every_master
def test_expected_scores_of_the_mistaken_follow_from_the_test_cells(path, monkeypatch):
    """What a mistake costs, worked out here without nbgrader and without a kernel."""
    monkeypatch.setattr(checks, "_catalogue", lambda: None)  # a mistake costs the same whether or not it is named
    head, _, *rows = expected(path)
    master = course.read(path)
    functions = {
        course.grade_id(cell): demo_class.functions_of(cell.source) for cell in course.cells(master, "solution")
    }
    for row in rows:
        if not (found := re.fullmatch(r"demo-mistaken-(\d+)", row[0])):
            continue
        number = int(found[1])
        for exercise, score in zip(head[1:-1], row[1:-1], strict=True):
            if not functions.get(exercise):
                continue
            known = {name: misconceptions.about(reference.find(name)) for name in functions[exercise]}
            wrong = {name: about[number - 1].answer for name, about in known.items() if number <= len(about)}
            names = names_with(path, wrong)
            passed = [test for test in course.tests_of(master, exercise) if course.verdict(test.source, names) is None]
            points = sum(test.metadata.nbgrader.points for test in passed)
            assert score == f"{points:g}", f"{row[0]}, {exercise}"


@every_master
def test_every_misconception_is_held_by_a_demo_student(path):
    students = demo_class.class_of(course.release(path), course.read(path))
    notebooks = [notebook for notebook in students.values() if not isinstance(notebook, str)]
    handed_in = "\n".join(cell.source for notebook in notebooks for cell in notebook.cells)
    for cell in course.cells(course.read(path), "solution"):
        for name in demo_class.functions_of(cell.source):
            for misconception in misconceptions.about(reference.find(name)):
                body = demo_class._source(misconception.answer, name)
                assert body in handed_in, f"nobody in the demo class hands in {misconception.name!r}"


@every_class
def test_every_student_has_one_row_in_the_export(graded_class):
    path, folder, _ = graded_class
    with open(folder / "grades.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == course.name(path)]
    totals = {row["student_id"]: float(row["score"]) for row in rows}
    assert len(rows) == len(totals)
    ours = table(folder, course.name(path))
    assert totals == {student: float(row["total"]) for student, row in ours.items() if student[0] != "("}


@every_class
def test_every_number_of_the_report_is_what_it_is_when_counted_again(graded_class):
    path, folder, _ = graded_class
    target = folder / "build" / "report.html"
    page.write([course.name(path)], target, folder)
    recounted.compare(target.read_text(encoding="utf-8"), folder, course.name(path))


@every_class
def test_every_student_has_feedback(graded_class):
    path, folder, _ = graded_class
    for student in table(folder, course.name(path)):
        if student[0] != "(":
            page = folder / "feedback" / student / course.name(path) / f"{path.stem}.html"
            assert page.stat().st_size > 10_000, f"no feedback for {student}"
            text = page.read_text(encoding="utf-8")
            assert "HIDDEN TESTS" not in text and "MARK SCHEME" not in text, f"the feedback of {student} tells too much"


@pytest.mark.parametrize(
    "graded_class", [course.ROOT / "solutions" / WHOLE / "softmax.ipynb"], ids=[WHOLE], indirect=True
)
def test_mishaps_are_reported_and_the_originals_kept(graded_class):
    path, folder, graded = graded_class
    second = exercises(path)[1]
    for words in (
        f"{path.stem} (1).ipynb is graded as {path.stem}.ipynb",
        f"{path.stem} of demo-not-json is not a notebook",
        f"demo-deleted-test, {path.stem}: The cell '{second}-test-1' was missing",
        f"demo-duplicated, {path.stem}: The cell '{second}' occurs more than once",
    ):
        assert words in graded.stderr
    renamed = folder / "submitted" / "demo-renamed" / course.name(path)
    assert (renamed / f"{path.stem} (1).ipynb").read_bytes() == (renamed / f"{path.stem}.ipynb").read_bytes()
