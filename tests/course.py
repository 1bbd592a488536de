"""The notebooks of the course, as the tests see them: where they lie, what role a cell plays, how to run one."""

import ast
import contextlib
import re
from pathlib import Path

import nbformat

from grading.release import released

ROOT = Path(__file__).resolve().parent.parent
MASTERS = sorted((ROOT / "solutions").glob("*/*.ipynb"))

HIDDEN = re.compile(r"^\s*### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", re.MULTILINE | re.DOTALL)


def read(path):
    return nbformat.read(path, as_version=4)


def release(master):
    """The student edition of a master, as it is made; what lies in notebooks/ may have been worked in."""
    with contextlib.chdir(ROOT):
        return released(master.parent.name, master.stem)


def name(path):
    """How a notebook is called in a test's name: its assignment."""
    return path.parent.name


def role(cell):
    """One of "test", "solution", "manual", "locked" and "story"."""
    meta = cell.metadata.get("nbgrader", {})
    if meta.get("grade"):
        return "manual" if meta.get("solution") else "test"
    return "solution" if meta.get("solution") else "locked" if meta.get("locked") else "story"


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def cells(notebook, *roles):
    return [cell for cell in notebook.cells if role(cell) in roles]


def tests_of(notebook, exercise):
    """The test cells of an exercise, in order."""
    pattern = re.compile(re.escape(exercise) + r"-test-\d+")
    return [cell for cell in cells(notebook, "test") if pattern.fullmatch(grade_id(cell))]


def visible(source):
    """What the student sees of a test cell."""
    return HIDDEN.sub("", source)


def namespace(notebook):
    """What a notebook's first code cell imports, for running its solution and test cells outside a kernel."""
    imports = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return define(imports, {})


def define(source, names):
    """Run a solution cell in a namespace."""
    exec(compile(source, "<answer>", "exec"), names)
    return names


def verdict(source, names):
    """None where a test cell passes, else what it raised."""
    try:
        exec(compile(source, "<test cell>", "exec"), dict(names))
    except (AssertionError, NotImplementedError) as error:
        return error
    return None


def bound_names(source):
    """Names that a cell's code binds at its top level, imports and loops included."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def used_names(source):
    return {
        node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
