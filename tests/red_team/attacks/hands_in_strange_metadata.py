"""Ids, tags, sources, outputs and roles are of types that nobody expects."""

import nbformat

HONEST = True
EARNS = 15


def change(notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata["tags"] = {"a": 1} if number % 2 else 7
        cell.metadata["collapsed"] = [None]
        cell["id"] = "same"
        cell["attachments"] = {"x.png": {"image/png": "<script>"}}
        if cell.cell_type == "code":
            cell["outputs"] = [nbformat.v4.new_output("stream", text="0")]
            cell["execution_count"] = 99
    notebook.metadata["kernelspec"] = {"name": "../../bin/sh", "display_name": "x", "language": "x"}
    notebook.metadata["language_info"] = {"name": "cobol"}
