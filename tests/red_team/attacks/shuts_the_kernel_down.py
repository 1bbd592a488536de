"""A cell asks its kernel to shut down, and the kernel says good-bye to everyone."""

from IPython import get_ipython

HONEST = True
EARNS = 14


def predict():
    get_ipython().kernel.do_shutdown(False)
    get_ipython().ask_exit()
