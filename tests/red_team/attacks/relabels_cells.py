"""The test cells of hard exercises carry the ids of easy ones."""

MARK = "repaired"


def change(notebook):
    ids = {"softmax-test-1": "predict-test-1", "softmax-test-2": "predict-test-1", "verdicts-test-1": "verdicts"}
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        if role.get("grade_id") in ids:
            role["grade_id"] = ids[role["grade_id"]]
