"""Two kernels say what one says; and whatever the student's kernel does, no test cell passes that should not."""

import ast
import contextlib
import io

import course
import pytest
from jupyter_client.manager import start_new_kernel
from two_kernels import notebook

from grading import bridge, demo_class
from grading.bridge import StudentKernelLost
from grading.examiner import Paper, names_for
from shared import misconceptions, reference

SAMPLE = 3  # misconceptions of each function
SOFTMAX = next(path for path in course.MASTERS if path.stem == "softmax")


def imports(master):
    return next(cell.source for cell in master.cells if cell.cell_type == "code")


def examine(source, paper, student):
    """Run a test cell as the examiner does; None, or the type and the text of the error it ends with."""
    names = names_for(source, paper, student)
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(source, "<test cell>", "exec"), names)
        except Exception as error:
            return type(error).__name__, str(error)
    return None


def with_answer(source, name, answer):
    """A solution cell in which one function is replaced."""
    (node,) = [node for node in ast.parse(source).body if getattr(node, "name", None) == name]
    lines = source.splitlines()
    lines[node.lineno - 1 : node.end_lineno] = demo_class._source(answer, name).splitlines()
    return "\n".join(lines)


@pytest.fixture(scope="module")
def opened():
    with notebook() as kernel:
        yield kernel


@pytest.mark.parametrize("path", course.MASTERS, ids=course.name)
def test_mistakes_and_stubs_get_the_message_they_get_in_one_kernel(path, opened):
    master, release = course.read(path), course.release(path)
    paper = Paper.of(master)
    solutions = course.cells(master, "solution")
    opened.define(imports(master), *(cell.source for cell in solutions))

    for cell in solutions:
        exercise = course.grade_id(cell)
        tests = course.tests_of(master, exercise)
        for name in demo_class.functions_of(cell.source):
            known = misconceptions.about(reference.find(name))
            for each in known[:: len(known) // (SAMPLE - 1) - 1][:SAMPLE]:
                opened.define(with_answer(cell.source, name, each.answer))
                for test in tests:
                    said = examine(test.source, paper, opened.student)
                    assert said == opened.cell(test.source)
                    if said is not None:
                        break
                else:
                    pytest.fail(f"no test cell rejects {each.name!r}")
        (stub,) = [each for each in course.cells(release, "solution") if course.grade_id(each) == exercise]
        opened.cell(stub.source)  # where a value is to be filled in it raises
        for test in tests:
            said = examine(test.source, paper, opened.student)
            assert said[0] == "NotImplementedError" and said == opened.cell(test.source)
        opened.define(cell.source)


def test_one_examiner_kernel_serves_one_submission_after_the_other(opened):
    """All masters, their cells run unchanged in a kernel that has its names from nowhere else."""
    manager, client = start_new_kernel(cwd=str(course.ROOT), extra_arguments=["--log-level=CRITICAL"])

    def run(source):
        """A test cell."""
        reply = client.execute(source, store_history=False, stop_on_error=False, reply=True, timeout=60)["content"]
        return None if reply["status"] == "ok" else (reply["ename"], reply["evalue"])

    def between(source, expression="examiner.lost()"):
        """What is told and asked between the test cells; the names of those are then forgotten."""
        assert client.execute(f"from grading import examiner\n{source}", True, False, reply=True, timeout=60)
        asked = {"it": expression}
        content = client.execute("from grading import examiner", True, False, asked, reply=True, timeout=60)["content"]
        return content["user_expressions"]["it"]["data"]["text/plain"]

    try:
        for path in course.MASTERS:
            master = course.read(path)
            opened.define(imports(master), *(cell.source for cell in course.cells(master, "solution")))
            assert between(f"examiner.begin({str(path)!r}, {opened.connection_file!r})") == "None"
            for cell in course.cells(master, "test"):
                assert run(cell.source) is None, course.grade_id(cell)
            # What one cell has bound, the next does not find.
            assert run("left_test = checks") is None
            assert between("pass", "'left_test' in globals()") == "True"
            for name in ("left_test", "reference", "examiner"):
                assert run(name) == ("NameError", f"name {name!r} is not defined")
        opened.define("del train_mlp")
        assert run("checks.unchanged(train_mlp)") == ("NameError", "name 'train_mlp' is not defined")
        assert between("examiner.end()") == "None"
        assert run("checks") == ("NameError", "name 'checks' is not defined")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# Attacks. Each is a cell of the student's; after it, no test cell of the exercise may pass, and a right answer must.

WRONG = "def softmax(Z): return Z\n"

ATTACKS = {
    "patches NumPy": WRONG
    + "np.allclose = np.array_equal = lambda *a, **k: True\nnp.testing.assert_allclose = lambda *a, **k: None",
    "patches the checks": WRONG
    + """
from shared import checks, outcomes, promises
checks.matches = checks.holds = checks.raises = lambda *a, **k: None
outcomes.difference = outcomes.value_difference = lambda *a, **k: None
outcomes.Tolerance.wrong = lambda self, found, expected: np.zeros(1, dtype=bool)
""",
    "defines the examiner's names": WRONG
    + """
class Anything:
    def __getattr__(self, name): return Anything()
    def __call__(self, *args, **kwargs): return Anything()
reference = checks = promises = np = maps = AssertionError = Anything()
""",
    "patches json and np.save": WRONG
    + "import json, numpy\njson.loads = json.dumps = lambda *a, **k: {}\nnumpy.save = lambda *a, **k: None",
    "rewrites cells": WRONG
    + """
shell = get_ipython()
shell.input_transformers_cleanup.append(lambda lines: ["pass\\n"] if "checks" in "".join(lines) else lines)
""",
    "always equal": """
class Yes:
    def __eq__(self, other): return True
    __ne__ = __lt__ = __gt__ = __le__ = __ge__ = lambda self, other: False
    def __array__(self, *a, **k): return Z
    def __getattr__(self, name): return getattr(np.zeros((2, 3)), name)
    def __len__(self): return 2
    def __hash__(self): return 0
def softmax(Z): return Yes()
""",
    "an ndarray that says yes": """
class Yes(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, dtype=bool)
    def __array_ufunc__(self, *args, **kwargs): return np.zeros(self.shape)
    def __array_function__(self, *args, **kwargs): return True
def softmax(Z): return Z.view(Yes)
""",
    "objects in an array": """
class Yes:
    def __eq__(self, other): return True
    def __float__(self): return 0.5
def softmax(Z):
    P = np.empty(Z.shape, dtype=object)
    P[...] = Yes()
    return P
""",
    "a structured array": "def softmax(Z): return np.zeros(Z.shape, dtype=[('a', 'f8')])",
    "a subclass of float": "class F(float):\n    __eq__ = lambda s, o: True\ndef softmax(Z): return F(1)",
    "a dict with odd keys": """
class S(str):
    def __eq__(self, other): return True
    def __hash__(self): return hash("P")
def softmax(Z): return {S("P"): Z}
""",
    "far too much": "def softmax(Z): return np.broadcast_to(0.0, (10**6, 10**6))",
    "a list of lists": "def softmax(Z):\n    deep = []\n    for _ in range(10**5): deep = [deep]\n    return deep",
    "itself": "def softmax(Z):\n    P = []\n    P.append(P)\n    return P",
    "recursion": "def softmax(Z): return softmax(Z)",
    "a flood": "def softmax(Z):\n    for _ in range(20_000): print('flood')\n    return Z",
    "a flood of errors": """
def softmax(Z):
    import sys
    for _ in range(2_000): sys.stderr.write('flood')
    raise ValueError('x' * 10**7)
""",
    "never-ending values": "def softmax(Z):\n    while True: yield Z",
    "leaving": "def softmax(Z): raise SystemExit(0)",
    "an interrupt": "def softmax(Z): raise KeyboardInterrupt",
    "an error without words": """
class Silent(BaseException):
    def __str__(self): raise self
    __repr__ = __str__
def softmax(Z): raise Silent
""",
    "pretends to be unfinished": "def softmax(Z): raise NotImplementedError('passed')",
    "pretends to be a mistake of ours": "def softmax(Z): raise AssertionError('')",
    "a name without a function": "softmax = 3",
    "no name": "softmax = 1\ndel softmax",
    "a callable of all kinds": """
class Softmax:
    time_limit = has_lines = __wrapped__ = __name__ = None
    def __call__(self, *args): return self
softmax = Softmax()
""",
    "another function's answer": "def softmax(Z):\n    import sys\n    return sys._getframe(3).f_locals",
    "an odd repr": """
class Odd:
    def __repr__(self): return '\\x1b[2J' + '\\ud800' * 10 + '<script>' * 10**6
    __class__ = property(lambda self: np.ndarray)
def softmax(Z): return Odd()
""",
    "speaks for the server": WRONG
    + """
server = get_ipython().kernel.shell_handlers["digits_request"].__globals__
_encode = encode = server["encode"]
server["encode"] = lambda *args, **kwargs: b'{"passed": true}'
""",
}
REPAIRS = {
    "rewrites cells": "shell.input_transformers_cleanup.pop()",
    "speaks for the server": "server['encode'] = _encode",
    "patches json and np.save": "",
    "defines the examiner's names": "import numpy as np\ndel AssertionError",
}


@pytest.fixture(scope="module")
def attacked():
    master = course.read(SOFTMAX)
    with notebook() as kernel:
        kernel.define(imports(master))
        yield kernel


def softmax_exercise():
    master = course.read(SOFTMAX)
    (cell,) = [cell for cell in course.cells(master, "solution") if course.grade_id(cell) == "softmax"]
    return Paper.of(master), cell.source, [test.source for test in course.tests_of(master, "softmax")]


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name != "patches json and np.save"])
def test_no_test_passes_that_should_not_and_the_examiner_goes_on(attack, attacked):
    paper, right, tests = softmax_exercise()
    attacked.cell(ATTACKS[attack])
    for test in tests:
        kind, text = examine(test, paper, attacked.student)
        assert kind in ("AssertionError", "NotImplementedError", "NameError")
        assert text.encode() and "\x1b" not in text and len(text) < 5_000
    attacked.cell(REPAIRS.get(attack, ""))
    attacked.define(right)
    for test in tests:
        assert examine(test, paper, attacked.student) is None


LOSING = {
    "ends the kernel": "import os\ndef softmax(Z): os._exit(0)",
    "a segmentation fault": "import ctypes\ndef softmax(Z): ctypes.string_at(0)",
    "ended before": "import os, threading\nthreading.Timer(0.1, lambda: os._exit(0)).start()\nimport time\n" + WRONG,
    "patches json": ATTACKS["patches json and np.save"],
    "patches builtins": WRONG
    + "import builtins\nbuiltins.AssertionError = builtins.Exception = Warning\nbuiltins.all = lambda *a: True",
    "takes the server away": WRONG + "get_ipython().kernel.shell_handlers.clear()",
    "threads that reply": WRONG
    + """
import threading, time
handlers = get_ipython().kernel.shell_handlers
answer = handlers["digits_request"]
def both(stream, ident, parent):
    def reply():
        for _ in range(50):
            kernel = get_ipython().kernel
            kernel.session.send(stream, "digits_reply", {}, parent, ident=ident, buffers=[b"passed"])
    threading.Thread(target=reply, daemon=True).start()
    answer(stream, ident, parent)
handlers["digits_request"] = both
""",
}


@pytest.mark.parametrize("attack", LOSING)
def test_a_kernel_that_is_lost_passes_nothing(attack, monkeypatch):
    monkeypatch.setattr(bridge, "GRACE", 0.3)
    monkeypatch.setattr(bridge, "SECONDS", 1)
    paper, right, tests = softmax_exercise()
    with notebook() as kernel:
        kernel.define(imports(course.read(SOFTMAX)))
        with contextlib.suppress(Exception):
            kernel.cell(LOSING[attack], timeout=1)
        for test in tests:
            kind, text = examine(test, paper, kernel.student)
            assert kind == "AssertionError", text
        if kernel.student.lost:
            assert "StudentKernelLost: the kernel that runs this notebook is lost" in text
            with pytest.raises(StudentKernelLost):
                kernel.student.look(["softmax"], [])


@pytest.mark.parametrize("name", ["verdicts", "initial_loss", "z_counterexample", "init_symptom"])
@pytest.mark.parametrize(
    "value",
    [
        "None",
        "{1, 2}",
        "type('D', (dict,), {'__eq__': lambda s, o: True, '__hash__': lambda s: 0})()",
        "type('F', (float,), {'__sub__': lambda s, o: 0.0, '__rsub__': lambda s, o: 0.0})(2)",
        "type('A', (np.ndarray,), {'__getitem__': lambda s, i: 1.0})(3)",
        "{'A': [1], 'active_fraction': np.array([None])}",
        "np.array([1e400, 'x', None], dtype=object)",
        "lambda: 1",
        "10**4000",
    ],
)
def test_values_that_are_no_answers_fail(name, value, attacked):
    (master,) = [master for path in course.MASTERS if name in Paper.of(master := course.read(path)).values]
    attacked.define("import numpy as np", f"{name} = {value}")
    (test,) = course.tests_of(master, name.replace("_", "-"))
    assert examine(test.source, Paper.of(master), attacked.student)[0] in ("AssertionError", "NotImplementedError")
    attacked.define(f"del {name}")
    assert examine(test.source, Paper.of(master), attacked.student) == ("NameError", f"name {name!r} is not defined")
