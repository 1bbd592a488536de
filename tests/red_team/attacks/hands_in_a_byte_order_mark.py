"""An editor put a byte order mark before the first brace."""

import nbformat

HONEST = True
EARNS = 15
LIKE = "hands_in_invalid_utf_8"


def change(notebook):
    return "\ufeff" + nbformat.writes(notebook)
