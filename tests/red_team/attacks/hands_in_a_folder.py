"""The notebook is a folder of this name, in which the notebook lies."""


def files(folder, port):
    (folder / "softmax.ipynb").rename(folder / "kept")
    (folder / "softmax.ipynb").mkdir()
    (folder / "kept").rename(folder / "softmax.ipynb" / "softmax.ipynb")
