"""The metadata hold NaN and Infinity, which JSON has no word for."""

HONEST = True
EARNS = 15


def change(notebook):
    notebook.metadata["nan"] = float("nan")
    for cell in notebook.cells:
        cell.metadata["nan"] = [float("inf"), float("nan")]
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["points"] = float("nan")
