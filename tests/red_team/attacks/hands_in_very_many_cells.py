"""The notebook has 100,000 cells more than it needs."""

import nbformat

EMPTY = '{"cell_type": "markdown", "metadata": {}, "source": ""},'
HONEST = True
EARNS = 0
MARK = "no notebook"


def change(notebook):
    return nbformat.writes(notebook).replace('"cells": [', '"cells": [' + EMPTY * 100_000, 1)
