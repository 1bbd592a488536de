"""What the report is made from: gradebook, autograded notebooks, masters and `grading.timing`, as plain data.

Nothing here counts or judges anything; see `grading.report.measures` and `grading.report.flags`.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import aliased
from traitlets.config.loader import PyFileConfigLoader

from grading import statuses, timing
from grading.demo_class import functions_of
from grading.release import MASTERS
from grading.report.verdicts import Known, Verdict, known_mistakes, verdict
from grading.scores import exercise

GRADEBOOK, CONFIGURATION = "gradebook.db", "jupyter_config.py"
SUBMITTED, AUTOGRADED = Path("submitted"), Path("autograded")
MEASURED = {statuses.GRADED, statuses.REPAIRED, statuses.WAITS, statuses.STOPPED}
HEADING = re.compile(r"^(#{1,3}) +(?!BEGIN |END )(.+?) *$", re.MULTILINE)
HIDDEN = re.compile(r"^\s*### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Exercise:
    """An exercise of an assignment.

    Attributes
    ----------
    name : str
        The grade id of its solution cell, such as "log-softmax".
    title : str
        Its heading, such as "Exercise 2.6 · log_softmax".
    section : str
        The heading of the section that it belongs to.
    maximum : float
        Points.
    written : bool
        Whether a human reads the answer.
    functions : tuple of str
        The functions it asks for, as far as there is a reference.
    """

    name: str
    title: str
    section: str
    maximum: float
    written: bool = False
    functions: tuple = ()

    @cached_property
    def known(self) -> tuple[Known, ...]:
        """The catalogue's mistakes about its functions."""
        return known_mistakes(self.functions)


@dataclass
class Submission:
    """What one student handed in for an assignment, and what became of it.

    Attributes
    ----------
    student : str
        The id.
    points : dict of str to float
        By exercise.
    waiting : set of str
        The exercises of which an answer waits to be read.
    penalty : float
        Points taken off for handing in late.
    status : str
        One of the words of `grading.statuses`.
    verdicts : dict of str to Verdict
        By the grade id of a test cell.
    cell_points : dict of str to float
        By the grade id of a graded cell.
    answers, essays : dict of str to str
        Sources of code and of written answers, by the grade id of a solution cell.
    added : list of str
        Sources of code cells that are none of the course's.
    repairs, stops : list of str
        Sentences of the grader about the notebook's form, and about kernels that stopped.
    seconds : dict of str to float
        How long each stage of grading took.
    """

    student: str
    points: dict = field(default_factory=dict)
    waiting: set = field(default_factory=set)
    penalty: float = 0.0
    status: str = statuses.NOT_GRADED
    verdicts: dict = field(default_factory=dict)
    cell_points: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)
    essays: dict = field(default_factory=dict)
    added: list = field(default_factory=list)
    repairs: list = field(default_factory=list)
    stops: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)

    @property
    def total(self):
        """Points of the assignment, as nbgrader exports them: never below 0."""
        return max(0.0, sum(self.points.values()) - self.penalty)

    @property
    def measured(self):
        """Whether it says something about exercises: it is graded, and a notebook."""
        return self.status in MEASURED


@dataclass
class Course:
    """The course's own sources of an assignment: what its cells are handed out with, and the model answers.

    Attributes
    ----------
    stubs, answers : dict of str to str
        By the grade id of a solution cell.
    others : set of str
        The sources of all cells, test cells as a student sees them.
    """

    stubs: dict = field(default_factory=dict)
    answers: dict = field(default_factory=dict)
    others: set = field(default_factory=set)


@dataclass
class Record:
    """An assignment: its exercises, and what the class handed in.

    Attributes
    ----------
    name, title : str
    exercises : list of Exercise
        In the order of the notebook.
    submissions : list of Submission
        In the order of the students' ids.
    absent : list of str
        The ids of the enrolled who handed in nothing.
    names : dict of str to str
        What the students are called, by id.
    tests : dict of str to float
        The most points of each test cell, by grade id.
    course : Course
    newest : str
        The date of the newest submission; empty where no date is known.
    """

    name: str
    title: str
    exercises: list
    submissions: list = field(default_factory=list)
    absent: list = field(default_factory=list)
    names: dict = field(default_factory=dict)
    tests: dict = field(default_factory=dict)
    course: Course = field(default_factory=Course)
    newest: str = ""

    @property
    def maximum(self):
        return sum(each.maximum for each in self.exercises)

    @property
    def measured(self):
        """The submissions that say something about exercises."""
        return [each for each in self.submissions if each.measured]


def read(assignment, root="."):
    """The record of an assignment.

    Parameters
    ----------
    assignment : str
    root : path
        The root of the course, with ``submitted/`` and ``autograded/``. Its configuration says where the gradebook
        is; without one that is ``gradebook.db``.

    Returns
    -------
    record : Record
        Without exercises where the gradebook does not know the assignment, as before anything was graded.

    Raises
    ------
    FileNotFoundError
        If the course has no such assignment.
    """
    root = Path(root)
    masters = sorted((root / MASTERS / assignment).glob("[!.]*.ipynb"))
    if not masters:
        there = ", ".join(sorted({path.parent.name for path in (root / MASTERS).glob("[!.]*/*.ipynb")})) or "none"
        raise FileNotFoundError(f"expected an assignment of this course, got {assignment!r}; there are: {there}")
    cells = [cell for master in masters for cell in _cells(master)]
    record = Record(assignment, title=_title(cells) or assignment, exercises=[])
    db_url = _db_url(root)
    if make_url(db_url).get_backend_name() == "sqlite" and not Path(make_url(db_url).database).is_file():
        return record
    with Gradebook(db_url) as gradebook:
        _read_gradebook(record, gradebook.db, cells)
    _add_who_is_not_graded(record, root)
    seconds = timing.read(assignment, root)
    for submission in record.submissions:
        if submission.status != statuses.NOT_GRADED:
            waits = bool(submission.waiting)
            submission.status = statuses.status(root, assignment, submission.student, waits).word
        if submission.status not in (statuses.NOT_GRADED, statuses.FAILED):
            submission.seconds = seconds.get(submission.student, {})
            for path in sorted((root / AUTOGRADED / submission.student / assignment).glob("[!.]*.ipynb")):
                _read_notebook(submission, path, record)
    return record


def _db_url(root):
    """Where the gradebook of a course is."""
    if not (root / CONFIGURATION).is_file():
        return f"sqlite:///{(root / GRADEBOOK).resolve()}"
    config = PyFileConfigLoader(CONFIGURATION, path=str(root)).load_config()
    return CourseDirectory(config=config).db_url


# The masters


def _cells(path):
    """The cells of a notebook file, with their sources as text."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        cell["source"] = _text(cell["source"])
    return cells


def _text(source):
    """nbformat allows a text and a list of lines."""
    return source if isinstance(source, str) else "".join(source)


def _title(cells):
    headings = [HEADING.search(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    return next((_plain(found[2]) for found in headings if found), "")


def _plain(heading):
    return heading.replace("`", "")


def _role(cell):
    """A cell's part in nbgrader: a dict, empty for a cell of the story."""
    role = cell.get("metadata", {}).get("nbgrader")
    return role if isinstance(role, dict) and isinstance(role.get("grade_id"), str) else {}


def _exercises(cells, maxima):
    """The exercises of a master, with what the gradebook says they are worth."""
    section = title = ""
    functions, found = {}, {}
    for cell in cells:
        role = _role(cell)
        if cell["cell_type"] == "markdown" and not role.get("solution"):
            for level, heading in HEADING.findall(cell["source"]):
                section, title = (section, _plain(heading)) if level == "###" else (_plain(heading), _plain(heading))
        if role.get("solution") and cell["cell_type"] == "code":
            functions[role["grade_id"]] = tuple(functions_of(cell["source"]))
        if role.get("grade"):
            name = exercise(role["grade_id"])
            if name in maxima and name not in found:
                written = bool(role.get("solution"))
                found[name] = Exercise(name, title, section, maxima[name], written, functions.get(name, ()))
    # What only the gradebook knows was taken out of the master after it had been handed out.
    rest = [Exercise(name, name, "", maximum) for name, maximum in maxima.items() if name not in found]
    return [*found.values(), *rest]


# The gradebook


def _read_gradebook(record, db, cells):
    """Fill a record from the gradebook; columns instead of objects, because a class may be large."""
    assignment = db.execute(select(Assignment.id).where(Assignment.name == record.name)).scalar()
    if assignment is None:
        return
    record.names = {
        student: " ".join(filter(None, names)) or student
        for student, *names in db.execute(select(Student.id, Student.first_name, Student.last_name))
    }
    of_cells = select(GradeCell.name, GradeCell.max_score, GradeCell.cell_type).join(
        Notebook, GradeCell.notebook_id == Notebook.id
    )
    maxima = {}
    for name, most, kind in db.execute(of_cells.where(Notebook.assignment_id == assignment)):
        maxima[exercise(name)] = maxima.get(exercise(name), 0.0) + most
        if kind == "code":
            record.tests[name] = most
    record.exercises = _exercises(cells, maxima)
    record.course = _course(cells, db, assignment)

    handed_in = {}
    of_submissions = select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    dates = []
    for student, date in db.execute(of_submissions.where(SubmittedAssignment.assignment_id == assignment)):
        handed_in[student] = Submission(student, points={each.name: 0.0 for each in record.exercises})
        dates += [f"{date:%Y-%m-%d}"] if date else []
    record.newest = max(dates, default="")

    of_notebooks = (
        select(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(SubmittedAssignment.assignment_id == assignment)
    )
    for student, penalty in db.execute(of_notebooks):
        handed_in[student].penalty += penalty or 0.0

    cell = aliased(BaseCell, flat=True)
    of_grades = (
        select(SubmittedAssignment.student_id, cell.name, Grade.score, Grade.needs_manual_grade)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(cell, Grade.cell_id == cell.id)
        .where(SubmittedAssignment.assignment_id == assignment)
    )
    for student, name, score, waits in db.execute(of_grades):
        submission = handed_in[student]
        submission.points[exercise(name)] = submission.points.get(exercise(name), 0.0) + score
        submission.cell_points[name] = score
        if waits:
            submission.waiting.add(exercise(name))
    for submission in handed_in.values():
        submission.status = statuses.GRADED  # as far as the gradebook can tell
    record.submissions = list(handed_in.values())


def _add_who_is_not_graded(record, root):
    """Add those who handed in after the last run of the grader; who then is left handed in nothing."""
    if not record.exercises:
        return
    known = {each.student for each in record.submissions}
    folders = {path.parent.name for path in (root / SUBMITTED).glob(f"*/{record.name}")}
    for student in folders - known:
        record.submissions.append(Submission(student, points={each.name: 0.0 for each in record.exercises}))
    record.submissions.sort(key=lambda each: each.student)
    record.absent = sorted(record.names.keys() - known - folders)
    for student in folders:
        record.names.setdefault(student, student)


def _course(cells, db, assignment):
    stubs = select(SourceCell.name, SourceCell.source).join(Notebook, SourceCell.notebook_id == Notebook.id)
    solutions = {_role(cell)["grade_id"]: cell["source"] for cell in cells if _role(cell).get("solution")}
    return Course(
        stubs={
            name: source
            for name, source in db.execute(stubs.where(Notebook.assignment_id == assignment))
            if name in solutions
        },
        answers=solutions,
        others={HIDDEN.sub("", cell["source"]).strip() for cell in cells},
    )


# The autograded notebooks


def _read_notebook(submission, path, record):
    """Add what an autograded notebook tells to a submission."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells, metadata = notebook["cells"], notebook["metadata"]
    submission.repairs += _sentences(metadata.get(statuses.REPAIRS))
    submission.stops += _sentences(metadata.get(statuses.STOPS))
    by_name = {each.name: each for each in record.exercises}
    for cell in cells:
        role, source = _role(cell), _text(cell.get("source", ""))
        grade_id = role.get("grade_id")
        if role.get("solution"):
            (submission.answers if cell["cell_type"] == "code" else submission.essays)[grade_id] = source
        elif role.get("grade"):
            asked = by_name.get(exercise(grade_id))
            submission.verdicts[grade_id] = verdict(cell.get("outputs", []), asked.known if asked else ())
        elif not role and cell["cell_type"] == "code" and HIDDEN.sub("", source).strip() not in record.course.others:
            submission.added.append(source)


def _sentences(value):
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


__all__ = ["Course", "Exercise", "Known", "Record", "Submission", "Verdict", "read"]
