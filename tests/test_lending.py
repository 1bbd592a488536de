"""What is lent to a student's kernel: one model answer that works alone, and no answer to a later exercise."""

import ast

import course
import numpy as np
import pytest

from grading.demo_class import functions_of
from grading.lending import source_of
from shared import reference

EXERCISES = [
    (course.name(path), name, later)
    for path in course.MASTERS
    for cells in [[functions_of(cell.source) for cell in course.cells(course.read(path), "solution")]]
    for i, names in enumerate(cells)
    for name in names
    for later in [{each for following in cells[i + 1 :] for each in following}]
]


@pytest.mark.parametrize(("notebook", "name", "later"), EXERCISES, ids=[each[1] for each in EXERCISES])
def test_what_is_lent_defines_its_function_and_no_later_answer(notebook, name, later):
    source = source_of(name)
    space = {}
    exec(source, space)
    assert callable(space[name])
    assert not later & space.keys()
    own = reference.find(name).__module__.rpartition(".")[2]
    earlier = reference.MODULES[: reference.MODULES.index(own)]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("shared.reference"):
            imported = {node.module.rpartition(".")[2], *(alias.name for alias in node.names)} & {*reference.MODULES}
            assert imported <= {*earlier}, "the sandbox does not have it"


def test_what_is_lent_is_the_reference():
    space = {}
    exec(source_of("log_softmax"), space)
    Z = np.random.default_rng(0).normal(0, 100, (5, 3))
    assert np.array_equal(space["log_softmax"](Z), reference.find("log_softmax")(Z))


def test_no_other_name_is_lent():
    assert source_of("print") is None
