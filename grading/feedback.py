"""What a student gets back: a page that says on top why points are missing, and shows the notebook as it was graded.

A page needs nothing but itself and runs no script. Test cells and questions are shown as they were released, so that
hidden tests and mark schemes cannot be in it, whatever stands in the graded notebook; what the student wrote, and
what came of running it, goes through `grading.harmless`.
"""

import glob
import re
import shutil
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.filters import strip_ansi
from nbgrader import utils
from nbgrader.preprocessors import GetGrades

from grading import harmless
from grading.formulas import font
from grading.release import released
from grading.scores import exercise
from grading.statuses import REPAIRS, STOPS, finished

COURSE = "Digits from Scratch"
FOLDERS = [Path(__file__).with_name("templates"), Path(__file__).parents[1] / "tools" / "export_html_template"]
MOST_WORDS = 700  # characters of a reason
NOT_ANSWERED = "Not answered yet."
WAITS = "Waits to be read."
UNREADABLE = "The file is not a notebook"  # begins a note of `grading.repair`


class Grades(GetGrades):
    """nbgrader's, which also notes what a human still has to read."""

    def _get_score(self, cell, resources):
        super()._get_score(cell, resources)
        names = cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        grade = self.gradebook.find_grade(*names)
        cell.metadata.nbgrader["waits"] = bool(grade.needs_manual_grade and grade.manual_score is None)
        cell.metadata.nbgrader["by_hand"] = grade.manual_score is not None


class FeedbackExporter(Exporter):
    """A graded notebook to the page its author gets; for ``GenerateFeedback.exporter_class``."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def __init__(self, config=None, **kwargs):
        super().__init__(config=config, **kwargs)
        if hasattr(self.parent, "coursedir"):
            choose(self.parent)

    def from_notebook_node(self, nb, resources=None, **kwargs):
        if hasattr(self.parent, "coursedir"):
            self._remove_notebooks(resources["nbgrader"])
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        return page(nb, resources["nbgrader"]), resources

    def _remove_notebooks(self, names):
        """Remove what nbgrader has copied beside the page if it took the student's name for a pattern: hidden tests."""
        course = self.parent.coursedir
        folder = course.format_path(course.feedback_directory, names["student"], names["assignment"])
        for path in Path(folder).rglob("*.ipynb"):
            path.unlink()


def choose(converter):
    """Correct nbgrader's list of what gets feedback, just before it begins.

    nbgrader takes some students' names for patterns, and an unfinished notebook for a graded one. Where nothing is
    graded any more, the feedback of an earlier submission goes.

    Parameters
    ----------
    converter : nbgrader.converters.GenerateFeedback
        Its ``assignments`` is the list: a dict from a submission's folder to its notebooks, all of them paths.
    """
    course = converter.coursedir
    pattern = course.format_path(course.autograded_directory, course.student_id, course.assignment_id)
    for folder in sorted({*glob.glob(pattern), *converter.assignments}):
        notebooks = sorted(Path(folder).glob(f"{course.notebook_id}.ipynb"))
        done = [str(path) for path in notebooks if finished(path)]
        if done:
            converter.assignments[folder] = done
        else:
            converter.assignments.pop(folder, None)
    written = course.format_path(course.feedback_directory, course.student_id, course.assignment_id)
    for page_folder in map(Path, glob.glob(written)):
        student, assignment = page_folder.parts[-2:]
        if course.format_path(course.autograded_directory, student, assignment) not in converter.assignments:
            shutil.rmtree(page_folder)


@dataclass
class Reason:
    """Why points are missing, and in which cell that shows."""

    anchor: str
    label: str
    sentence: str


@dataclass
class Row:
    """An exercise in the summary."""

    title: str
    anchor: str
    score: float = 0
    points: float = 0
    waits: bool = False
    reasons: list = field(default_factory=list)


def page(notebook, about):
    """The page of a graded notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With what `Grades` notes in it.
    about : dict
        nbgrader's ``resources["nbgrader"]``: assignment, notebook, student, score, max_score, late_penalty.

    Returns
    -------
    page : str
    """
    release = released(about["assignment"], about["notebook"])
    cells = [_Cell(cell, release) for cell in _as_released(notebook, release)]
    shown = [each.shown() for each in cells]
    ours = {cell.source for cell in release.cells}
    story = "".join(harmless.markdown(source, ours=True) for source in sorted(ours) if "$" in source)
    characters = frozenset("".join(re.findall(r"<math.*?</math>", story, re.DOTALL)))
    return _template().render(
        course=COURSE,
        title=_title(release) or about["notebook"],
        about=about,
        rows=summary(notebook, release),
        notes=notes(notebook),
        cells=shown,
        font=Markup(font(characters)) if characters else "",
        points=lambda number: f"{number:g}",
    )


@lru_cache(1)
def _template():
    environment = Environment(loader=FileSystemLoader(FOLDERS), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("feedback.html.j2")


# What is said of lost points


def notes(notebook):
    """What was odd about the file, and where the kernel stopped: sentences."""
    return [_short(str(sentence)) for key in (REPAIRS, STOPS) for sentence in notebook.metadata.get(key, [])]


def summary(notebook, release):
    """A `Row` for each exercise, in the order of the notebook; every point that is missing has a reason.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With what `Grades` notes in it.
    release : nbformat.NotebookNode
        What the student had got.
    """
    headings, released_as = _headings(release), {_role(cell).get("grade_id"): cell.source for cell in release.cells}
    by_id = {_role(cell).get("grade_id"): cell for cell in notebook.cells}
    rows = {}
    for grade_id, cell in by_id.items():
        role = _role(cell)
        if "points" not in role or grade_id not in released_as:
            continue
        own = exercise(grade_id)
        row = rows.setdefault(own, Row(headings.get(grade_id, own), _anchor(own if own in by_id else grade_id)))
        row.score += role["score"]
        row.points += role["points"]
        if role["waits"]:
            row.waits = True
            row.reasons.append(Reason(_anchor(grade_id), "", WAITS))
        elif role["score"] < role["points"]:
            sentence = (
                _of_an_answer(cell, released_as[grade_id])
                if role["solution"]
                else why(cell, by_id.get(own), released_as)
            )
            row.reasons.append(Reason(_anchor(grade_id), _label(cell.source), sentence))
    if any(note.startswith(UNREADABLE) for note in notes(notebook)):
        for row in rows.values():
            row.reasons = [Reason(row.anchor, "", "Nothing could be read from the file.")]
    for row in rows.values():
        if len({reason.sentence for reason in row.reasons}) == 1:
            row.reasons = [Reason(row.reasons[0].anchor, "", row.reasons[0].sentence)]
    return list(rows.values())


def why(cell, answer, released_as):
    """Why a test cell gave no points, in a sentence or a few.

    Parameters
    ----------
    cell : nbformat.NotebookNode
        The test cell, with its outputs.
    answer : nbformat.NotebookNode or None
        The cell of the answer that it tests.
    released_as : dict
        From grade id to the source that was released.
    """
    if _role(cell)["by_hand"]:
        return "Your instructor gave these points."
    error = _error(cell)
    if error is None:
        return "This test was not run." if cell.get("execution_count") is None else "This test did not pass."
    name, text = str(error.get("ename", "")), _short(error.get("evalue", ""))
    if name == "NotImplementedError":
        return text if ";" in text else NOT_ANSWERED
    if name == "NameError" and answer is not None:
        if answer.source == released_as.get(_role(answer)["grade_id"]):
            return NOT_ANSWERED
        if (own := _error(answer)) is not None:
            kind, words = _short(own.get("ename", "")), _short(own.get("evalue", "").partition("\n")[0])
            return f"The cell of your answer stops with {_a(kind)}: {words.rstrip('.')}. So there is nothing to test."
    if name == "CellTimeoutError":
        return "This test did not come to an end in time."
    if name in ("AssertionError", "KernelStopped"):
        return text
    return f"This test stops with {_a(_short(name))}: {text}"


def _of_an_answer(cell, source):
    if cell.source == source:
        return NOT_ANSWERED
    if _role(cell).get("comment"):
        return "See the comment below your answer."
    return "Your instructor gave these points."


def _error(cell):
    """The first error among a cell's outputs, or None."""
    return next((output for output in cell.get("outputs", []) if output.get("output_type") == "error"), None)


def _short(text):
    """The sentences of a message, without the values that stand below them, in one line."""
    lines = strip_ansi(harmless.plain(text)).splitlines()
    words = " ".join(" ".join(line for line in lines if not line.startswith("  ")).split())
    return words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]} …"


def _a(kind):
    return f"a{'n' if kind[:1] in 'AEIOU' else ''} {kind}"


# What stands where


def _role(cell):
    return cell.metadata.get("nbgrader", {})


def _anchor(grade_id):
    return f"cell-{grade_id}"


def _title(release):
    for cell in release.cells:
        if heading := re.search(r"^# +(.+)$", cell.source, re.MULTILINE):
            return heading[1]
    return ""


def _headings(release):
    """The heading of the exercise or question that each cell with a role belongs to: a dict from grade id."""
    headings, latest = {}, None
    for cell in release.cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^### +(.+)$", cell.source, re.MULTILINE)
            latest = found[-1].replace("`", "") if found else latest
        if latest and "grade_id" in _role(cell):
            headings[_role(cell)["grade_id"]] = latest
    return headings


def _label(source):
    """What a test cell is about, by its first line: ``# Exercise 2.4 · softmax · extreme logits``."""
    parts = source.partition("\n")[0].split(" · ")
    return parts[2] if len(parts) > 2 else ""


def _as_released(notebook, release):
    """The cells, of which those that the student was not to change have the source of the release."""
    sources = {_role(cell)["grade_id"]: cell.source for cell in release.cells if "grade_id" in _role(cell)}
    for cell in notebook.cells:
        role = _role(cell)
        if role and not role.get("solution"):
            cell.source = sources.get(role.get("grade_id"), "")
    return notebook.cells


class _Cell:
    """A cell on its way to the page."""

    def __init__(self, cell, release):
        self.cell, self.role = cell, _role(cell)
        self.ours = any(each.source == cell.source and each.cell_type == cell.cell_type for each in release.cells)

    def shown(self):
        """What the template needs of it: a dict of text, and of HTML as Markup."""
        cell, role = self.cell, self.role
        if cell.cell_type == "markdown":
            body = harmless.markdown(cell.source, ours=self.ours)
        elif cell.cell_type == "code":
            body = harmless.code(cell.source)
        else:
            body = harmless.terminal(cell.source)
        outputs = [harmless.output(output) for output in joined(cell.get("outputs", []))]
        return {
            "kind": self.kind,
            "anchor": _anchor(role["grade_id"]) if role else "",
            "label": {"test": "Test", "answer": "Your answer", "written": "Your answer"}.get(self.kind, ""),
            "score": role.get("score"),
            "points": role.get("points"),
            "waits": role.get("waits", False),
            "body": Markup(body),
            "outputs": [Markup(each) for each in outputs],
            "comment": Markup(harmless.markdown(role["comment"])) if role.get("comment") else "",
        }

    @property
    def kind(self):
        if utils.is_grade(self.cell):
            return "written" if utils.is_solution(self.cell) else "test"
        return "answer" if utils.is_solution(self.cell) else "story"


def joined(outputs):
    """Outputs, of which pieces of one stream that follow one another are one."""
    result = []
    for output in outputs:
        before = result[-1] if result else {}
        same = (
            output.get("output_type") == before.get("output_type") == "stream" and output.get("name") == before["name"]
        )
        if same and isinstance(before["text"], str) and isinstance(output["text"], str):
            result[-1] = {**before, "text": before["text"] + output["text"]}
        else:
            result.append(output)
    return result
