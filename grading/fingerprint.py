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


def of_submission(folder, masters, options):
    """The fingerprint of a submission.

    Parameters
    ----------
    folder : path
        With everything that was handed in.
    masters : iterable of Path
        The notebooks of the assignment, with their tests.
    options : dict
        Plain data: what is configured.

    Returns
    -------
    fingerprint : str
    """
    return digest_of(_files_in(folder), [_digest(path) for path in sorted(masters)], of_grader(), options)


@functools.cache
def of_grader():
    """The fingerprint of this grader: our modules, the course's, the configuration, the libraries, Python."""
    files = sorted([*ROOT.glob("grading/**/*.py"), *ROOT.glob("shared/**/*.py"), Path("jupyter_config.py").resolve()])
    libraries = {name: version(name) for name in LIBRARIES}
    return digest_of([[path.name, _digest(path)] for path in files], libraries, platform.python_version())


def digest_of(*parts):
    """A digest of plain data."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _files_in(folder):
    """Digests of the files in a folder and in the folders in it, by name."""
    paths = (Path(path, name) for path, _, names in os.walk(folder) for name in names)
    return sorted([os.fsencode(path.relative_to(folder)).hex(), _digest(path)] for path in paths if path.is_file())


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
