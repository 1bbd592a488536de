"""A test cell was copied and pasted by mistake, with its id."""

import copy

HONEST = True
EARNS = 15
SHOWS = "more than once"
MARK = "repaired"


def change(notebook):
    for position, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "predict-test-1":
            break
    twin = copy.deepcopy(cell)
    twin.id = "pasted"
    notebook.cells.insert(position, twin)
