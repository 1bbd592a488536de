"""Run master notebooks from top to bottom and store their outputs: nothing in them says when or where.

usage: python tools/execute_masters.py solutions/02-softmax/softmax.ipynb …
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# What a kernel reports of itself; the version would differ from machine to machine.
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python", "pygments_lexer": "ipython3"}


def execute(path):
    """Run one notebook in its own folder and write it back; raise at the first cell that fails."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
        timeout=300,
        extra_arguments=["--log-level=ERROR"],
    )
    client.execute()
    notebook.metadata["language_info"] = dict(LANGUAGE)
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        start = time.perf_counter()
        execute(Path(name))
        print(f"{name}: {time.perf_counter() - start:.1f} s, {Path(name).stat().st_size / 1000:.0f} kB")
