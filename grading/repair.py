"""Give every submission the form of its release, whatever was handed in.

Students rename files, copy and paste cells, delete the ones that fail, and upload what is not a notebook. Nothing of
that is worth a point, in either direction, and none of it may stop the grading of anyone else.
"""

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from grading import statuses
from grading.astray import bound_names, bring_home, is_stub, open_names, stripped
from grading.handed_in import look_through
from grading.reading import MOST_BYTES, NoNotebook, read
from grading.release import master, released

MOST_NOTES = 30


class TolerantExporter(NotebookExporter):
    """Reads a submission and gives it the form of its release; the first of nbgrader's two passes needs no more.

    nbgrader makes an exporter once a run, when it has listed the submissions and has not yet looked at any. This is the
    moment to look through all of them, see `grading.handed_in`.
    """

    def __init__(self, config=None, **kwargs):
        super().__init__(config=config, **kwargs)
        if hasattr(self.parent, "coursedir"):
            look_through(self.parent)

    def from_file(self, file_stream, resources=None, **kwargs):
        # A name of nbgrader's own; of its two passes, the second reads what the first has written.
        if not getattr(self.parent, "_sanitizing", True):
            return super().from_file(file_stream, resources=resources, **kwargs)
        # As bytes: it may be in another encoding.
        notebook = prepared(file_stream.buffer.read(MOST_BYTES + 1), resources["nbgrader"], self.log)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)


def prepared(content, names, log):
    """The notebook to run, made of what was handed in. A file that is no notebook gives the release, unanswered.

    Parameters
    ----------
    content : bytes
    names : dict
        Of the ``student``, the ``assignment`` and the ``notebook``. The working directory is the course.
    log : logging.Logger
        Told what the instructor should know.

    Returns
    -------
    notebook : nbformat.NotebookNode
        What was mended is in its metadata, a sentence each.
    """
    release = released(names["assignment"], names["notebook"])
    try:
        notebook, notes = read(content)
    except NoNotebook as problem:
        notebook, notes = released(names["assignment"], names["notebook"]), []
        notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]  # the story need not run
        notebook.metadata[statuses.BLANK] = str(problem)
        note(notebook, f"The file is not a notebook ({problem}), so there is nothing to grade in it.")
        log.error("%s of %s is not a notebook: %s", names["notebook"], names["student"], problem)
    for key in ("kernelspec", "language_info"):
        if key in release.metadata:
            notebook.metadata[key] = release.metadata[key]
    for sentence in notes + repair(notebook, release):
        note(notebook, sentence)
        log.warning("%s, %s: %s", names["student"], names["notebook"], sentence)
    restore(notebook, master(names["assignment"], names["notebook"]))
    return notebook


def restore(notebook, master):
    """Give locked cells, in place, the source that they have in the master: with hidden tests and mark schemes."""
    sources = {cell.metadata.nbgrader.grade_id: cell.source for cell in master.cells if "nbgrader" in cell.metadata}
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("locked") and not role.get("solution"):
            cell.source = sources[role["grade_id"]]


def note(notebook, sentence):
    """Add a sentence about a submission to its notebook's metadata; after many, the last says that there are more."""
    notes = notebook.metadata.setdefault(statuses.REPAIRS, [])
    if len(notes) < MOST_NOTES:
        notes.append(sentence)
    elif len(notes) == MOST_NOTES:
        notes.append("There is more of this kind.")


def repair(notebook, release):
    """Give a submitted notebook the roles, in place, that its release assigns to cells.

    Roles (nbgrader's metadata) are taken from the release by grade id. A cell the release does not know has none; of
    several cells with one id the last one that answers keeps the role; a missing cell comes back; a copy of a stub is
    put to sleep, so that it does not undo an answer; an answer beside an open stub is brought home (see
    `grading.astray`); tags are dropped, because one of them keeps a test cell from running. Other sources stay as they
    are, see `restore`.

    Parameters
    ----------
    notebook, release : nbformat.NotebookNode

    Returns
    -------
    notes : list of str
        What was repaired, a sentence each.
    """
    roles = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if "nbgrader" in cell.metadata}
    notes = []

    claims = {grade_id: [] for grade_id in roles}
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)
        claim = cell.metadata.pop("nbgrader", None)
        grade_id = claim.get("grade_id") if isinstance(claim, dict) else None
        if isinstance(grade_id, str) and grade_id in claims:
            claims[grade_id].append(cell)
        elif claim:
            notes.append(f"A cell with the unknown id {_short(grade_id)!r} is not graded.")

    position = 0
    homes = []
    for grade_id, role in roles.items():
        cells = claims[grade_id]
        if not cells:
            keeper = _restored(role, grade_id)
            notebook.cells.insert(position, keeper)
            notes.append(f"The cell {grade_id!r} was missing and is back.")
        else:
            keeper = _keeper(cells, role)
            copies = [f"The cell {grade_id!r} occurs more than once; one copy is not graded."]
            notes += copies * (len(cells) - 1)
        _give_role(keeper, role)
        if role.metadata.nbgrader.solution:
            homes.append((keeper, role))
        position = next(i for i, cell in enumerate(notebook.cells) if cell is keeper) + 1

    _put_stubs_to_sleep(notebook, homes)
    return notes + bring_home(homes, release, notebook)


def _short(grade_id):
    return grade_id[:40] if isinstance(grade_id, str) else grade_id


def _keeper(cells, role):
    """Of several cells with one id, the last that answers: if possible, that defines what the stub leaves open.

    Of a cell that is not for answers, the last that is as it was: another may hold what was written into it.
    """
    if not role.metadata.nbgrader.solution:
        return ([cell for cell in cells if stripped(cell.source) == stripped(role.source)] or cells)[-1]
    answered = [cell for cell in cells if not is_stub(cell.source, role.source)]
    asked = set(open_names(role.source))
    defined = [cell for cell in answered if asked & bound_names(cell.source)]
    return (defined or answered or cells)[-1]


def _restored(role, grade_id):
    cell = nbformat.from_dict(role)
    cell["id"] = f"restored-{grade_id}"[:64]
    return cell


def _put_stubs_to_sleep(notebook, homes):
    """Keep copies of stubs, in cells without a role, from running."""
    stubs = [role.source for _, role in homes if role.cell_type == "code"]
    for cell in notebook.cells:
        is_code = cell.cell_type == "code" and "nbgrader" not in cell.metadata
        if is_code and "NotImplementedError" in cell.source and any(is_stub(cell.source, stub) for stub in stubs):
            cell.cell_type = "raw"
            cell.pop("outputs", None)
            cell.pop("execution_count", None)


def _give_role(cell, role):
    cell.metadata["nbgrader"] = nbformat.from_dict(role.metadata.nbgrader)
    if cell.cell_type != role.cell_type:
        cell.cell_type = role.cell_type
        for key in ("outputs", "execution_count", "attachments"):
            cell.pop(key, None)
        if role.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None


class ForgetScores(NbGraderPreprocessor):
    """Resets the automatic scores of a submission that is about to be graded.

    Should the run break down later, a score of the previous submission must not stand for this one.
    """

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            submission = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            for grade in submission.grades:
                grade.auto_score = 0
            gradebook.db.commit()
        return nb, resources
