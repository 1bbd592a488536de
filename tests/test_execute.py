"""Submissions run in two kernels: what they deserve, what a dead kernel costs, and how much may come from one."""

import copy
import json

import course
import nbclient
import nbformat
import psutil
import pytest
from graded_course import ASSIGNMENT, MASTER, answers
from jupyter_core.utils import run_sync
from nbformat.v4 import new_code_cell

from grading import execute
from grading.execute import LENT, STOPS, Execute

POINTS = {
    course.grade_id(cell): cell.metadata.nbgrader.points
    for cell in course.cells(course.read(MASTER), "test")
    if cell.cell_type == "code"
}
ALL = sum(POINTS.values())
RIGHT = answers()


def submission(changed=(), before=(), after=()):
    """The master's solutions and tests without its story; some answers changed, some cells added."""
    notebook = copy.deepcopy(course.read(MASTER))
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader") and cell.cell_type == "code"]
    for cell in graded:
        cell.source = dict(changed).get(course.grade_id(cell), cell.source)
    notebook.cells = [first, *map(new_code_cell, before), *graded, *map(new_code_cell, after)]
    return notebook


def run(notebook, tmp_path, **options):
    """Run a submission; give the notebook and the verdicts."""
    resources = {
        "nbgrader": {"assignment": ASSIGNMENT, "notebook": MASTER.stem, "student": "ada"},
        "metadata": {"path": str(tmp_path)},
    }
    options = {"timeout": 5, "extra_arguments": ["--log-level=ERROR"], "shutdown_kernel": "immediate"} | options
    done, resources = Execute(**options).preprocess(notebook, resources)
    return done, resources["nbgrader"]["passed"]


def points(passed):
    return sum(POINTS[name] for name, verdict in passed.items() if verdict)


def text_of(notebook):
    return nbformat.writes(notebook)


REWRITES_CHECKS = """
import ast
import shared.checks, shared.outcomes
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


def test_right_answers_get_all_points(tmp_path):
    done, passed = run(submission(), tmp_path)
    assert points(passed) == ALL and STOPS not in done.metadata
    assert [cell.source for cell in done.cells] == [cell.source for cell in submission().cells]


def test_rewriting_the_checks_gains_nothing(tmp_path):
    blank = {name: "pass" for name in RIGHT}
    _, passed = run(submission(blank, before=[REWRITES_CHECKS]), tmp_path)
    assert points(passed) == 0


def lost_of(*exercises):
    return {name for name in POINTS if name.rpartition("-test-")[0] in exercises}


def lost(passed):
    return {name for name, verdict in passed.items() if not verdict}


def test_a_later_exercise_does_not_suffer_for_an_earlier_one(tmp_path):
    """softmax_temperature and softmax_columns of the master call softmax, as they may in JupyterLab."""
    done, passed = run(submission({"softmax": "def softmax(Z):\n    raise NotImplementedError()"}), tmp_path)
    assert lost(passed) == lost_of("softmax")
    (cell,) = [cell for cell in done.cells if course.grade_id(cell) == "softmax-columns-test-1"]
    assert "".join(output.text for output in cell.outputs) == LENT.format("softmax")


def test_what_is_lent_does_not_help_the_exercise_itself(tmp_path):
    """It gives up after some calls, and then takes whatever of the course's it finds in memory."""
    evasive = f"""{RIGHT["softmax"]}
import gc
own, calls = softmax, []
def softmax(Z):
    for each in gc.get_objects():
        if callable(each) and 'course' in getattr(getattr(each, '__code__', None), 'co_filename', ''):
            return each(Z)
    calls.append(1)
    if len(calls) > 30:
        raise ValueError('no idea')
    return own(Z)"""
    _, passed = run(submission({"softmax": evasive}), tmp_path)
    assert not passed["softmax-test-2"]


def test_names_mean_in_a_test_what_they_mean_where_it_stands(tmp_path):
    """Two helpers of one name, and bad ideas on the last page."""
    first = "def helper(P):\n    return P.argmax(axis=1)\ndef predict(P):\n    return helper(P)"
    second = f"def helper(Z):\n    return None\n{RIGHT['softmax']}"
    notebook = submission({"predict": first, "softmax": second}, after=["def softmax(Z): return Z", "verdicts = None"])
    _, passed = run(notebook, tmp_path)
    assert lost(passed) == set()


def test_no_cell_shows_what_a_hidden_test_has_told(tmp_path):
    """One function writes down what it is called with; others, and a cell below them, tell."""
    spy = """told = []
def linear_forward(X, W, b):
    told.append(X.shape)
    print("called with", told)
    return X @ W + b"""
    gossip = """def predict(P):
    if (300, 3) in told:
        raise ValueError(f"told {told}")
    print("told", told)
    return P.argmax(axis=1)"""
    notebook = submission({"linear-forward": spy, "predict": gossip}, after=["print('told', told)"])
    done, passed = run(notebook, tmp_path)
    assert passed["linear-forward-test-1"] and lost(passed) == lost_of("predict")
    outputs = json.dumps([cell.outputs for cell in done.cells if cell.cell_type == "code"])
    assert "told [(5, 4)" in outputs and "(2, 784)" in outputs
    assert "(300, 3)" not in outputs and "(9, 1)" not in outputs


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("import os; os._exit(1)", "it ended"),
        (
            "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass",
            "interrupted",
        ),
    ],
    ids=["exits", "sleeps on"],
)
def test_a_kernel_that_stops_in_a_cell_costs_that_cell(tmp_path, ends, told):
    done, passed = run(submission({"softmax": ends}), tmp_path, timeout=2)
    assert lost(passed) == lost_of("softmax")
    (sentence,) = done.metadata[STOPS]
    assert "'softmax'" in sentence and told in sentence


def test_a_kernel_that_stops_in_a_test_costs_that_exercise(tmp_path):
    deadly = "def predict(Z):\n    import os\n    os._exit(1)"
    done, passed = run(submission({"predict": deadly}), tmp_path)
    assert lost(passed) == lost_of("predict")
    (sentence,) = done.metadata[STOPS]
    assert "'predict-test-1'" in sentence
    for cell in done.cells:
        failed = [output for output in cell.outputs if output.output_type == "error"]
        assert bool(failed) == (course.grade_id(cell) or "").startswith("predict-test-")


def test_a_kernel_that_stops_in_a_hidden_test_costs_that_exercise_alone(tmp_path):
    moody = "def linear_forward(X, W, b):\n    if len(X) == 300:\n        import os; os._exit(1)\n    return X @ W + b"
    done, passed = run(submission({"linear-forward": moody}), tmp_path)
    assert lost(passed) == lost_of("linear-forward")
    (sentence,) = done.metadata[STOPS]
    assert "'linear-forward-test-1'" in sentence


def test_a_notebook_whose_kernel_dies_again_and_again_comes_to_an_end(tmp_path):
    deadly = ["import os; os._exit(1)"] * 4
    done, passed = run(submission(before=deadly), tmp_path, most_restarts=2)
    assert points(passed) == 0
    assert done.metadata[STOPS][-1] == "Nothing more is run: the kernel stopped 3 times."
    assert all(cell.outputs for cell in course.cells(done, "test") if cell.cell_type == "code"), "lost without a word"


def test_a_notebook_that_takes_too_long_comes_to_an_end(tmp_path):
    done, passed = run(submission(before=["import time; time.sleep(1.5)"]), tmp_path, most_seconds=1)
    assert points(passed) == 0 and "longer than 1 seconds" in done.metadata[STOPS][-1]


def test_an_endless_cell_is_interrupted_and_the_next_has_less_time(tmp_path, monkeypatch):
    monkeypatch.setattr(execute, "IMPATIENT", 1)
    notebook = submission(before=["while True: pass", "import time; time.sleep(3); late = 1", "kept = 2"])
    done, passed = run(notebook, tmp_path, timeout=2)
    assert points(passed) == ALL and STOPS not in done.metadata
    assert done.cells[1].outputs[-1].ename == "CellTimeoutError"
    assert "CellTimeoutError" in [output.get("ename") for output in done.cells[2].outputs]


FLOODS = {
    "lines": "while True: print('x' * 100_000)",
    "one line": "print('x' * 200_000_000)",
    "displays": "from IPython.display import display\nwhile True: display({'text/html': 'x' * 100_000}, raw=True)",
    "updates": (
        "from IPython.display import display\nh = display('a', display_id=True)\nwhile True: h.update('x' * 100_000)"
    ),
    "one message without end": (
        "import zmq\nsocket = get_ipython().kernel.iopub_socket\nsocket = getattr(socket, 'socket', socket)\n"
        "part = bytes(8_000_000)\nwhile True: get_ipython().kernel.iopub_thread.socket.send(part, zmq.SNDMORE)"
    ),
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_outputs_stops_the_kernel_and_leaves_little(tmp_path, flood):
    before = psutil.Process().memory_info().rss
    done, passed = run(submission(before=[flood]), tmp_path, timeout=20)
    assert points(passed) == ALL
    assert len(text_of(done)) < 5_000_000
    assert psutil.Process().memory_info().rss - before < 1 << 30


def test_messages_that_are_none_harm_that_cell_alone(tmp_path):
    nonsense = """
session, kernel = get_ipython().kernel.session, get_ipython().kernel
some = [{}, {"name": 1, "text": 2}, {"execution_state": {}}, {"execution_count": "ten"}, {"data": {}}, {"comm_id": 1}]
some += [{"data": 1, "metadata": 2, "transient": []}, {"data": {"text/plain": 3}, "metadata": {}}]
some += [{"ename": 1, "evalue": 2, "traceback": 3}]
for content in some:
    for kind in ("stream", "display_data", "execute_result", "comm_open", "comm_msg", "error", "update_display_data"):
        session.send(kernel.iopub_socket, kind, content, kernel.get_parent())
"""
    count = """
session, kernel = get_ipython().kernel.session, get_ipython().kernel
session.send(kernel.iopub_socket, "execute_input", {"code": "", "execution_count": "ten"}, kernel.get_parent())
"""
    done, passed = run(submission(before=[nonsense, count]), tmp_path)
    assert points(passed) == ALL
    nbformat.validate(done)


def test_the_examiner_stops_a_test_that_does_not_end(tmp_path):
    slow = "def predict(Z):\n    import time\n    time.sleep(1.5)\n    return Z.argmax(axis=1)"
    done, passed = run(submission({"predict": slow}), tmp_path, timeout=2)
    assert lost(passed) == lost_of("predict")


def test_a_kernel_that_dies_at_its_start_is_started_again(monkeypatch, tmp_path):
    start, deaths = nbclient.NotebookClient.start_new_kernel_client, ["first", "second"]

    def dies_twice(client):
        if deaths:
            deaths.pop()
            run_sync(client._async_cleanup_kernel)()  # as nbclient does before it raises
            raise RuntimeError("Kernel died before replying to kernel_info")
        return start(client)

    monkeypatch.setattr(nbclient.NotebookClient, "start_new_kernel_client", dies_twice)
    _, passed = run(submission(), tmp_path)
    assert points(passed) == ALL and not deaths


def test_the_same_submission_gives_the_same_notebook(tmp_path):
    notebook = submission(before=["import math; math.pi"])
    first, passed = run(copy.deepcopy(notebook), tmp_path)
    again, passed_again = run(notebook, tmp_path)
    assert nbformat.writes(again) == nbformat.writes(first) and passed_again == passed and points(passed) == ALL
