"""The notebook has no cell at all."""

MARK = "repaired"
LIKE = "leaves_cells_out"


def change(notebook):
    notebook.cells = []
