"""The upload broke off in the middle of the file."""

import nbformat

SHOWS = "is not a notebook"
MARK = "no notebook"


def change(notebook):
    return nbformat.writes(notebook)[:4000]
