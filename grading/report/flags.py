"""Who needs a look: flags with their evidence. None of them costs a point."""

import ast
import inspect
import re
from dataclasses import dataclass

from grading import statuses
from grading.demo_class import functions_of
from grading.report import alike, verdicts
from shared import misconceptions, reference

GAP = 0.2  # of the points of test cells; a visible part passes and its hidden part does not

WITHHELD = "reads the course's answers"
HARD_CODED = "hidden tests fail"
KINDS = {
    statuses.NO_NOTEBOOK: "The file cannot be read as a notebook, so there was nothing to grade.",
    statuses.FAILED: "Grading broke or was interrupted, so the points mean nothing. Grade again.",
    statuses.NOT_GRADED: "Handed in, and not graded yet. Grade again.",
    statuses.STOPPED: "A cell ran out of time or memory, or ended its kernel. See whether exercises below suffered.",
    WITHHELD: "An answer imports the reference or the catalogue of mistakes, which are not there while it is graded.",
    HARD_CODED: f"Tests worth {100 * GAP:g} % of the points or more pass where students see them and fail where not, "
    "and the catalogue knows no mistake that explains it. Results may be hard-coded.",
    statuses.REPAIRED: "Cells were missing, doubled, astray or unknown, and put in order before grading.",
}

WITHHELD_MODULE = re.compile(r"shared[./\\]+(reference|misconceptions)\b")
WITHHELD_NAMES = {"reference", "misconceptions"}


@dataclass(frozen=True)
class Flag:
    """Something about a submission that a human should see.

    Attributes
    ----------
    student : str
    kind : str
        One of `KINDS`.
    evidence : tuple of str
        A sentence each.
    """

    student: str
    kind: str
    evidence: tuple[str, ...]


def flags(record):
    """All flags of an assignment, in the order of the students' ids; a list of Flag."""
    found = []
    for submission in record.submissions:
        for kind, evidence in (
            (submission.status, _without_points(submission)),
            (statuses.STOPPED, submission.stops if submission.measured else ()),
            (statuses.REPAIRED, submission.repairs if submission.measured else ()),
            (WITHHELD, withheld_imports(submission)),
            (HARD_CODED, visible_only(submission, record)),
        ):
            if evidence:
                found.append(Flag(submission.student, kind, tuple(dict.fromkeys(evidence))))
    return found


def _without_points(submission):
    """Why a submission has no points that mean anything; empty if it has some."""
    if submission.measured:
        return []
    return submission.repairs or [f"Its status is “{submission.status}”."]


def withheld_imports(submission):
    """Sentences about answers that import the reference or the catalogue of mistakes; empty if there is none."""
    named = [(f"In the answer {cell!r}", source) for cell, source in submission.answers.items()]
    named += [("In a cell of one's own", source) for source in submission.added]
    return [f"{place}: {what}" for place, source in named for what in withheld_in(source)]


def withheld_in(source):
    """The places of a source that reach for the reference or the catalogue.

    Returns
    -------
    places : list of str
        Each with its line; empty where there is none, and where the source is no Python.

    Examples
    --------
    >>> withheld_in("from shared.reference.softmax import softmax")
    ['line 1, shared.reference.softmax']
    >>> withheld_in("import importlib\\nimportlib.import_module('shared.misconceptions')")
    ['line 2, shared.misconceptions']
    >>> withheld_in("# see shared.reference")
    []
    """
    if not any(name in source for name in WITHHELD_NAMES):
        return []  # parsing takes most of the time of a large class
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # also of null bytes
        return []
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    found = []
    for node in ast.walk(tree):
        what = []
        if isinstance(node, ast.Import):
            what = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            what = [f"{node.module}.{alias.name}" for alias in node.names if node.module == "shared"] or [node.module]
        elif isinstance(node, ast.Attribute):
            what = [ast.unparse(node)] if node.attr in WITHHELD_NAMES else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            what = [node.value]
        found += [(node.lineno, each) for each in what if WITHHELD_MODULE.search(each)]
    return [f"line {line}, {what[:80]}" for line, what in dict.fromkeys(sorted(found))]


def visible_only(submission, record):
    """Sentences about test cells whose visible part passes and whose hidden part fails; empty below the `GAP`."""
    most = sum(record.tests.values())
    cells = [
        name
        for name, each in submission.verdicts.items()
        if each.kind == verdicts.WRONG and each.visible and not each.mistakes and name in record.tests
    ]
    points = sum(record.tests[name] for name in cells)
    if not most or points < GAP * most:
        return []
    return [f"{points:g} of {most:g} points: {', '.join(cells)}"]


def same_answers(record):
    """Groups of students whose answers are alike; see `grading.report.alike`."""
    given = [*record.course.stubs.values(), *record.course.answers.values()]
    given += [inspect.getsource(each.answer) for each in _catalogue(record)]
    answers = {each.student: each.answers | each.essays for each in record.measured}
    return alike.groups(answers, given, essays={cell for each in record.measured for cell in each.essays})


def _catalogue(record):
    """The mistakes about the functions of an assignment, all of which the checks may have described to students."""
    for source in record.course.answers.values():
        for name in functions_of(source):
            yield from misconceptions.about(reference.find(name))
