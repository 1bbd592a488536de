"""An input transformer replaces the text of every cell that runs after it."""

from IPython import get_ipython

LIKE = "rewrites_cells_as_trees"


def linear_forward():
    get_ipython().input_transformers_post.append(lambda lines: ["pass\n"])
