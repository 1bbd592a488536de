"""Which cells of a submission need not run: those of the story between the exercises that no answer rests on.

A notebook tells a story: given cells load data, try what the student has written, draw. Tests look at the answers
alone. So what is given, and as it was given, is left out where nothing that the student wrote depends on it. That is
most of the time that grading a right answer takes, and nearly all that a wrong one costs, which an endless loop may
hold up in every cell of the story once more.

What depends on what is read off the names that cells use. Where a student's cell could reach a name in another way,
such as ``globals()["X"]``, nothing is left out.
"""

import ast
import functools
import re
import symtable
from dataclasses import dataclass

import nbformat
from nbgrader import utils

MOST_SOURCE = 200_000  # characters of a notebook; longer ones are not looked through
# Who uses one of these can reach every name, and how other cells ran.
REACHES_ALL = re.compile(
    r"eval|exec|compile|globals|locals|vars|dir|get_ipython|sys|inspect|gc|importlib|builtins|ctypes|pickle|IPython"
    r"|f_globals|cProfile|profile|runpy|doctest|bmat|__(?!(init|name|doc)__)\w+__|\*"
)
EARLIER_CELLS = re.compile(r"In|Out|_{1,3}|_(i{1,3}|dh|ih|oh|i?\d+)")  # what IPython calls them, and their values


@dataclass(frozen=True)
class Uses:
    """The names of a notebook that a piece of code uses.

    Attributes
    ----------
    loaded, stored : frozenset of str
        Those that it reads, and those that it gives a meaning; without names that are local to a function.
    callables : frozenset of str
        Of the stored ones those that it imports, or defines as a function or a class.
    reaches_all : bool
        Whether it could use any name.
    """

    loaded: frozenset
    stored: frozenset
    callables: frozenset
    reaches_all: bool


@functools.lru_cache(maxsize=1000)
def uses(source, as_they_are=frozenset()):
    """What a cell uses.

    Parameters
    ----------
    source : str
    as_they_are : frozenset of str
        Functions that ``checks.yours_or_reference`` gives back as they are, because their reference is withheld.

    Returns
    -------
    uses : Uses or None
        None of what is no Python, such as a magic.

    Examples
    --------
    >>> found = uses("def double(x):\\n    return factor * x\\ny = double(z)")
    >>> sorted(found.loaded), sorted(found.stored), sorted(found.callables)
    (['double', 'factor', 'z'], ['double', 'y'], ['double'])
    >>> uses("softmax = checks.yours_or_reference(softmax)", frozenset({"softmax"})).stored
    frozenset()
    >>> uses("globals()['x'] = 1").reaches_all, uses("%matplotlib inline")
    (True, None)
    """
    try:
        module = ast.parse(source)
        mentioned = _mentioned(module)
        module.body = [node for node in module.body if not _gives_back(node, as_they_are)]
        top = symtable.symtable(ast.unparse(_Apart().visit(module)), "<a cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    loaded, stored = set(), set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            is_ours = table is top or symbol.is_global()
            # In a class, a name that it gives a meaning has that of the notebook before.
            if symbol.is_referenced() and (is_ours or isinstance(table, symtable.Class)):
                loaded.add(symbol.get_name())
            if is_ours and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
                stored.add(symbol.get_name())
    loaded |= stored & _changed(module)
    if "_" in stored:  # which then stands for what is of no interest
        loaded, stored = loaded - {"_"}, stored - {"_"}
    defined = {each.name for each in module.body if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    imported = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_imported()}
    reaches_all = any(map(REACHES_ALL.fullmatch, mentioned)) or any(map(EARLIER_CELLS.fullmatch, loaded - stored))
    return Uses(frozenset(loaded), frozenset(stored), frozenset(defined | imported), reaches_all)


def left_out(cells, master, modified):
    """Which cells of a notebook need not run.

    Parameters
    ----------
    cells : list of NotebookNode
        Of a submission, repaired.
    master : path
        The notebook with the solutions.
    modified : int
        When that was modified.

    Returns
    -------
    left_out : frozenset of int
        Their indices.
    """
    given, functions, answers = _given(master, modified)
    code = {i: cell for i, cell in enumerate(cells) if cell.cell_type == "code" and not is_test(cell)}
    if sum(len(cell.source) for cell in code.values()) > MOST_SOURCE:
        return frozenset()
    story = [i for i, cell in code.items() if cell.source in given and not utils.is_solution(cell)]
    found = {i: uses(code[i].source, functions) for i in story}
    first = [found.pop(i) for i in story[:1]]  # it imports
    others = [uses(cell.source) for i, cell in code.items() if i not in story]
    if None in first or any(each is None or each.reaches_all for each in (*others, *found.values())):
        return frozenset()
    others += first
    stored, callables = (
        frozenset().union(*(getattr(each, kind) for each in (*others, *found.values())))
        for kind in ("stored", "callables")
    )
    needed = answers.union(*(each.loaded for each in others))  # tests ask for answers, and for nothing else
    while True:
        data = needed & stored - callables - answers  # whoever touches them may change them
        here = [i for i, each in found.items() if needed & each.stored or data & each.loaded]
        if not here:
            return frozenset(found)
        for each in map(found.pop, here):
            needed |= each.loaded
            if data & each.loaded:  # what it makes of them may share their memory
                needed |= each.stored


def is_test(cell):
    """Whether this is a test cell, which runs in another kernel."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


@functools.cache
def _given(master, modified):
    """The sources of the cells that a master gives; the functions, and all names, that its solutions define."""
    code = [cell for cell in nbformat.read(master, as_version=4).cells if cell.cell_type == "code"]
    solutions = [found for cell in code if utils.is_solution(cell) and (found := uses(cell.source))]
    functions = frozenset().union(*(each.callables for each in solutions))
    answers = frozenset().union(*(each.stored for each in solutions))
    given = frozenset(cell.source for cell in code if not utils.is_solution(cell) and not is_test(cell))
    return given, functions, answers


def _gives_back(node, functions):
    """Whether a statement is ``f, … = checks.yours_or_reference(f, …)`` with some of the functions."""
    if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.Call)):
        return False
    (target,), call = node.targets, node.value
    names = [ast.unparse(each) for each in (target.elts if isinstance(target, ast.Tuple) else [target])]
    asked = ast.unparse(call.func) == "checks.yours_or_reference" and not call.keywords
    return asked and names == [ast.unparse(each) for each in call.args] and functions.issuperset(names)


class _Apart(ast.NodeTransformer):
    """Gives what a comprehension binds names of its own: since Python 3.12, tables mix them with the function's."""

    def __init__(self):
        self._count = 0

    def visit_ListComp(self, node):
        self.generic_visit(node)  # inner ones first
        self._count += 1
        targets = [each for part in node.generators for each in ast.walk(part.target) if isinstance(each, ast.Name)]
        bound = {each.id for each in targets if isinstance(each.ctx, ast.Store)}
        outside = set(ast.walk(node.generators[0].iter))
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and each.id in bound and each not in outside:
                each.id += f"__{self._count}"
        return node

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp


def _changed(module):
    """Names that ``+=`` and ``del`` change, which need a meaning for that."""
    changed = set()
    for node in ast.walk(module):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            changed.add(node.target.id)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            changed.add(node.id)
    return changed


def _mentioned(module):
    """All names in some code: of variables, attributes, modules and what is imported from them.

    Without those that harm nobody: of ``sys`` where it is written to, of ``IPython.display``.
    """
    nodes = [*ast.walk(module)]
    streams = {node.value for node in nodes if isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr")}
    found = set()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and not (node.id == "sys" and node in streams):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__main__" in node.value:
            found.add("__main__")  # as timeit is told
        elif isinstance(node, ast.ImportFrom):
            found |= {each.name for each in node.names}
            found |= set() if node.module == "IPython.display" else set((node.module or "").split("."))
        elif isinstance(node, ast.Import):
            for each in node.names:
                found |= set() if each.name == "sys" and each.asname is None else set(each.name.split("."))
    return found - {""}
