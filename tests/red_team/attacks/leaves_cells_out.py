"""All test cells are gone."""

SHOWS = "was missing and is back"
MARK = "repaired"


def change(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
