"""The examiner: runs a master's test cells, unchanged, on the answers in another kernel.

It lives in a kernel of its own, into which no code of a student ever comes. A test cell finds there what it finds in
the student's notebook: the names that the first code cell imports, from our own modules, and the names that solution
cells are to define. Of these, functions are called in the student's kernel (see `grading.bridge`), values are fetched
from it. Nothing else comes from the student.

One examiner can serve one submission after the other; each test cell starts with fresh names::

    from grading import examiner
    examiner.begin("solutions/02-softmax/softmax.ipynb", "/path/to/connection-file.json")

Then the cells that this kernel runs are taken for test cells, until `end`. Requests with ``silent=True`` are not: so
can be asked between two cells whether the student's kernel is still there (`lost`), and `begin` be called again.

`remember` and `go_back` are for tests that run when all cells of the student have run, as if they stood where they
stand: names then mean what they meant there.
"""

import ast
import contextlib
import functools
from dataclasses import dataclass
from pathlib import Path

import nbformat
from IPython import get_ipython

from grading import hidden, lending
from grading.bridge import RemoteFunction, Student, StudentKernelLost, Unreadable, stand_in
from shared.outcomes import TimeLimitExceeded

MOST_CELLS = 1000  # of which it is remembered what they are made of


@dataclass(frozen=True)
class Paper:
    """What a master says about its test cells: what they may import from us, and what from the student.

    Attributes
    ----------
    imports : str
        The source of the first code cell.
    functions, values : frozenset of str
        The names that solution cells define.
    """

    imports: str
    functions: frozenset
    values: frozenset

    @classmethod
    def of(cls, notebook):
        """The paper of a master, an nbformat notebook."""
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        functions, values = set(), set()
        for cell in code:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                for node in ast.parse(cell.source).body:
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                        functions.add(node.name)
                    else:
                        values |= {each.id for each in ast.walk(node) if _is_name(each, ast.Store)}
        return cls(code[0].source, frozenset(functions), frozenset(values - functions))

    @functools.cached_property
    def names(self):
        """What the first code cell imports. It is run once; nobody is to write into it."""
        names = {}
        exec(compile(self.imports, "<the first cell of the master>", "exec"), names)
        return names


@functools.cache
def paper(master, modified):
    """The paper of the master in a file, as of the time at which the file was modified."""
    return Paper.of(nbformat.read(master, as_version=4))


def names_for(source, paper, student):
    """The names that a test cell finds: our own, and those it uses of what the student is to define.

    Where the student's kernel is lost, what stands in for functions says so when it is called, and what stands in for
    values is nothing that would pass a test.

    Parameters
    ----------
    source : str
        Of the test cell.
    paper : Paper
    student : Student

    Returns
    -------
    names : dict
        A new one for each call. A name that means nothing in the student's notebook is not in it.
    """
    used = _used(source)
    functions, values = sorted(used & paper.functions), sorted(used & paper.values)
    # What the student is to define, another cell of ours does not give away.
    names = {name: each for name, each in paper.names.items() if name not in paper.functions | paper.values}
    if not functions and not values:
        return names
    try:
        return names | student.look(functions, values)
    except (StudentKernelLost, Unreadable, TimeLimitExceeded) as error:
        names |= {name: RemoteFunction(student, name, has_lines=False) for name in functions}
        return names | {name: stand_in(type(error).__name__, str(error)) for name in values}


@functools.lru_cache(maxsize=MOST_CELLS)
def _used(source):
    """The names that a test cell reads."""
    return frozenset(node.id for node in ast.walk(ast.parse(source)) if _is_name(node, ast.Load))


def _is_name(node, context):
    return isinstance(node, ast.Name) and isinstance(node.ctx, context)


class _Examination:
    """One submission before this kernel: each cell gets its names before it runs, its hidden part a cover.

    Attributes
    ----------
    place : str or None
        Where in the notebook the next cell stands.
    discreet : bool
        Whether no word of the student's is to be shown any more.
    seen : dict
        From the place of a cell whose visible part has passed to the names that this has left.
    """

    def __init__(self, paper, student, shell):
        self.paper, self.student, self.shell = paper, student, shell
        self.place, self.discreet, self.seen = None, False, {}
        self.cover = hidden.Cover()
        shell.ast_transformers.append(self.cover)
        shell.events.register("pre_run_cell", self.lay_out)
        shell.events.register("post_run_cell", self.keep)

    def lay_out(self, cell):
        # First: whatever happens below, hidden tests stay covered.
        self.cover.lines = hidden.lines(cell.raw_cell, all_of_them=self.discreet)
        try:
            names = self.names(cell.raw_cell)
        except SyntaxError:  # no cell of a master has one; IPython says it better
            names = {}
        self.clear()
        self.shell.user_ns.update({name: each for name, each in names.items() if name != "__builtins__"})
        self.shell.user_ns[hidden.COVER] = hidden.Covered(cell.raw_cell, self.paper.functions | self.paper.values)

    def names(self, source):
        """The names that a cell finds; what the visible part has left where that need not run again."""
        if self.discreet and self.place in self.seen:
            self.cover.left_out = hidden.lines_before(source)
            if self.cover.left_out:
                return self.seen[self.place]
        return names_for(source, self.paper, self.student)

    def keep(self, result):
        if result.success and not self.discreet and self.place is not None:
            self.seen[self.place] = self.own_names()

    def own_names(self):
        """All names but those of IPython."""
        ours = self.shell.user_ns_hidden
        return {name: each for name, each in self.shell.user_ns.items() if name not in ours and name[:2] != "__"}

    def clear(self):
        for name in self.own_names():
            del self.shell.user_ns[name]

    def close(self):
        self.shell.events.unregister("pre_run_cell", self.lay_out)
        self.shell.events.unregister("post_run_cell", self.keep)
        self.shell.ast_transformers.remove(self.cover)
        self.clear()
        self.student.close()


_examination = None
_shell = None


def begin(master, connection_file):
    """Examine a submission from now on; the one before is forgotten.

    Parameters
    ----------
    master : str or Path
        The notebook file with the solutions.
    connection_file : str or Path
        Of the kernel that runs the student's cells; best before any of them ran.

    Raises
    ------
    StudentKernelLost
        If that kernel does not answer.
    """
    global _examination, _shell
    end()
    if _shell is None:
        _shell = get_ipython()
        # The cells are the same for each submission, and IPython takes each apart three times.
        _shell.transform_cell = functools.lru_cache(maxsize=MOST_CELLS)(_shell.transform_cell)
    master = Path(master).resolve()
    sheet = paper(master, master.stat().st_mtime_ns)
    sheet.names  # noqa: B018  (here, and not while a test cell's time is running)
    _examination = _Examination(sheet, Student(connection_file), _shell)


def end():
    """Leave the student's kernel alone, and forget all that was about it."""
    global _examination
    if _examination is not None:
        _examination.close()
        _examination = None


def remember(place):
    """Have the student's kernel keep what all names mean now, where the notebook has come to a place.

    Parameters
    ----------
    place : str
        A name for it.
    """
    _examination.place = place
    with contextlib.suppress(StudentKernelLost, Unreadable, TimeLimitExceeded):  # a test will meet it, and say so
        _examination.student.remember(place)


def go_back(place, lent=(), cell=None, seconds=0):
    """From now on, names mean what they meant at a place, and no test cell shows a word of the student's.

    Of a cell whose visible part has passed there, on the same functions, the hidden part alone will run.

    Parameters
    ----------
    place : str
        Where `remember` was called.
    lent : iterable of str
        Reference functions that stand in for the student's.
    cell : str, optional
        The source of a cell of the student to run there first: it may have failed for want of what is lent now.
    seconds : float
        How long that may take.
    """
    _examination.place, _examination.discreet = place, True
    if lent or cell:
        _examination.seen.pop(place, None)  # it is to run on other functions
    sources = {name: lending.source_of(name) for name in lent}
    with contextlib.suppress(StudentKernelLost, Unreadable, TimeLimitExceeded):
        _examination.student.at(place, {name: source for name, source in sources.items() if source})
        if cell:
            _examination.student.run(cell, seconds)


def lost():
    """The sentence that says why the student's kernel does not answer any more; None while it does."""
    return _examination and _examination.student.lost
