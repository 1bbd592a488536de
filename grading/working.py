"""What a worker does with a submission: read it, repair it, run it; plain data in, plain data out."""

import contextlib
import logging
import os
import tempfile
from pathlib import Path

import nbformat
from nbgrader.preprocessors import LimitOutput
from traitlets.config import Config

from grading import warm
from grading.execute import Execute, end_examiner
from grading.repair import prepared

CONFIGURED = ("Execute", "LimitOutput", "SandboxProvisioner", "LimitsOnlyProvisioner")


def settings(config):
    """Of a configuration of nbgrader's what decides about the running of notebooks, as plain data."""
    return {name: dict(config[name]) for name in CONFIGURED}


def submission(folder, names, notebooks):
    """A submission as plain data.

    Parameters
    ----------
    folder : path
    names : dict
        With ``student`` and ``assignment``.
    notebooks : list of path
        Those in the folder that are to be graded.

    Returns
    -------
    dict
    """
    chosen = {Path(path).stem: Path(path).read_bytes() for path in notebooks}
    beside = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
    }
    return {**names, "notebooks": chosen, "beside": beside}


def make(task, options):
    """Make of a submission what ``nbgrader autograde`` makes of it, except for what it saves.

    Parameters
    ----------
    task : dict
        See `submission`.
    options : dict
        See `settings`.

    Returns
    -------
    made : dict
        For each notebook: its text, the verdicts of its test cells, and what the instructor is to be told, as pairs of
        a level and a sentence.
    """
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # as nbgrader does: stories are brief
    config = Config(options)
    made = {}
    with tempfile.TemporaryDirectory(prefix="digits-") as folder:
        for name, content in task["beside"].items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for notebook, content in task["notebooks"].items():
            names = {"student": task["student"], "assignment": task["assignment"], "notebook": notebook}
            with _heard() as (log, said):
                nb = prepared(content, names, log)
                nb = nbformat.reads(nbformat.writes(nb), as_version=4)
                resources = {"nbgrader": names, "metadata": {"path": folder}}
                for step in (Execute(config=config), LimitOutput(config=config)):
                    step.log = log
                    nb, resources = step.preprocess(nb, resources)
            made[notebook] = nbformat.writes(nb), names["passed"], said
    return made


@contextlib.contextmanager
def _heard():
    """A logger, and the list of what it is told, from warnings on."""
    said = []
    log = logging.Logger("digits", logging.WARNING)
    log.addHandler(_Listener(said))
    yield log, said


class _Listener(logging.Handler):
    def __init__(self, said):
        super().__init__()
        self._said = said

    def emit(self, record):
        self._said.append((record.levelno, record.getMessage()))


def close():
    """End what waits in this process for the next submission."""
    end_examiner()
    warm.close_all()
