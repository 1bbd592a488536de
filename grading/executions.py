"""What came of running a submission, kept by its content, so that the same is not run twice.

An execution depends on the cells, the files beside the notebook, the master with its tests, the grader and the limits.
A key is a digest of all of these, so an entry never goes out of date: whatever changes, the key is another one. Entries
are written whole or not at all; one that cannot be read counts as absent.
"""

import functools
import gzip
import hashlib
import json
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("numpy", "matplotlib", "ipykernel", "ipython", "ipywidgets", "nbclient", "nbgrader")
KEY = "digits_execution"  # in the metadata of an autograded notebook


class Executions:
    """A folder of executions.

    Parameters
    ----------
    folder : path
        Made when something is kept.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def find(self, key):
        """The entry for a key, or None."""
        try:
            return json.loads(gzip.decompress(self._path(key).read_bytes()))
        except (OSError, EOFError, ValueError):
            return None

    def keep(self, key, entry):
        """Keep an entry, which is plain data."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = gzip.compress(json.dumps(entry, sort_keys=True).encode(), compresslevel=1, mtime=0)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        os.replace(file.name, path)

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.json.gz"


def digest_of(*parts):
    """A digest of bytes, texts and plain data, in which no part can pass for the end of another."""
    digest = hashlib.sha256()
    for part in parts:
        if not isinstance(part, bytes):
            part = json.dumps(part, sort_keys=True).encode()
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def key_of(notebook, master, files, limits):
    """The key of an execution.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As it is to be run.
    master : Path
    files : dict
        What lies beside the notebook: digests by name, see `digests_in`.
    limits : dict
        Plain data.
    """
    cells = [
        [cell.cell_type, cell.source, cell.metadata.get("nbgrader", {}).get("grade_id")] for cell in notebook.cells
    ]
    return digest_of(cells, files, master.read_bytes(), grader(), limits)


def digests_in(folder):
    """Digests of the files in a folder and the folders in it, notebooks left out: a dict by relative name."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            file = Path(path, name)
            if file.suffix.lower() != ".ipynb" and file.is_file() and not file.is_symlink():
                with open(file, "rb") as opened:
                    found[os.path.relpath(file, folder)] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


@functools.cache
def grader():
    """A digest of this grader: our modules, the course's, the configuration, the libraries, Python."""
    files = sorted([*ROOT.glob("grading/**/*.py"), *ROOT.glob("shared/**/*.py"), *Path().glob("jupyter_config.py")])
    return digest_of(
        [str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path) for path in files],
        *(path.read_bytes() for path in files),
        {name: version(name) for name in LIBRARIES},
        platform.python_version(),
    )
