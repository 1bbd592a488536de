"""The metadata say that they are of nbgrader's first version, which has other names for everything."""

HONEST = True
EARNS = 15


def change(notebook):
    for cell in [cell for cell in notebook.cells if "nbgrader" in cell.metadata]:
        cell.metadata.nbgrader.schema_version = 1
