"""The file holds bytes that are no UTF-8, in a string of Latin-1."""

import nbformat

HONEST = True
EARNS = 15


def change(notebook):
    return nbformat.writes(notebook).encode().replace(b"import numpy", b"# na\xefve\\nimport numpy", 1)
