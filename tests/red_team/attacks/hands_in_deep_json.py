"""The metadata are lists in lists, 100,000 deep."""

import nbformat

MARK = "no notebook"


def change(notebook):
    return nbformat.writes(notebook).replace(
        '"metadata": {', '"metadata": {"deep": ' + "[" * 100_000 + "]" * 100_000 + ",", 1
    )
