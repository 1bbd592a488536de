"""What is handed in: read from the files in `attacks/`, which nobody can run by mistake.

An attack is a module. Its docstring says in one sentence what it tries. Of what else stands in it:

- Imports are the notebook's first cell.
- A function named after a cell (``linear_forward`` for ``linear-forward``) is never called: its body is that cell.
- ``CELLS``, a dict from grade id to text, does the same for what is no Python, such as a cell magic.
- ``EARNS``: the points it deserves; 0 where nothing is said.
- ``HONEST = True``: all other answers are right, so that it can be seen what is lost.
- ``SHOWS``: a text that the graded notebook must say to its author.
- ``NEVER_SHOWS``: a text that the graded notebook must not say, such as a success.
- ``MARK``: the word that its status must be, see `grading.statuses`.
- ``STUDENT``: the id under which it is handed in; by default the file's name.
- ``LIKE``: the attack that runs into the same wall; ``make test`` tries that one only, ``make red-team`` both.
- ``change(notebook)`` changes the notebook in place, or returns the text or bytes to hand in instead.
- ``files(folder, port)`` lays files beside the notebook, or something in its place. At the port somebody listens.
"""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

import course
import nbformat
from graded_course import ASSIGNMENT, MASTER, answers

from grading import demo_class
from red_team import attacks

NEEDED = "import numpy as np\nfrom shared import checks"  # by test cells, where they run in the same kernel


@dataclass(frozen=True)
class Attack:
    """One attack or mishap.

    Attributes
    ----------
    name : str
        That of its file.
    module : module
    """

    name: str
    module: ModuleType

    def _said(self, name, default=None):
        return getattr(self.module, name, default)

    @property
    def sentence(self):
        """What it tries."""
        return self.module.__doc__.strip()

    @property
    def student(self):
        """The id under which it is handed in: between those of the honest students ``anna`` and ``zoe``."""
        return self._said("STUDENT", f"red-{self.name.replace('_', '-')}")

    @property
    def earns(self):
        """The points it deserves, without those of the written answer."""
        return self._said("EARNS", 0)

    @property
    def shows(self):
        """What the graded notebook must say, or None."""
        return self._said("SHOWS")

    @property
    def never_shows(self):
        """What the graded notebook must not say, or None."""
        return self._said("NEVER_SHOWS")

    @property
    def mark(self):
        """The word that its status must be, or None."""
        return self._said("MARK")

    @property
    def like(self):
        """The name of the attack that stands for this one in ``make test``, or None."""
        return self._said("LIKE")

    @cached_property
    def cells(self):
        """The sources of the cells it fills in: a dict from grade id to text."""
        cells = {}
        for name, function in vars(self.module).items():
            own = inspect.isfunction(function) and function.__module__ == self.module.__name__
            if own and name not in ("change", "files"):
                lines = inspect.getsource(function).splitlines(keepends=True)
                start = ast.parse("".join(lines)).body[0].body[0].lineno - 1
                while lines[start - 1].lstrip().startswith(("#", "@")):  # of what stands first in there
                    start -= 1
                cells[name.replace("_", "-")] = textwrap.dedent("".join(lines[start:])).rstrip()
        return cells | {grade_id: source.strip("\n") for grade_id, source in self._said("CELLS", {}).items()}

    def notebook(self):
        """What is handed in, before `change`: the release's graded cells, without the story between them."""
        release = course.release(MASTER)
        unknown = set(self.cells) - {course.grade_id(cell) for cell in release.cells}
        if unknown:
            raise ValueError(f"{self.name}: cells of the notebook are expected, got {', '.join(unknown)}")
        filled = demo_class.answered(release, (answers() if self._said("HONEST") else {}) | self.cells)
        return without_story(filled, self._imports())

    def _imports(self):
        tree = ast.parse(inspect.getsource(self.module))
        return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))

    def hand_in(self, submitted, port):
        """Write the submission below a folder as nbgrader wants it.

        Parameters
        ----------
        submitted : Path
        port : int
            Of `arena.Listener`.
        """
        folder = submitted / self.student / ASSIGNMENT
        folder.mkdir(parents=True)
        notebook = self.notebook()
        content = self.module.change(notebook) if hasattr(self.module, "change") else None
        content = nbformat.writes(notebook) if content is None else content
        (folder / "softmax.ipynb").write_bytes(content.encode() if isinstance(content, str) else content)
        if hasattr(self.module, "files"):
            self.module.files(folder, port)


def without_story(notebook, imports):
    """A notebook with what is graded and one cell of imports: the story costs time and matters to no attack."""
    graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    notebook.cells = [nbformat.v4.new_code_cell(f"{NEEDED}\n{imports}".strip(), id="imports"), *graded]
    return notebook


def every():
    """All attacks, in the order of their names."""
    names = [found.name for found in pkgutil.iter_modules(attacks.__path__)]
    return [Attack(name, importlib.import_module(f"red_team.attacks.{name}")) for name in sorted(names)]
