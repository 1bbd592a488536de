"""Test cells became text, and answers raw cells."""

HONEST = True
EARNS = 15


def change(notebook):
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade") or role.get("solution"):
            cell.cell_type = "markdown" if role["grade"] else "raw"
            for key in ("outputs", "execution_count"):
                cell.pop(key, None)
