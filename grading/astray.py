"""Answers that stand beside the cell that waits for them.

A student who writes a function into a new cell, or an essay below "YOUR ANSWER HERE", has answered. But the stub that
is left above or below undoes the one when the notebook runs from top to bottom, and nobody would be asked to read the
other. So an answer that is astray is brought home: its text goes into the cell that waits, and stays where it is as
well. What it is worth, the tests say as always, or the human who reads it.
"""

import ast
import contextlib
import re
import warnings

MOST_PARSED = 200_000  # characters of a cell
NOT_PARSED = (SyntaxError, ValueError, RecursionError, MemoryError)  # the last two: nested too deep
STORY = "yours_or_reference"  # a cell of the story that calls this binds a function's name and answers nothing


def bring_home(homes, release, notebook):
    """Bring home what was answered elsewhere, in place.

    Parameters
    ----------
    homes : list of (nbformat.NotebookNode, nbformat.NotebookNode)
        The solution cells of a submission, each with its stub in the release.
    release, notebook : nbformat.NotebookNode
        `notebook` holds the cells of `homes`.

    Returns
    -------
    notes : list of str
        What was brought home, a sentence each.
    """
    known = {stripped(cell.source) for cell in release.cells}
    taken = {id(home) for home, _ in homes}
    strays = [cell for cell in notebook.cells if id(cell) not in taken and stripped(cell.source) not in known]
    notes = []
    for home, stub in homes:
        fill = _fill_code if stub.cell_type == "code" else _fill_text
        if fill(home, stub, strays, notebook):
            name = stub.metadata.nbgrader.grade_id
            notes.append(f"The answer to {name!r} stood in another cell; it is graded as if it stood in its own.")
    return notes


def stripped(source):
    """A source without what nobody sees: blanks at the ends of lines, empty lines at both ends."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def is_stub(source, stub):
    """Whether a source is a stub, or says the same: comments, blanks and empty lines make no answer.

    Examples
    --------
    >>> is_stub("x = None  # later", "x = None"), is_stub("x = 1", "x = None")
    (True, False)
    """
    if stripped(source) == stripped(stub):
        return True
    try:
        return ast.dump(_parsed(source)) == ast.dump(_parsed(stub))
    except (TypeError, RecursionError):  # not Python, or only just
        return False


def open_names(source):
    """The names that a solution cell leaves open, in order.

    These are functions that end with ``raise NotImplementedError``, and, where the cell itself ends so, values that
    are None.

    Examples
    --------
    >>> open_names("def f(): raise NotImplementedError()"), open_names("x = None; raise NotImplementedError()")
    (['f'], ['x'])
    >>> open_names("def f(): return 1")
    []
    """
    body = getattr(_parsed(source), "body", [])
    names = [node.name for node in body if isinstance(node, ast.FunctionDef) and _gives_up(node.body)]
    if _gives_up(body):
        none = [node for node in body if isinstance(node, ast.Assign) and _is_none(node.value)]
        names += [target.id for node in none for target in node.targets if isinstance(target, ast.Name)]
    return names


def bound_names(source):
    """The names that a cell binds to functions, classes and values, as far as it lets itself be read."""
    names = set()
    for node in getattr(_parsed(source), "body", []):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _fill_code(home, stub, strays, notebook):
    """Put the last definitions of what a cell leaves open in the place of its own; tell whether there are any."""
    wanted = set(open_names(home.source)) & set(open_names(stub.source))
    found = {}
    for cell in strays if wanted else ():
        if cell.cell_type == "code" and STORY not in cell.source:
            answers = bound_names(cell.source) - set(open_names(cell.source))
            found |= dict.fromkeys(wanted & answers, id(cell))
    if found:
        answers = [cell.source for cell in strays if id(cell) in found.values()]
        home.source = "\n\n".join(filter(None, [_given(home.source, found), *answers]))
    return bool(found)


def _given(source, answered):
    """What a cell holds beside the open definitions of these names, and beside the word that it is open."""
    body = _parsed(source).body
    open_nodes = [
        node
        for node in body
        if getattr(node, "name", None) in answered
        or (isinstance(node, ast.Assign) and any(getattr(target, "id", None) in answered for target in node.targets))
        or (node is body[-1] and _gives_up(body))
    ]
    gone = {number for node in open_nodes for number in range(node.lineno, node.end_lineno + 1)}
    kept = [line for number, line in enumerate(source.split("\n"), start=1) if number not in gone]
    return "\n".join(kept).strip("\n")


def _fill_text(home, stub, strays, notebook):
    """Put what stands next to an unanswered cell into it; tell whether there is anything."""
    if stripped(home.source) != stripped(stub.source):
        return False
    cells = notebook.cells
    place = next(i for i, cell in enumerate(cells) if cell is home)
    before, after = [], []
    for steps, found in ((range(place - 1, -1, -1), before), (range(place + 1, len(cells)), after)):
        for i in steps:
            is_stray = cells[i].cell_type != "code" and any(cells[i] is cell for cell in strays)
            if not is_stray:
                break
            found.append(cells[i])
            if "nbgrader" in cells[i].metadata:  # a locked question that was written into, and gets its text back
                break
    answers = [cell for cell in [*reversed(before), *after] if cell.source.strip()]
    if answers:
        home.source = "\n\n".join(cell.source for cell in answers)
        pictures = {name: picture for cell in answers for name, picture in cell.get("attachments", {}).items()}
        if pictures:
            home["attachments"] = pictures
    return bool(answers)


def _parsed(source):
    """The syntax tree of a cell, or None if it is not Python. Lines that only IPython understands are passed over."""
    if len(source) > MOST_PARSED:
        return None
    for text in (source, re.sub(r"(?m)^([%!].*|.*\?[ \t]*)$", "", source)):
        with warnings.catch_warnings(action="ignore"), contextlib.suppress(*NOT_PARSED):
            return ast.parse(text)
    return None


def _gives_up(body):
    """Whether a list of statements ends with ``raise NotImplementedError``."""
    if not body or not isinstance(body[-1], ast.Raise):
        return False
    error = body[-1].exc
    return getattr(error.func if isinstance(error, ast.Call) else error, "id", None) == "NotImplementedError"


def _is_none(node):
    return isinstance(node, ast.Constant) and node.value is None
