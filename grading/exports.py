"""Grades out of the gradebook: a CSV file that is safe in a spreadsheet, and the files Canvas and Moodle import.

``nbgrader export`` writes `Csv`; the others are named, as in ``nbgrader export --exporter=grading.exports.CanvasCsv``.
"""

import csv
import io
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.api import Assignment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import ExportPlugin
from sqlalchemy import Integer, cast, func
from traitlets import Bool, Dict, Unicode

from grading import statuses
from grading.collect import Roster, Sender

FINAL = {statuses.GRADED, statuses.REPAIRED, statuses.STOPPED, statuses.NO_NOTEBOOK}

# A cell is a formula where it begins with one of these signs; some spreadsheets drop blanks before it, and those that
# separate cells by semicolons start a new cell at one.
_BEGINNING = re.compile(r"(^|[;\t\r\n])(?='|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
_MARKED = re.compile(r"(^|[;\t\r\n])'")
_NUMBER = re.compile(r"-|[+-]?[\d.,]+ ?%?")


def safe(text):
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what would begin one.

    `original` takes it away again; a text that begins with an apostrophe of its own gets another.

    Examples
    --------
    >>> safe('=HYPERLINK("x")'), safe("@ada"), safe("Jean-Luc"), safe("'s Gravesande")
    ('\\'=HYPERLINK("x")', "'@ada", 'Jean-Luc', "''s Gravesande")
    """
    return _BEGINNING.sub(r"\1'", text)


def original(cell):
    """What `safe` made the cell of.

    Examples
    --------
    >>> original("'=1+1"), original("''s Gravesande"), original("Jean-Luc")
    ('=1+1', "'s Gravesande", 'Jean-Luc')
    """
    return _MARKED.sub(r"\1", cell)


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them."""

    id: str
    first_name: str
    last_name: str
    email: str
    lms_user_id: str


@dataclass(frozen=True)
class Work:
    """What a student has in an assignment: a word of `statuses`, and points before the penalty for lateness."""

    status: str
    points: float = 0.0
    penalty: float = 0.0
    timestamp: datetime | None = None

    @property
    def score(self):
        return max(0.0, self.points - self.penalty)


class Grades:
    """Everything an export needs, read with four queries, however large the class.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    folder : path
        The course, with ``submitted/`` and ``autograded/``.
    assignments, students : collection of str
        Which ones; all if empty.

    Attributes
    ----------
    people : list of Person
        In the order of nbgrader, by name.
    assignments : list of (str, datetime or None, float)
        Name, due date and maximum of points.
    """

    def __init__(self, gradebook, folder, assignments=(), students=()):
        session = gradebook.db
        people = session.query(
            Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id
        ).order_by(Student.last_name, Student.first_name, Student.id)
        self.people = [Person(*(value or "" for value in row)) for row in people if not students or row.id in students]
        known = session.query(Assignment.id, Assignment.name, Assignment.duedate, Assignment.max_score)
        known = [row for row in known.order_by(Assignment.name) if not assignments or row.name in assignments]
        self.assignments = [tuple(row[1:]) for row in known]

        names = {row.id: row.name for row in known}
        penalties = dict(
            session.query(
                SubmittedNotebook.assignment_id, func.sum(SubmittedNotebook.late_submission_penalty)
            ).group_by(SubmittedNotebook.assignment_id).all()
        )  # fmt: skip
        handed_in = (
            session.query(
                SubmittedAssignment.id,
                SubmittedAssignment.assignment_id,
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                func.coalesce(func.sum(Grade.score), 0.0),
                func.max(cast(Grade.needs_manual_grade, Integer)),
            )
            .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .group_by(SubmittedAssignment.id)
        )
        found = {
            (names[assignment], student): (points, penalties.get(id) or 0.0, timestamp, bool(waits))
            for id, assignment, student, timestamp, points, waits in handed_in
            if assignment in names
        }
        self._work = {}
        for assignment, *_ in self.assignments:
            for person in self.people:
                *work, waits = found.get((assignment, person.id), (0.0, 0.0, None, None))
                word = statuses.status(folder, assignment, person.id, waits).word
                self._work[assignment, person.id] = Work(word, *work)

    def work(self, assignment, person):
        """What a person has in an assignment: `Work`, also where nothing was handed in."""
        return self._work[assignment, person.id]


class _Export(ExportPlugin):
    """What the three have in common: the options of nbgrader, and how a file is written."""

    default_name = ""

    def export(self, gradebook):
        folder = self.parent.coursedir.root if self.parent else "."
        grades = Grades(gradebook, folder, [str(name) for name in self.assignment], [str(id) for id in self.student])
        path = Path(self.to or self.default_name)
        try:
            path.write_bytes(self.text(grades).encode("utf-8"))
        except (OSError, ValueError) as problem:
            sys.exit(f"Nothing is exported: {problem}.")
        self.log.info("%d students, %d assignments: %s", len(grades.people), len(grades.assignments), path)

    def text(self, grades):
        raise NotImplementedError


class Csv(_Export):
    """A row a student and assignment: nbgrader's own columns, and the status. Safe to open in a spreadsheet."""

    default_name = "grades.csv"
    HEAD = (
        "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
        "late_submission_penalty", "score", "max_score", "status",
    )  # fmt: skip

    def text(self, grades):
        rows = [self.HEAD]
        for assignment, duedate, max_score in grades.assignments:
            for person in grades.people:
                work = grades.work(assignment, person)
                names = (person.id, person.last_name, person.first_name, person.email)
                rows.append((
                    safe(assignment), duedate or "", work.timestamp or "", *map(safe, names),
                    work.points, work.penalty, work.score, max_score, work.status,
                ))  # fmt: skip
        return _csv(rows)


class _LmsExport(_Export):
    """Columns that a learning platform knows, and only scores that are final."""

    titles = Dict(help="What an assignment is called there, such as {'02-softmax': 'Softmax (4711)'}.").tag(config=True)
    unread = Bool(False, help="Export scores of which answers still wait to be read.").tag(config=True)

    def title(self, assignment):
        return self.titles.get(assignment, assignment)

    def score(self, grades, assignment, person):
        """The cell: empty where nothing was handed in, so that the platform's own rule for that decides."""
        work = grades.work(assignment, person)
        if work.status in FINAL or (work.status == statuses.WAITS and self.unread):
            return _points(work.score)
        return ""

    def text(self, grades):
        for assignment, *_ in grades.assignments:
            words = Counter(grades.work(assignment, person).status for person in grades.people)
            for word in sorted(
                words.keys() - FINAL - {statuses.NOTHING} - ({statuses.WAITS} if self.unread else set())
            ):
                self.log.warning("%s: scores left out, since their status is %r: %d.", assignment, word, words[word])
        return self.table(grades)

    def table(self, grades):
        raise NotImplementedError


class CanvasCsv(_LmsExport):
    """Canvas's gradebook file: its own export with our scores in it, or, without one, a file of the same form.

    Canvas recognises a student by ID (``lms_user_id``), SIS Login ID (the id here) or name, and an assignment by the
    number in brackets behind its title; without that number it offers to make a new assignment.
    """

    default_name = "canvas.csv"
    template = Unicode("", help="The file that Canvas exports: every cell but our scores stays as it is.").tag(
        config=True
    )

    HEAD = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
    POINTS_POSSIBLE = "    Points Possible"

    def table(self, grades):
        return self._filled(grades) if self.template else self._new(grades)

    def _new(self, grades):
        titles = [safe(self.title(assignment)) for assignment, *_ in grades.assignments]
        possible = [_points(max_score) for _, _, max_score in grades.assignments]
        rows = [(*self.HEAD, *titles), (self.POINTS_POSSIBLE, *[""] * 4, *possible)]
        for person in grades.people:
            name = ", ".join(part for part in (person.last_name, person.first_name) if part) or person.id
            number = person.lms_user_id or (person.id if person.id.isdecimal() else "")
            scores = [self.score(grades, assignment, person) for assignment, *_ in grades.assignments]
            rows.append((safe(name), safe(number), "", safe(person.id), "", *scores))
        return _csv(rows)

    def _filled(self, grades):
        data = Path(self.template).read_bytes().decode("utf-8")
        mark = "\ufeff" if data.startswith("\ufeff") else ""
        data = data.removeprefix(mark)
        separator = max(",;", key=data.partition("\n")[0].count)
        head, *rows = csv.reader(io.StringIO(data, newline=""), delimiter=separator)
        if "ID" not in head or "Section" not in head:
            raise ValueError(f"{self.template} is not what Canvas exports: no columns ID and Section in {head[:5]}")
        columns = self._columns(head, grades)
        people = {person.id: person for person in grades.people}
        for row, student in zip(rows, self._students(head, rows, grades), strict=True):
            for column, assignment in columns.items():
                # EX is a student excused from the assignment, N/A one who is not assigned to it.
                if student and row[column] not in ("EX", "N/A"):
                    row[column] = self.score(grades, assignment, people[student]) or row[column]
        cells = ([cell if _NUMBER.fullmatch(cell) else safe(cell) for cell in row] for row in (head, *rows))
        return mark + _csv(cells, separator)

    def _columns(self, head, grades):
        """Which column is which assignment's."""
        columns = {}
        for assignment, *_ in grades.assignments:
            title = self.title(assignment)
            found = [i for i, cell in enumerate(head) if title in (cell, re.sub(r" \(\d+\)$", "", cell))]
            if len(found) == 1:
                columns[found[0]] = assignment
            else:
                many = "more than one column" if found else "no column"
                self.log.warning("%s: %s of %s is called %r; see CanvasCsv.titles.", assignment, many, self.template,
                                 title)  # fmt: skip
        if not columns:
            raise ValueError(
                f"no assignment has a column in {self.template}, which has {head[head.index('Section') :]}"
            )
        return columns

    def _students(self, head, rows, grades):
        """The student of each row, or None."""
        roster = Roster(grades.people)
        by_name = "Student" in head
        students, claimed = [], defaultdict(int)
        for row in rows:
            known = dict(zip(head, row, strict=False))
            name = known["Student"] if by_name else f"{known.get('LastName', '')} {known.get('FirstName', '')}"
            contacts = [known[title] for title in ("SIS Login ID", "SIS User ID") if known.get(title)]
            student = None
            if name.strip() and name.strip() != self.POINTS_POSSIBLE.strip():
                try:
                    student, _ = roster.find(Sender("Canvas", known["ID"], name), contacts)
                except LookupError as problem:
                    self.log.warning("Left as it is: %s.", problem.args[0])
            students.append(student)
            claimed[student] += 1
        for student in claimed.keys() - {None}:
            if claimed[student] > 1:
                self.log.warning("Left as they are: %d rows may be %s.", claimed[student], student)
        for person in grades.people:
            if person.id not in claimed:
                self.log.warning("%s has no row in %s.", person.id, self.template)
        return [student if claimed[student] == 1 else None for student in students]


class MoodleCsv(_LmsExport):
    """A grade import for Moodle, which asks which column identifies a student: map *Email address* or *ID number*."""

    default_name = "moodle.csv"
    HEAD = ("First name", "Last name", "ID number", "Email address")

    def table(self, grades):
        rows = [(*self.HEAD, *(safe(self.title(assignment)) for assignment, *_ in grades.assignments))]
        for person in grades.people:
            names = (person.first_name, person.last_name, person.lms_user_id or person.id, person.email)
            scores = [self.score(grades, assignment, person) for assignment, *_ in grades.assignments]
            rows.append((*map(safe, names), *scores))
        return _csv(rows)


def _points(score):
    """Points as Canvas writes them, so that a score that did not change does not look changed."""
    return f"{score:.2f}"


def _csv(rows, separator=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue()
