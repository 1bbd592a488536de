"""Test cells say that they are solution cells, so that they stay as the student left them: empty."""

LIKE = "relabels_cells"


def change(notebook):
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade") and cell.cell_type == "code":
            role["solution"], role["locked"] = True, False
            cell.source = "1"
