"""The metadata say that they are of a version of nbgrader to come."""

HONEST = True
EARNS = 15
LIKE = "hands_in_schema_1"


def change(notebook):
    for cell in [cell for cell in notebook.cells if "nbgrader" in cell.metadata]:
        cell.metadata.nbgrader.schema_version = 99
