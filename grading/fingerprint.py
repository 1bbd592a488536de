"""A digest of all that grading a submission depends on: while it is the same, there is nothing to grade again."""

import functools
import hashlib
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("numpy", "matplotlib", "ipykernel", "ipython", "ipywidgets", "nbclient", "nbgrader")


def of_submission(folder, others):
    """The fingerprint of a submission.

    Parameters
    ----------
    folder : path
        With everything that was handed in.
    others : str
        The fingerprint of what all submissions of the assignment have in common.

    Returns
    -------
    fingerprint : str
    """
    paths = (Path(path, name) for path, _, names in os.walk(folder) for name in names)
    files = sorted([os.fsencode(path.relative_to(folder)).hex(), _digest(path)] for path in paths if path.is_file())
    return digest_of(files, others)


def of_grader(masters):
    """The fingerprint of a grader: what two machines have to agree in, to grade an assignment alike.

    Parameters
    ----------
    masters : path
        The folder with the notebooks of the assignment, which hold the tests.

    Returns
    -------
    fingerprint : str

    Raises
    ------
    FileNotFoundError
        If the working directory is no course.
    """
    return digest_of(_of_code(), of_files(sorted(Path(masters).glob("*.ipynb"))))


def of_files(paths):
    """The fingerprint of files, in their order, and of their names."""
    return digest_of(*([Path(path).name, _digest(path)] for path in paths))


@functools.cache  # a process goes on with the modules that it has once imported
def _of_code():
    """Of our modules, the course's, the configuration, the libraries, Python."""
    files = sorted([*ROOT.glob("grading/**/*.py"), *ROOT.glob("shared/**/*.py")])
    libraries = {name: version(name) for name in LIBRARIES}
    return digest_of(of_files([*files, "jupyter_config.py"]), libraries, platform.python_version())


def digest_of(*parts):
    """A digest of plain data; of something else that a configuration holds, its text stands for it."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
