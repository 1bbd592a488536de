"""The student edition of a master: what is added to it, and how to make one in memory.

What lies in `notebooks/` may have been worked in; the master decides what was released.
"""

from functools import lru_cache
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config.loader import PyFileConfigLoader

MASTERS = Path("solutions")


class RunOnAfterErrors(NbGraderPreprocessor):
    """Lets Run All go on below an exercise that is open, or an answer with a slip in it.

    JupyterLab drops what waits behind a failing cell, unless that cell says that it may fail.
    """

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "code":
            cell.metadata["tags"] = ["raises-exception"]
        return cell, resources


def released(assignment, notebook):
    """The student edition of a notebook.

    Parameters
    ----------
    assignment, notebook : str
        The working directory is the root of the course, as it is while nbgrader converts.

    Returns
    -------
    release : nbformat.NotebookNode
        A copy of the caller's own.
    """
    path = (MASTERS / assignment / f"{notebook}.ipynb").resolve()
    return nbformat.from_dict(nbformat.reads(_release(path, path.stat().st_mtime_ns), as_version=4))


def master(assignment, notebook):
    """The master of a notebook, a copy of the caller's own; the working directory is the root of the course."""
    path = (MASTERS / assignment / f"{notebook}.ipynb").resolve()
    return nbformat.from_dict(_master(path, path.stat().st_mtime_ns))


@lru_cache
def _master(path, stamp):
    return nbformat.read(path, as_version=4)


@lru_cache
def _release(path, stamp):
    """The text of a release; `stamp` tells a changed master from the one before."""
    config = PyFileConfigLoader("jupyter_config.py").load_config()
    config.Exporter.default_preprocessors = []
    exporter = NotebookExporter(config=config)
    for preprocessor in config.GenerateAssignment.preprocessors:
        if preprocessor != "nbgrader.preprocessors.SaveCells":  # the gradebook is not concerned
            exporter.register_preprocessor(preprocessor, enabled=True)
    text, _ = exporter.from_filename(str(path))
    return text
