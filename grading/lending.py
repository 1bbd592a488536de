"""The source of one model answer, to be lent to a student's kernel, from which all of them are withheld.

In a student's own notebook the course's function stands in for one that is not right yet, so that a later exercise can
build on it. A grader's sandbox has no model answers; there it is lent once its own exercise has been graded.
"""

import ast
import functools
import inspect
import sys

from shared import reference


@functools.cache
def source_of(name):
    """The text of a reference function, with what it needs of its module, and the imports of that.

    Parameters
    ----------
    name : str

    Returns
    -------
    source : str or None
        None where there is no reference of that name.
    """
    function = reference.find(name)
    if function is None:
        return None
    body = ast.parse(inspect.getsource(sys.modules[function.__module__])).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    defined = {each: node for node in body if node not in imports for each in _bound(node)}
    wanted, kept = [name], []
    while wanted:
        node = defined.get(wanted.pop())
        if node is not None and node not in kept:
            kept.append(node)
            wanted += [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
    return "\n\n".join(ast.unparse(node) for node in body if node in imports or node in kept)


def _bound(node):
    """The names that a statement of a module defines."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    return [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
