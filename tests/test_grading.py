"""Grading: no submission harms itself or another by its form, and a resubmission replaces its predecessor."""

import copy
import inspect
import json

import course
import nbformat
import pytest
from graded_course import ASSIGNMENT, MASTER, answers, hand_in, new_course, run, table
from nbgrader.api import Gradebook
from test_test_cells import right_answers

from grading import demo_class
from grading.repair import repair


def right_submissions():
    """The variants of tests/right_answers: three students, who solve every exercise in three other ways."""
    exercises = [course.grade_id(cell) for cell in course.cells(course.read(MASTER), "solution")]
    by_exercise = {}
    for name, function in right_answers(MASTER).items():
        exercise = max((each for each in exercises if name.startswith(each.replace("-", "_"))), key=len)
        source = inspect.getsource(function).replace(f"def {name}(", f"def {exercise.replace('-', '_')}(")
        by_exercise.setdefault(exercise, []).append(source)
    for k in range(3):
        written = {exercise: sources[k] for exercise, sources in by_exercise.items()}
        yield f"right-{k}", without_story(demo_class.answered(course.release(MASTER), answers() | written))


def without_story(notebook):
    """The notebook with its first cell and those that are graded; the story costs most of the time."""
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [cell for cell in notebook.cells if cell is first or "nbgrader" in cell.metadata]
    return notebook


def strange_submissions():
    """Submissions whose form would stop nbgrader, or cost or gain points there, with the score they deserve."""
    perfect = without_story(demo_class.answered(course.release(MASTER), answers()))

    def changed(change):
        notebook = copy.deepcopy(perfect)
        change(notebook)
        return notebook

    def cell_of(notebook, grade_id):
        return next(cell for cell in notebook.cells if course.grade_id(cell) == grade_id)

    def tag_every_cell(notebook):
        for cell in notebook.cells:
            cell.metadata["tags"] = ["skip-execution"]

    def kill_the_kernel(notebook):
        cell_of(notebook, "softmax-columns").source = "import os\nos._exit(1)"

    def schema_99(notebook):
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader.schema_version = 99

    def markdown_answer(notebook):
        cell_of(notebook, "softmax").cell_type = "markdown"
        for key in ("outputs", "execution_count"):
            cell_of(notebook, "softmax").pop(key)

    def claim_points(notebook):
        cell_of(notebook, "verdicts-test-1").metadata.nbgrader.points = 100

    def unknown_cell(notebook):
        extra = copy.deepcopy(cell_of(notebook, "verdicts-test-1"))
        extra.metadata.nbgrader.grade_id = "bonus"
        extra.id = "bonus"
        notebook.cells.append(extra)

    tagged = copy.deepcopy(course.release(MASTER))
    tag_every_cell(tagged)
    return {
        "a-blank-with-tags": (tagged, "0"),
        "b-dead-kernel": (changed(kill_the_kernel), "14"),
        "c-schema-99": (changed(schema_99), "15"),
        "d-retyped": (changed(markdown_answer), "15"),
        "e-claims-points": (changed(claim_points), "15"),
        "f-unknown-cell": (changed(unknown_cell), "15"),
        "l-perfect": (perfect, "15"),
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """One run of `nbgrader autograde` over all of them."""
    folder = new_course(tmp_path_factory.mktemp("graded"))
    for student, (content, _) in strange_submissions().items():
        hand_in(folder, student, content)
    for student, content in right_submissions():
        hand_in(folder, student, content)
    made = run(folder, "nbgrader", "generate_assignment", ASSIGNMENT, "--force")
    assert made.returncode == 0, made.stderr
    result = run(folder, "nbgrader", "autograde", ASSIGNMENT)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.mark.parametrize(("student", "score"), [(name, score) for name, (_, score) in strange_submissions().items()])
def test_strange_form_gets_the_score_it_deserves(graded, student, score):
    assert table(graded)[student]["total"] == score


@pytest.mark.parametrize("student", ["right-0", "right-1", "right-2"])
def test_right_answers_written_differently_get_full_points(graded, student):
    assert table(graded)[student]["total"] == "15"


def test_resubmission_replaces_scores_and_keeps_what_a_human_gave(graded):
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("shift-invariance-proof", "softmax", ASSIGNMENT, "right-0")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.find_comment("shift-invariance-proof", "softmax", ASSIGNMENT, "right-0").manual_comment = "Clear."
        gradebook.db.commit()
    assert table(graded)["right-0"]["total"] == "17"

    hand_in(graded, "right-0", "{ not a notebook")
    assert run(graded, "nbgrader", "autograde", ASSIGNMENT, "--student=right-0", "--force").returncode == 0
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("shift-invariance-proof", "softmax", ASSIGNMENT, "right-0")
        comment = gradebook.find_comment("shift-invariance-proof", "softmax", ASSIGNMENT, "right-0")
        assert (grade.manual_score, comment.manual_comment) == (2, "Clear.")
        automatic = {each.name: each.auto_score for each in grade.notebook.grades}
    assert set(automatic.values()) == {0}, "a score of the previous submission stands"


def test_grading_without_a_submission_says_where_to_put_one(tmp_path):
    folder = new_course(tmp_path)
    (folder / "submitted").mkdir()
    result = run(folder, "grading", "grade")
    assert result.returncode != 0 and "submitted/STUDENT/ASSIGNMENT/" in result.stderr


# repair, cell by cell


def notebook_of(*cells):
    return nbformat.v4.new_notebook(cells=[copy.deepcopy(cell) for cell in cells])


def code(source, grade_id=None, **kind):
    cell = nbformat.v4.new_code_cell(source)
    if grade_id:
        cell.metadata["nbgrader"] = nbformat.from_dict(
            {"grade_id": grade_id, "grade": False, "solution": False, "locked": False, "schema_version": 3} | kind
        )
    return cell


STUB = code("raise NotImplementedError()", "f", solution=True)
TEST = code("assert f() == 1", "f-test-1", grade=True, locked=True, points=2)


def roles(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


def test_repair_leaves_an_untouched_notebook_alone():
    notebook = notebook_of(code("import numpy"), STUB, TEST)
    before = json.dumps(notebook)
    assert repair(notebook, notebook_of(STUB, TEST)) == []
    assert json.dumps(notebook) == before


def test_repair_puts_a_missing_test_behind_its_exercise():
    notebook = notebook_of(code("import numpy"), STUB, code("print(f())"))
    notes = repair(notebook, notebook_of(STUB, TEST))
    assert roles(notebook) == [None, "f", "f-test-1", None] and notes == [
        "The cell 'f-test-1' was missing and is back."
    ]


def test_repair_keeps_the_answer_and_silences_a_stub_pasted_below_it():
    answer = copy.deepcopy(STUB)
    answer.source = "def f(): return 1"
    notebook = notebook_of(answer, STUB, TEST)
    assert len(repair(notebook, notebook_of(STUB, TEST))) == 1
    assert roles(notebook) == ["f", None, "f-test-1"] and notebook.cells[1].cell_type == "raw"


def test_repair_keeps_the_last_of_two_answers():
    first, second = copy.deepcopy(STUB), copy.deepcopy(STUB)
    first.source, second.source = "def f(): return 0", "def f(): return 1"
    notebook = notebook_of(first, second, TEST)
    repair(notebook, notebook_of(STUB, TEST))
    assert roles(notebook) == [None, "f", "f-test-1"] and notebook.cells[0].cell_type == "code"


@pytest.mark.parametrize("role", [None, 7, [], {"grade_id": ["f"]}, {"grade_id": "g", "grade": True, "points": 9}])
def test_repair_takes_strange_roles_away(role):
    stranger = code("x = 1")
    stranger.metadata["nbgrader"] = role
    stranger.metadata["tags"] = ["skip-execution"]
    notebook = notebook_of(stranger, STUB, TEST)
    repair(notebook, notebook_of(STUB, TEST))
    assert roles(notebook) == [None, "f", "f-test-1"] and "tags" not in notebook.cells[0].metadata


def test_repair_restores_points_locks_and_types():
    test = copy.deepcopy(TEST)
    test.metadata.nbgrader.update(points=50, locked=False, solution=True)
    answer = nbformat.v4.new_markdown_cell("def f(): return 1", metadata=STUB.metadata)
    notebook = notebook_of(answer, test)
    repair(notebook, notebook_of(STUB, TEST))
    assert notebook.cells[0].cell_type == "code" and notebook.cells[1].metadata.nbgrader == TEST.metadata.nbgrader
