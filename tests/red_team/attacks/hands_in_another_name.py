"""The browser saved a second download, with a number in its name."""

HONEST = True
EARNS = 15


def files(folder, port):
    (folder / "softmax.ipynb").rename(folder / "softmax (2).ipynb")
