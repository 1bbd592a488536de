"""What a worker does with a submission: read it, repair it, run it; plain data in, plain data out."""

import contextlib
import logging
import os
import signal
import tempfile
from pathlib import Path

import nbformat
from distributed import get_worker
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from grading import fingerprint, warm
from grading.execute import end_examiner
from grading.provisioner import LimitsOnlyProvisioner, SandboxProvisioner, StudentKernelManager
from grading.release import MASTERS
from grading.repair import prepared

KERNELS = (StudentKernelManager, LimitsOnlyProvisioner, SandboxProvisioner)


class WorkerUnfit(RuntimeError):
    """A worker would not grade as the machine does that asks it."""


def options(config, steps):
    """What of a configuration of nbgrader's decides about the running of notebooks, as plain data.

    Parameters
    ----------
    config : traitlets.config.Config
    steps : list of str
        The preprocessors that workers are to apply, by their full names.

    Returns
    -------
    options : dict
        With the ``steps``, and the ``config`` of their classes and of the kernels'.
    """
    classes = (*map(import_item, steps), *KERNELS)
    sections = sorted({name for each in classes for name in each.section_names()})
    return {"steps": steps, "config": {name: dict(config[name]) for name in sections if name in config}}


def submission(names, notebooks, beside):
    """A submission as plain data.

    Parameters
    ----------
    names : dict
        Of the ``student`` and the ``assignment``.
    notebooks : list of path
        What is to be graded.
    beside : dict
        From relative path to the file that is to lie there.

    Returns
    -------
    dict
    """
    chosen = {Path(path).stem: Path(path).read_bytes() for path in notebooks}
    return {**names, "notebooks": chosen, "beside": {name: Path(path).read_bytes() for name, path in beside.items()}}


def make(task, options):
    """Make of a submission what ``nbgrader autograde`` makes of it, except for what it saves.

    Parameters
    ----------
    task : dict
        See `submission`.
    options : dict
        See `options`.

    Returns
    -------
    made : dict
        For each notebook: its text, the verdicts of its test cells, the seconds of each stage, and what the instructor
        is to be told, as pairs of a level and a sentence.
    """
    os.environ["NBGRADER_EXECUTION"] = "autograde"  # as nbgrader does: stories are brief
    config = Config(options["config"])
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
                nb = nbformat.reads(nbformat.writes(nb), as_version=4)  # nbgrader writes a file in between
                resources = {"nbgrader": names, "metadata": {"path": folder}}
                for name in options["steps"]:
                    step = import_item(name)(config=config, log=log)
                    nb, resources = step(nb, resources)
            made[notebook] = nbformat.writes(nb), names["passed"], names["seconds"], said
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


# As a worker of Dask's


def make_as_worker(task, options, grader):
    """Make the same of it, if this is a worker that grades as the machine does that asks.

    Parameters
    ----------
    task, options
        See `make`.
    grader : str
        The fingerprint that this course must have.

    Raises
    ------
    WorkerUnfit
        If it is another course, or the worker does several things at a time: examiner and sandbox are one each.
    """
    worker = get_worker()
    if worker.state.nthreads != 1:
        raise WorkerUnfit(f"{worker.address} has {worker.state.nthreads} threads; start workers with --nthreads 1")
    try:
        found = fingerprint.of_grader(MASTERS / task["assignment"])
    except FileNotFoundError:
        raise WorkerUnfit(f"{worker.address} was not started in a copy of this course, but in {Path.cwd()}") from None
    if found != grader:
        raise WorkerUnfit(f"{worker.address} has another version of the course, or of its libraries")
    return make(task, options)


def dask_setup(worker):
    """What Dask calls in a new worker of this machine (``distributed.worker.preload``).

    An interrupt concerns who has started it, and ends the worker in good order.
    """
    # A function of Python's, not SIG_IGN, which the kernels of this worker would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def dask_teardown(worker):
    """End what waits in this process for the next submission."""
    end_examiner()
    warm.close_all()
