"""The code that the benchmark takes from notebook 6, and what it says where there is none."""

import nbformat
import numpy as np
import pytest

from benchmarks import notebook


@pytest.fixture
def path(tmp_path):
    """A notebook whose second cell defines a function with a reader's function, and does something else as well."""
    (tmp_path / "06-mlp").mkdir()
    sources = {
        "imports": "import numpy as np",
        "recipe": "def positive(Z):\n    return np.sign(relu(Z))\n\nundefined()",
    }
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "06-mlp" / "mlp.ipynb")
    return tmp_path / "06-mlp" / "mlp.ipynb"


@pytest.mark.parametrize("cell_id", [None, "recipe"])
def test_function(path, cell_id):
    positive = notebook.function("positive", cell_id, path)
    np.testing.assert_array_equal(positive(np.array([[-2.0, 3.0]])), [[0, 1]])


@pytest.mark.parametrize(
    ("name", "cell_id", "cell"),
    [
        ("positive", "tuned", "a code cell with the id tuned"),
        ("negative", "recipe", "a code cell with the id recipe"),
        ("negative", None, "a code cell"),
    ],
)
def test_missing(path, name, cell_id, cell):
    message = f"expected {cell} that defines the function {name} in 06-mlp/mlp.ipynb, got none"
    with pytest.raises(notebook.NotebookError, match=message):
        notebook.function(name, cell_id, path)


def test_no_notebook(tmp_path):
    with pytest.raises(notebook.NotebookError, match="positive in the notebook .*mlp.ipynb, but there is no such file"):
        notebook.function("positive", path=tmp_path / "mlp.ipynb")


def test_recipe_is_there():
    assert callable(notebook.function("train_tuned", "tuned-recipe"))
    assert callable(notebook.function("shifted"))
