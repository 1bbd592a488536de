"""Functions that only a notebook defines, taken from its master: what is measured is what is read."""

import ast
from pathlib import Path

import nbformat

from shared import reference

MLP_NOTEBOOK = Path(__file__).parents[1] / "solutions" / "06-mlp" / "mlp.ipynb"


class NotebookError(LookupError):
    """A notebook that has not what is looked for."""


def function(name, cell_id=None, path=MLP_NOTEBOOK):
    """A function as a cell of a notebook defines it, with the notebook's imports around it.

    Functions that the notebook's reader writes are those of `shared.reference`. The rest of the cell does not run.

    Parameters
    ----------
    name : str
    cell_id : str, optional
        The cell; by default the first one that defines the function.
    path : path

    Raises
    ------
    NotebookError
        If there is no such notebook, no such cell, or no such function in it.
    """
    where = f"{path.parent.name}/{path.name}"
    if not path.exists():
        raise NotebookError(f"expected the function {name} in the notebook {where}, but there is no such file")
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    searched = [cell for cell in cells if cell_id in (None, cell.id)]
    for cell in searched:
        for statement in ast.parse(cell.source).body:
            if isinstance(statement, ast.FunctionDef) and statement.name == name:
                return _run(statement, cells[0].source)[name]
    cell = "a code cell" if cell_id is None else f"a code cell with the id {cell_id}"
    raise NotebookError(f"expected {cell} that defines the function {name} in {where}, got none")


def _run(definition, imports):
    """The names after running a notebook's imports and one definition."""
    used = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name)}
    names = {name: found for name in used if (found := reference.find(name)) is not None}
    for statement in ast.parse(imports).body + [definition]:
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef):
            exec(compile(ast.Module([statement], []), "<notebook>", "exec"), names)
    return names
