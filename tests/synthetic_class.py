"""A class that was never graded: a gradebook and autograded notebooks as nbgrader leaves them, of any size, in seconds.

What a test cell says to a mistake is what `shared.checks` says to it, so the words are the real ones.
"""

import functools
import json
import random
import shutil
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import course
from nbgrader import api
from sqlalchemy import insert, select

from grading import timing
from shared import checks, misconceptions, reference

ASSIGNMENT = "02-softmax"
STUB = "raise NotImplementedError()"


@dataclass
class HandedIn:
    """What a student of the class hands in.

    Attributes
    ----------
    endings : dict of str to str
        How a test cell ends, by grade id: "open", "hidden", "unknown", "broken", "stopped" or the name of a
        misconception; a cell that is not mentioned passes.
    sources : dict of str to str
        What stands in solution cells; by default the model answer, or the stub where all tests of it are open.
    read : dict of str to float
        The points that a human gave to written answers; without them they wait.
    no_notebook : str
        Why the file is no notebook; empty if it is one.
    seconds : dict of str to float
        How long each stage of grading took.
    graded : bool
        Whether grading came to its end.
    """

    endings: dict = field(default_factory=dict)
    sources: dict = field(default_factory=dict)
    read: dict = field(default_factory=dict)
    repairs: list = field(default_factory=list)
    stops: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)
    added: list = field(default_factory=list)
    penalty: float = 0.0
    first_name: str | None = None
    last_name: str | None = None
    no_notebook: str = ""
    graded: bool = True


def master(assignment=ASSIGNMENT):
    (path,) = (course.ROOT / "solutions" / assignment).glob("*.ipynb")
    return path


def make(folder, students, assignment=ASSIGNMENT, absent=(), newest=None):
    """Lay a graded class into a folder, which becomes the root of a course.

    Parameters
    ----------
    folder : Path
    students : dict of str to HandedIn
    assignment : str
    absent : sequence of str
        The ids of enrolled students who handed in nothing.
    newest : datetime, optional
        When they handed in.
    """
    path = master(assignment)
    shutil.copytree(path.parent, folder / "solutions" / assignment, dirs_exist_ok=True)
    notebook = course.read(path)
    if not (folder / "gradebook.db").exists():
        (folder / "gradebook.db").write_bytes(_gradebook())
    with api.Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        ids = _assignment(gradebook, assignment, path.stem, notebook)
        _fill(gradebook.db, ids, students, absent, newest)
    for student, handed_in in students.items():
        if handed_in.graded:
            target = folder / "autograded" / student / assignment / path.name
            target.parent.mkdir(parents=True)
            parts = autograded(notebook, handed_in, story=len(students) < 100).items()
            # As nbformat lays it out, as far as `grading.statuses` looks: at the end of the file.
            lines = ",\n".join(f' "{key}": {json.dumps(value)}' for key, value in parts)
            target.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
        if handed_in.seconds:
            names = {"student": student, "assignment": assignment, "notebook": path.stem}
            timing.keep(names, handed_in.seconds, folder)
    return folder


@functools.cache
def _gradebook():
    """A gradebook without assignments, as a file holds it; to make one takes a second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        with api.Gradebook(f"sqlite:///{path}"):
            return path.read_bytes()


def _assignment(gradebook, assignment, name, notebook):
    """Enter an assignment with its cells; gives the ids that rows of submissions need."""
    gradebook.add_assignment(assignment)
    gradebook.add_notebook(name, assignment)
    for cell in notebook.cells:
        role, grade_id = course.role(cell), course.grade_id(cell)
        if role in ("test", "manual"):
            points = cell.metadata.nbgrader.points
            gradebook.add_grade_cell(grade_id, name, assignment, max_score=points, cell_type=cell.cell_type)
        if role in ("test", "manual", "solution"):
            gradebook.add_source_cell(grade_id, name, assignment, cell_type=cell.cell_type, source=_released(cell))
    found = gradebook.find_notebook(name, assignment)
    cells = [(cell.id, cell.name, cell.max_score, cell.cell_type) for cell in found.grade_cells]
    return found.assignment.id, found.id, cells


def _released(cell):
    before, begin, rest = cell.source.partition("### BEGIN SOLUTION")
    return f"{before}{STUB}{rest.partition('### END SOLUTION')[2]}" if begin else cell.source


def _fill(db, ids, students, absent, newest):
    """Rows for thousands at once; nbgrader's own way takes a commit each."""
    assignment, notebook, cells = ids
    enrolled = set(db.execute(select(api.Student.id)).scalars())
    people, submissions, notebooks, grades = [], [], [], []
    for student in [*students, *absent]:
        handed_in = students.get(student)
        names = {"first_name": handed_in and handed_in.first_name, "last_name": handed_in and handed_in.last_name}
        if student not in enrolled:
            people.append({"id": student} | names)
        if handed_in is None:
            continue
        submission, copy = uuid.uuid4().hex, uuid.uuid4().hex
        submissions.append({"id": submission, "assignment_id": assignment, "student_id": student, "timestamp": newest})
        penalty = handed_in.penalty
        notebooks.append(
            {"id": copy, "assignment_id": submission, "notebook_id": notebook, "late_submission_penalty": penalty}
        )
        for cell, name, most, kind in cells:
            waits = kind == "markdown" and name not in handed_in.read
            points = None if kind == "markdown" else most if handed_in.graded and name not in handed_in.endings else 0.0
            manual = handed_in.read.get(name)
            row = {"auto_score": points, "manual_score": manual, "needs_manual_grade": waits and handed_in.graded}
            grades.append({"id": uuid.uuid4().hex, "notebook_id": copy, "cell_id": cell} | row)
    tables = (api.Student, people), (api.SubmittedAssignment, submissions), (api.SubmittedNotebook, notebooks)
    for table, rows in (*tables, (api.Grade, grades)):
        if rows:
            db.execute(insert(table.__table__), rows)
    db.commit()


def autograded(notebook, handed_in, story=True):
    """The notebook of a student after grading, as a dict; the cells of the story may be left out."""
    cells = []
    for cell in notebook.cells:
        role, grade_id = course.role(cell), course.grade_id(cell)
        if role == "story" and not story:
            continue
        made = {"cell_type": cell.cell_type, "id": cell.id, "metadata": dict(cell.metadata), "source": cell.source}
        if role in ("solution", "manual"):
            tests = [course.grade_id(test) for test in course.tests_of(notebook, grade_id)]
            is_open = tests and all(handed_in.endings.get(test) == "open" for test in tests)
            made["source"] = handed_in.sources.get(grade_id, _released(cell) if is_open else cell.source)
        if cell.cell_type == "code":
            made |= {"execution_count": 1, "outputs": []}
            if role == "test":
                exercise = grade_id.rpartition("-test-")[0]
                (solution,) = (each for each in notebook.cells if course.grade_id(each) == exercise)
                made["outputs"] = outputs(handed_in.endings.get(grade_id), _functions(solution.source))
        cells.append(made)
    for source in handed_in.added:
        cells.append({"cell_type": "code", "id": "own", "metadata": {}, "source": source, "outputs": []})
    said = {"repairs": handed_in.repairs, "stops": handed_in.stops, "no_notebook": handed_in.no_notebook}
    said |= {"graded": True}
    metadata = {f"digits_{name}": value for name, value in said.items() if value}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _functions(source):
    return tuple(name for name in course.bound_names(source) if reference.find(name))


def outputs(ending, functions):
    """What a test cell of these functions prints and raises when it ends like that."""
    passed = {"output_type": "stream", "name": "stdout", "text": ["it: visible tests passed\n"]}
    name = functions[0] if functions else "value"
    if ending is None:
        return [passed]
    if ending == "hidden":
        return [passed, error("AssertionError", f"{name}(Z) gives wrong values for P.")]
    ready = {
        "open": ("NotImplementedError", f"{name} is still waiting for your answer"),
        "unknown": ("AssertionError", f"{name}(Z) gives wrong values for P."),
        "broken": ("NameError", f"name '{name}' is not defined"),
        "stopped": ("KernelStopped", "The kernel was stopped: it ended."),
    }
    return [error(*ready[ending])] if ending in ready else [error("AssertionError", complaint(functions, ending))]


def error(name, message):
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}


@functools.cache
def complaint(functions, mistake):
    """What the checks say to a misconception of this name, on a probe where they name it."""
    for function in map(reference.find, functions):
        for known in misconceptions.about(function):
            if known.name == mistake:
                for message in complaints(function, known):
                    if f"({mistake})" in " ".join(message.split()):
                        return message
    raise LookupError(f"no probe makes the checks name {mistake!r} of {functions}")


def complaints(function, known):
    """What the checks say to a misconception, for each probe on which they object."""
    for probe in misconceptions.probes(function):
        if probe.costly:
            continue
        try:
            if probe.promise:
                checks.holds(probe.promise, known.answer, function, *probe.args)
            else:
                checks.matches(known.answer, function, *probe.args, rtol=probe.rtol, atol=probe.atol)
        except AssertionError as refused:
            yield str(refused)


def own_words(seed, lines=12):
    """A function as nobody else writes it, a different one for each seed."""
    rng = random.Random(seed)
    body = []
    for i in range(lines):
        calls = [rng.choice(("exp", "log", "abs", "sqrt", "tanh", "cumsum", "sort", "diff", "ravel")) for _ in "ab"]
        signs = [rng.choice("+-*/") for _ in "abc"]
        numbers = [rng.randint(2, 99) for _ in "abc"]
        body.append(
            f"    t{i} = np.{calls[0]}(Z {signs[0]} {numbers[0]}) {signs[1]} np.{calls[1]}(Z[{numbers[1]}:]) "
            f"{signs[2]} {numbers[2]}"
        )
    return "\n".join(["def softmax(Z):", *body, f"    return t{rng.randrange(lines)}"])


def large(students, seed=0):
    """A class of that many, each with an ability of their own: a dict from id to HandedIn."""
    rng = random.Random(seed)
    notebook = course.read(master())
    tests = [course.grade_id(cell) for cell in course.cells(notebook, "test")]
    wrong = {test: _endings_of(notebook, test) for test in tests}
    found = {}
    for i in range(students):
        ability = rng.gauss(0.7, 0.25)
        endings = {test: rng.choice(wrong[test]) for test in tests if rng.random() > ability}
        repairs = ["The cell 'predict' was missing and is back."] if rng.random() < 0.05 else []
        seconds = {"saving": round(rng.uniform(0.01, 0.1), 3), "own cells": round(rng.uniform(2, 9), 2)}
        sources = {"softmax": own_words(f"{seed} {i}")}
        found[f"student-{i:04d}"] = HandedIn(endings, sources, repairs=repairs, seconds=seconds)
    return found


def _endings_of(notebook, test):
    exercise = test.rpartition("-test-")[0]
    (solution,) = (each for each in notebook.cells if course.grade_id(each) == exercise)
    names = []
    for function in _functions(solution.source):
        for known in misconceptions.about(reference.find(function))[:4]:
            names += [known.name]
    return ["open", "unknown", "hidden", "broken", *_nameable(_functions(solution.source), names)]


def _nameable(functions, names):
    for name in names:
        try:
            complaint(functions, name)
        except LookupError:
            continue
        yield name
