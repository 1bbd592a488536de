"""Submissions graded in two kernels get the scores that they deserve, and rewriting the tests gains nothing."""

import course
import nbformat
import psutil
import pytest
from graded_course import MASTER, hand_in, new_course, run, table

from grading import demo_class, scores

HONEST = ("demo-perfect", "demo-half", "demo-mistaken-01", "demo-warned", "demo-not-json")

# Tries to decide in its own kernel what a test cell finds.
REWRITES_CHECKS = """
import shared.checks, shared.outcomes, builtins
for module in (shared.checks, shared.outcomes):
    for name in dir(module):
        if not name.startswith("_") and callable(getattr(module, name)):
            setattr(module, name, lambda *args, **kwargs: None)
class Nothing(ast.NodeTransformer):
    def visit_Module(self, node):
        node.body = []
        return node
get_ipython().ast_transformers.append(Nothing())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A course whose configuration names the two kernels, with some submissions, graded."""
    folder = new_course(tmp_path_factory.mktemp("course"))
    students = demo_class.class_of(course.release(MASTER), course.read(MASTER))
    for student in HONEST:
        hand_in(folder, student, students[student])
    attack = demo_class.answered(course.release(MASTER), {"linear-forward": f"import ast\n{REWRITES_CHECKS}"})
    hand_in(folder, "red-rewrites-checks", nbformat.from_dict(attack))
    done = run(folder, "grading", "grade", "02-softmax")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("student", HONEST)
def test_honest_scores_are_what_they_were(folder, student):
    head, *rows = scores.read(demo_class.SCORES / "02-softmax.csv")
    (row,) = [row for row in rows if row[0] == student]
    assert table(folder)[student] == dict(zip(head[1:], row[1:], strict=True))


def test_rewriting_the_checks_gains_nothing(folder):
    scores_of = table(folder)["red-rewrites-checks"]
    assert float(scores_of["total"]) == 0, scores_of


def test_the_examiner_ends_with_the_grader(folder):
    commands = []
    for process in psutil.process_iter():
        try:
            commands.append((" ".join(process.cmdline()), process.cwd()))
        except psutil.Error:
            continue
    assert not [command for command, cwd in commands if "ipykernel" in command and str(folder) in (cwd or "")]
