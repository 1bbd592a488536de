"""The shell's own method for running a cell is replaced by one that runs nothing."""

from IPython import get_ipython

LIKE = "rewrites_cells_as_trees"


def linear_forward():
    shell = get_ipython()
    run = shell.run_cell_async
    shell.run_cell_async = lambda code, **options: run("pass", **options | {"transformed_cell": "pass\n"})
