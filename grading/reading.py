"""Read a file that is said to be a notebook, whatever is in it.

What is kept is what grading needs: the cells, their types and sources, which cell of the release each claims to be, and
the pictures in written answers. Outputs, ids and all other metadata are not read on, so that nothing in them can trip
the tools that come after.
"""

import json

import nbformat

MOST_BYTES = 50_000_000  # a release has less than a million
MOST_CELLS = 2_000  # a release has less than a hundred
PLACEHOLDER = "Nothing is here: "  # so begins a file of ours that stands where a notebook should
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
KINDS = ("code", "markdown", "raw")

# What is handed in as a notebook and is something else.
BEGINNINGS = {
    b"PK\x03\x04": "it is a zip archive",
    b"\x1f\x8b": "it is compressed with gzip",
    b"%PDF": "it is a PDF document",
    b"<": "it is a web page, or XML",
}


class NoNotebook(ValueError):
    """The file is no notebook; the message says why, and ends without a full stop."""


def read(content):
    """The notebook in a file.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    notebook : nbformat.NotebookNode
        In format 4, with ids of our own. The metadata of a cell is empty, or says the id it claims:
        ``{"nbgrader": {"grade_id": …}}``, None where that is no text.
    notes : list of str
        What was amiss and could be mended, a sentence each.

    Raises
    ------
    NoNotebook
        If there is no notebook in it.

    Examples
    --------
    >>> notebook, notes = read(b'{"cells": [{"cell_type": "code", "source": ["x = 1", ""], "metadata": []}]}')
    >>> notebook.cells[0].source, notes
    ('x = 1', [])
    """
    if len(content) > MOST_BYTES:
        raise NoNotebook(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        text, notes = _text(content)
        if text.startswith(PLACEHOLDER):
            raise NoNotebook(text.removeprefix(PLACEHOLDER).strip().rstrip("."))
        cells = _cells(text)
    except NoNotebook:
        raise
    except Exception as error:  # whatever a stranger's file provokes
        for beginning, what in BEGINNINGS.items():
            if content.startswith(beginning):
                raise NoNotebook(what) from error
        line = (str(error).strip().splitlines() or ["no message"])[0]
        raise NoNotebook(f"{type(error).__name__}: {line[:200]}") from error

    notebook = nbformat.v4.new_notebook()
    for number, cell in enumerate(cells):
        source = _source(cell)
        if source is None:
            notes.append(f"Cell {number + 1} has no text that could be read; it is left out.")
        else:
            notebook.cells.append(_plain(cell, source, number))
    return notebook, notes


def _text(content):
    """The text, and notes about it."""
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff"), []
    except UnicodeDecodeError:
        text = content.decode(encoding, "replace").removeprefix("\ufeff")
        return text, ["Some bytes of the file are no text in UTF-8; each is replaced by \N{REPLACEMENT CHARACTER}."]


def _cells(text):
    content = json.loads(text)
    if not isinstance(content, dict):
        raise NoNotebook(f"it holds a {type(content).__name__}, where a notebook is a dict")
    cells = content.get("cells")
    if cells is None and "worksheets" in content or content.get("nbformat") in (1, 2):
        cells = nbformat.reads(text, as_version=4).cells
    if not isinstance(cells, list):
        raise NoNotebook("it has no list of cells")
    if len(cells) > MOST_CELLS:
        raise NoNotebook(f"it has {len(cells)} cells, more than {MOST_CELLS}")
    return cells


def _source(cell):
    """The text of a cell, or None. A list of lines is legal."""
    source = cell.get("source") if isinstance(cell, dict) else None
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return None
    # Half a surrogate pair cannot be written to a file; what Windows ends lines with would make a stub look answered.
    return source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


def _plain(cell, source, number):
    kind = cell.get("cell_type")
    kind = kind if kind in KINDS else "raw"
    plain = {"id": f"cell-{number}", "cell_type": kind, "metadata": {}, "source": source}
    metadata = cell.get("metadata")
    if isinstance(metadata, dict) and "nbgrader" in metadata:
        role = metadata["nbgrader"]
        grade_id = role.get("grade_id") if isinstance(role, dict) else None
        plain["metadata"]["nbgrader"] = {"grade_id": grade_id if isinstance(grade_id, str) else None}
    if kind == "code":
        plain |= {"outputs": [], "execution_count": None}
    elif pictures := _pictures(cell.get("attachments")):
        plain["attachments"] = pictures
    return nbformat.from_dict(plain)


def _pictures(attachments):
    """The pictures that were pasted into a cell: a dict from name to a dict from type to text in base 64."""
    found = {}
    for name, versions in attachments.items() if isinstance(attachments, dict) else ():
        pictures = versions.items() if isinstance(versions, dict) else ()
        pictures = {kind: data for kind, data in pictures if kind in PICTURES and isinstance(data, str)}
        if pictures and name.isprintable():
            found[name] = pictures
    return found
