"""Give every submission the form of its release, whatever was handed in.

Students rename files, copy and paste cells, delete the ones that fail, and upload what is not a notebook. Nothing of
that is worth a point, in either direction, and none of it may stop the grading of anyone else.
"""

import json
import shutil
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteCells
from traitlets.log import get_logger

from grading.release import MASTERS, released


def adopt_renamed(assignment, student, notebooks):
    """Find the notebook a student handed in under another name; a ``pre_convert_hook`` of nbgrader.

    The file stays as it is; a copy with the right name is laid beside it.

    Parameters
    ----------
    assignment, student : str
        What nbgrader was asked to grade; either may be a pattern.
    notebooks : list of str
        The files of one submission; a copy is added to it.
    """
    # nbgrader swallows what a hook raises; an instructor should see it.
    try:
        _adopt_renamed(notebooks)
    except Exception:
        get_logger().exception("looking for renamed notebooks in %s failed", notebooks)


def _adopt_renamed(notebooks):
    folder = Path(notebooks[0]).parent
    masters = {path.stem: path for path in sorted((MASTERS / folder.name).glob("*.ipynb"))}
    handed_in = {Path(name).stem: Path(name) for name in notebooks}
    strangers = [path for stem, path in handed_in.items() if stem not in masters]
    for stem in masters.keys() - handed_in.keys():
        if not strangers:
            return
        ids = _grade_ids(masters[stem])
        best = max(strangers, key=lambda path: len(ids & _grade_ids(path)))
        # A file that cannot be read has no ids; if it is the only one, it must be meant.
        if ids & _grade_ids(best) or len(strangers) == 1:
            copy = folder / f"{stem}.ipynb"
            shutil.copy(best, copy)
            notebooks.append(str(copy))
            strangers.remove(best)
            get_logger().warning("%s is graded as %s.ipynb", best, stem)


def _grade_ids(path):
    """The grade ids in a notebook file; none if it is not a notebook."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8-sig"))["cells"]
        return {cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]}
    except (ValueError, KeyError, TypeError, OSError):
        return set()


class TolerantExporter(NotebookExporter):
    """Reads a submission; one that is not a notebook becomes the blank release, with a note that says so."""

    def from_file(self, file_stream, resources=None, **kwargs):
        notebook, problem = self._read(file_stream)
        if problem:
            names = resources["nbgrader"]
            notebook = released(names["assignment"], names["notebook"])
            note(notebook, f"The file is not a notebook ({problem}), so there is nothing to grade in it.")
            self.log.error("%s of %s is not a notebook: %s", names["notebook"], names["student"], problem)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)

    @staticmethod
    def _read(file_stream):
        """The notebook and None, or None and what is wrong with the file."""
        try:
            return _plain(nbformat.reads(file_stream.read().removeprefix("\ufeff"), as_version=4)), None
        except Exception as error:  # Whatever a stranger's file provokes, it concerns this submission alone.
            text = str(error).strip().splitlines() or [""]
            return None, f"{type(error).__name__}: {text[0]}"


def _plain(notebook):
    """A notebook with the same cells and nothing else that could trip the tools after it: no outputs, valid ids."""
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}
    plain = v4.new_notebook()
    for key in ("kernelspec", "language_info", "digits_repairs"):
        if key in notebook.metadata:
            plain.metadata[key] = notebook.metadata[key]
    for number, cell in enumerate(notebook.cells):
        if not isinstance(cell.source, str):
            raise TypeError(f"the source of cell {number} is no text")
        metadata = cell.metadata if isinstance(cell.metadata, dict) else {}
        plain.cells.append(make[cell.cell_type](cell.source, metadata=metadata, id=f"cell-{number}"))
    return plain


def note(notebook, sentence):
    """Add a sentence about a submission to its notebook's metadata."""
    notebook.metadata.setdefault("digits_repairs", []).append(sentence)


def repair(notebook, release):
    """Give a submitted notebook the roles, in place, that its release assigns to cells.

    Roles (nbgrader's metadata) are taken from the release by grade id. A cell the release does not know has none; of
    several cells with one id the last one answered keeps the role, and a copy that is still the stub is put to
    sleep, so that it does not undo the answer; a missing cell comes back; tags are dropped, because one of them
    keeps a test cell from running. Sources stay as they are: nbgrader restores those of locked cells itself.

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
            notes.append(f"A cell with the unknown id {grade_id!r} is not graded.")

    position = 0
    for grade_id, role in roles.items():
        cells = claims[grade_id]
        if not cells:
            keeper = _restored(role, grade_id)
            notebook.cells.insert(position, keeper)
            notes.append(f"The cell {grade_id!r} was missing and is back.")
        else:
            keeper = _keeper(cells, role)
            for copy in cells:
                if copy is not keeper:
                    notes.append(f"The cell {grade_id!r} occurs more than once; one copy is not graded.")
                    if role.metadata.nbgrader.solution and copy.source == role.source:
                        _put_to_sleep(copy)
        _give_role(keeper, role)
        position = next(i for i, cell in enumerate(notebook.cells) if cell is keeper) + 1
    return notes


def _keeper(cells, role):
    """Of several cells with one id, the last that is no longer the stub."""
    answered = [cell for cell in cells if cell.source != role.source]
    return (answered or cells)[-1]


def _restored(role, grade_id):
    cell = nbformat.from_dict(role)
    cell["id"] = f"restored-{grade_id}"[:64]
    return cell


def _put_to_sleep(cell):
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


class Repair(NbGraderPreprocessor):
    """The first of nbgrader's sanitizing preprocessors: `repair` a submission and forget its previous scores."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        for sentence in repair(nb, released(names["assignment"], names["notebook"])):
            note(nb, sentence)
            self.log.warning("%s, %s: %s", names["student"], names["notebook"], sentence)

        # Should the run break down later, a score of the previous submission must not stand for this one.
        with Gradebook(names["db_url"]) as gradebook:
            submission = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            for grade in submission.grades:
                grade.auto_score = 0
            gradebook.db.commit()
        return nb, resources


class RestoreLockedCells(OverwriteCells):
    """nbgrader's, which gives locked cells their full source back; here without a warning for each.

    The release holds a test cell without its hidden tests, so its checksum never is the master's.
    """

    def report_change(self, name, attr, old, new):
        if attr != "checksum":
            super().report_change(name, attr, old, new)
