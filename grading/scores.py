"""Turn verdicts into points, and print the gradebook: students, exercises, scores."""

import csv
import re

from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import SaveAutoGrades

TO_BE_READ = "?"  # stands for the points of an answer that a human has to read


class HonestScores(SaveAutoGrades):
    """nbgrader's, but a test cell's points depend on its verdict alone (see `grading.execute`).

    nbgrader itself looks at the outputs: a warning costs all points, a last line without a semicolon becomes the
    score, no output at all is full marks. A manual score and its comment stay as the instructor left them.
    """

    def preprocess(self, nb, resources):
        self._passed = resources["nbgrader"]["passed"]
        return super().preprocess(nb, resources)

    def _add_score(self, cell, resources):
        if utils.is_solution(cell):  # an answer to be read: nbgrader's own way
            super()._add_score(cell, resources)
            return
        grade_id = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = grade.max_score if self._passed.get(grade_id) else 0
        grade.needs_manual_grade = grade.manual_score is not None
        self.gradebook.db.commit()


def exercise(cell_name):
    """The exercise that a graded cell belongs to.

    Examples
    --------
    >>> exercise("log-softmax-test-2"), exercise("shift-invariance-proof")
    ('log-softmax', 'shift-invariance-proof')
    """
    return re.sub(r"-test-\d+$", "", cell_name)


def table(db_url, assignment):
    """The scores of an assignment.

    Parameters
    ----------
    db_url : str
        Where the gradebook is.
    assignment : str

    Returns
    -------
    rows : list of list of str
        A head (student, exercises in the order of the notebook, total), the maximum, then a row a student in order of
        their ids. A question mark stands for an answer that waits to be read, a dash for nothing handed in.
    """
    with Gradebook(db_url) as gradebook:
        cells = [cell for notebook in gradebook.find_assignment(assignment).notebooks for cell in notebook.grade_cells]
        exercises = list(dict.fromkeys(exercise(cell.name) for cell in cells))
        maximum = dict.fromkeys(exercises, 0.0)
        for cell in cells:
            maximum[exercise(cell.name)] += cell.max_score
        rows = [
            ["student", *exercises, "total"],
            ["(maximum)", *map(_points, [*maximum.values(), sum(maximum.values())])],
        ]
        for student in sorted(gradebook.students, key=lambda student: student.id):
            try:
                submission = gradebook.find_submission(assignment, student.id)
            except MissingEntry:
                rows.append([student.id, *["-"] * len(exercises), "-"])
                continue
            scores = dict.fromkeys(exercises, 0.0)
            waiting = set()
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    scores[exercise(grade.name)] += grade.score
                    if grade.needs_manual_grade:
                        waiting.add(exercise(grade.name))
            points = [TO_BE_READ if name in waiting else _points(scores[name]) for name in exercises]
            rows.append([student.id, *points, _points(sum(scores.values()))])
    return rows


def _points(score):
    return f"{score:g}"


def text(rows):
    """Rows as an aligned table; names of exercises that are too long for their column get a line each.

    Examples
    --------
    >>> print(text([["student", "softmax", "total"], ["ada", "4", "4"]]))
    student  softmax  total
    ada            4      4
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def read(path):
    """Rows from a CSV file, such as the scores the demo class is to get."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
