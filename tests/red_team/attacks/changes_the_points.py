"""Each test cell says that it is worth 100 points, or that it costs some."""

HONEST = True
EARNS = 15
LIKE = "relabels_cells"


def change(notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.points = -5 if number % 2 else 100
