"""Turn verdicts into points, and print the gradebook: students, exercises, scores."""

import csv
import re
from pathlib import Path

from nbgrader import utils
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy.engine import make_url
from sqlalchemy.orm import undefer

from grading import statuses

TO_BE_READ = "?"  # stands for the points of an answer that a human has to read


class HonestScores(SaveAutoGrades):
    """nbgrader's, but a test cell's points depend on its verdict alone (see `grading.execute`).

    nbgrader itself looks at the outputs: a warning costs all points, a last line without a semicolon becomes the
    score, no output at all is full marks. A manual score and its comment stay as the instructor left them.
    """

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        self._passed = names["passed"]
        with Gradebook(names["db_url"]) as gradebook:
            found = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            named = gradebook.db.query(BaseCell.name)
            grades = named.add_entity(Grade).join(Grade.cell).filter(Grade.notebook_id == found.id)
            comments = named.add_entity(Comment).join(Comment.cell).filter(Comment.notebook_id == found.id)
            self._grades = dict(grades.options(undefer(Grade.max_score)).all())
            self._comments = dict(comments.all())
            for cell in nb.cells:
                self.preprocess_cell(cell, resources, None)
            gradebook.db.commit()
        nb.metadata[statuses.FINISHED] = True
        return nb, resources

    def _add_score(self, cell, resources):
        grade = _entry(self._grades, cell)
        if utils.is_solution(cell):  # an answer to be read, unless there is none
            grade.auto_score, _ = utils.determine_grade(cell, self.log)
        else:
            grade.auto_score = grade.max_score if self._passed.get(cell.metadata.nbgrader.grade_id) else 0
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None

    def _add_comment(self, cell, resources):
        unanswered = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)
        _entry(self._comments, cell).auto_comment = "No response." if unanswered else None


def _entry(entries, cell):
    """What the gradebook has for a cell of a submission."""
    grade_id = cell.metadata.nbgrader.grade_id
    if grade_id not in entries:
        raise MissingEntry(f"the gradebook has no cell {grade_id!r}; `nbgrader generate_assignment` enters new ones")
    return entries[grade_id]


def exercise(cell_name):
    """The exercise that a graded cell belongs to.

    Examples
    --------
    >>> exercise("log-softmax-test-2"), exercise("shift-invariance-proof")
    ('log-softmax', 'shift-invariance-proof')
    """
    return re.sub(r"-test-\d+$", "", cell_name)


def table(db_url, assignment, folder=None):
    """The scores of an assignment.

    Parameters
    ----------
    db_url : str
        Where the gradebook is.
    assignment : str
    folder : path, optional
        The course, with ``submitted/`` and ``autograded/``. By default where the gradebook is, if that is a file, and
        else the working directory.

    Returns
    -------
    rows : list of list of str
        A head (student, exercises in the order of the notebook, total, status), the maximum, then a row a student in
        order of their ids: everyone in the gradebook, and everyone who handed something in. A question mark stands
        for an answer that waits to be read, a dash for what is not graded. For the status see `grading.statuses`.
    """
    folder = course_of(db_url) if folder is None else folder
    with Gradebook(db_url) as gradebook:
        found = gradebook.find_assignment(assignment)
        cells = [cell for notebook in found.notebooks for cell in notebook.grade_cells]
        exercises = list(dict.fromkeys(exercise(cell.name) for cell in cells))
        maximum = dict.fromkeys(exercises, 0.0)
        for cell in cells:
            maximum[exercise(cell.name)] += cell.max_score
        # As columns: a thousand students have some ten thousand scores, and objects take ten times as long.
        students = {student for (student,) in gradebook.db.query(Student.id)}
        submissions = gradebook.db.query(SubmittedAssignment.student_id).filter_by(assignment_id=found.id)
        scores = {student: dict.fromkeys(exercises, 0.0) for (student,) in submissions}
        waiting = {student: set() for student in scores}
        for student, name, score, waits in (
            gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, Grade.score, Grade.needs_manual_grade)
            .select_from(Grade)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(BaseCell, BaseCell.id == Grade.cell_id)
            .filter(SubmittedAssignment.assignment_id == found.id)
        ):
            scores[student][exercise(name)] += score
            if waits:
                waiting[student].add(exercise(name))

    rows = [
        ["student", *exercises, "total", "status"],
        ["(maximum)", *map(_points, [*maximum.values(), sum(maximum.values())]), ""],
    ]
    for student in sorted(students | _handed_in(folder, assignment)):
        waits = bool(waiting[student]) if student in scores else None
        word = statuses.status(folder, assignment, student, waits).word
        if waits is None or word == statuses.FAILED:
            points = ["-"] * (len(exercises) + 1)
        else:
            mine = scores[student]
            points = [TO_BE_READ if name in waiting[student] else _points(mine[name]) for name in exercises]
            points.append(_points(sum(mine.values())))
        # A folder may be called by bytes that are no text.
        rows.append([student.encode("utf-8", "backslashreplace").decode("utf-8"), *points, word])
    return rows


def course_of(db_url):
    """The folder of a course, by its gradebook: where that is, if it is a file, and else the working directory.

    Examples
    --------
    >>> course_of("sqlite:////srv/course/gradebook.db").name, course_of("postgresql://server/grades").name
    ('course', '')
    """
    url = make_url(db_url)
    return Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else Path()


def _handed_in(folder, assignment):
    """Everyone who handed something in."""
    return {path.parent.name for path in Path(folder, "submitted").glob(f"*/{assignment}")}


def _points(score):
    return f"{score:g}"


def text(rows):
    """Rows as an aligned table; names of exercises that are too long for their column get a line each.

    Examples
    --------
    >>> print(text([["student", "softmax", "total", "status"], ["ada", "4", "4", "graded"]]))
    student  softmax  total  status
    ada            4      4  graded
    """
    rows = [[cell if cell.isprintable() else repr(cell)[1:-1] for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *points, last in rows:
        points = [cell.rjust(width) for cell, width in zip(points, widths[1:-1], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *points, last]).rstrip())
    return "\n".join(lines)


def read(path):
    """Rows from a CSV file, such as the scores the demo class is to get."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
