"""The notebook is of nbformat's third version."""

import nbformat

HONEST = True
EARNS = 15
LIKE = "hands_in_schema_1"


def change(notebook):
    return nbformat.writes(nbformat.convert(notebook, 3), version=3)
