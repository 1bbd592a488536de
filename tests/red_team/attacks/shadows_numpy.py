"""A folder numpy handed in beside the notebook takes the place of NumPy."""

MODULE = """
from IPython.core.inputtransformer2 import TransformerManager

TransformerManager.transform_cell = lambda self, cell: "pass\\n"


def __getattr__(name):
    return lambda *args, **options: 0
"""


def linear_forward():
    import numpy

    print(numpy.__file__)


def files(folder, port):
    path = folder / "numpy/__init__.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(MODULE)
