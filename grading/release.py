"""The student edition of a master, made in memory.

What lies in `notebooks/` may have been worked in; the master decides what was released.
"""

from functools import lru_cache
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

MASTERS = Path("solutions")


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


@lru_cache
def _release(path, stamp):
    """The text of a release; `stamp` tells a changed master from the one before."""
    config = Config()
    config.Exporter.default_preprocessors = []
    config.ClearMarkScheme.enforce_metadata = False  # as in jupyter_config.py
    exporter = NotebookExporter(config=config)
    for preprocessor in GenerateAssignment.class_traits()["preprocessors"].default():
        if preprocessor is not SaveCells:  # the gradebook is not concerned
            exporter.register_preprocessor(preprocessor, enabled=True)
    text, _ = exporter.from_filename(str(path))
    return text
