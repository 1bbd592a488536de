"""After every cell its outputs are cleared, errors as well."""

from IPython import get_ipython
from IPython.display import clear_output

LIKE = "rewrites_cells_as_trees"


def linear_forward():
    get_ipython().events.register("post_run_cell", lambda result: clear_output())
