"""The bridge: a call in another kernel is like a call here, and what comes back is taken for data, nothing more."""

import collections
import statistics
import time
import warnings

import numpy as np
import pytest
from two_kernels import notebook

from grading import bridge
from grading.bridge import StudentKernelLost, Unreadable
from shared import checks, maps, promises
from shared.outcomes import TimeLimitExceeded, outcome_of
from shared.wording import describe, describe_error


@pytest.fixture(scope="module")
def kernel():
    with notebook() as opened:
        opened.define("import numpy as np\nimport warnings")
        yield opened


@pytest.fixture
def own_kernel():
    """For what leaves a kernel damaged."""
    with notebook() as opened:
        opened.define("import numpy as np")
        yield opened


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(bridge, "GRACE", 0.5)


def test_an_outcome_is_that_of_a_call_in_one_process(kernel):
    source = """
def f(x, rng, params, words):
    print("in", x.shape, x.flags.f_contiguous)
    np.log(np.zeros(1))
    warnings.warn("mind the step")
    x[0, 0] = 7
    params["W"] = params["W"] + 1
    words.append("more")
    return x.sum(axis=1), rng.normal(size=2), rng.spawn(1)[0].random(), np.float32(0.5), {"a": [1, None, b"z"]}
"""
    kernel.define(source)
    names = {"np": np, "warnings": warnings}
    exec(source, names)
    outcomes, after = [], []
    for function in (names["f"], kernel.functions("f")):
        rng = np.random.default_rng(5)
        args = np.arange(6.0).reshape(2, 3).T, rng, {"W": np.ones(2), "b": 1.5}, ["one"]
        outcome = outcome_of(function, args)
        assert outcome.error is None
        outcomes.append((repr(outcome.value), outcome.changed, outcome.warnings, outcome.printed))
        # Called on its own it changes its arguments in place, generators too.
        with warnings.catch_warnings(action="ignore"):
            function(*args)
        after.append((rng.random(), rng.spawn(1)[0].random(), repr(args[0]), repr(args[2:])))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1] == [0, 2, 3]
    assert after[0] == after[1]


def test_a_call_with_small_arrays_takes_less_than_5_ms(kernel):
    kernel.define("def f(x): return x * 2")
    f, x = kernel.functions("f"), np.ones((20, 10))
    medians = []
    for _ in range(3):  # the machine may be busy
        times = []
        for _ in range(100):
            began = time.perf_counter()
            f(x)
            times.append(time.perf_counter() - began)
        medians.append(statistics.median(times))
    assert min(medians) < 0.005, f"{1000 * min(medians):.1f} ms"


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        ("ValueError('labels must lie in 0…9')", ValueError),
        ("KeyError('b1')", KeyError),
        ("NotImplementedError()", NotImplementedError),
        ("FileNotFoundError(2, 'no such file')", FileNotFoundError),
        ("UnicodeDecodeError('utf8', b'x', 0, 1, 'bad')", UnicodeDecodeError),
        ("np.linalg.LinAlgError('singular')", np.linalg.LinAlgError),
        ("AssertionError('shape')", AssertionError),
        ("type('MyError', (ValueError,), {})('mine')", ValueError),
        ("ExceptionGroup('two', [ValueError(1)])", Exception),
        ("SystemExit(3)", Exception),
        ("KeyboardInterrupt()", Exception),
        ("type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()", Exception),
    ],
)
def test_an_error_comes_with_its_type_its_text_and_its_line(kernel, raised, kind):
    kernel.define(f"def f(x):\n    raise {raised}")
    found = outcome_of(kernel.functions("f"), (1,))
    assert isinstance(found.error, kind)
    named = raised.partition("(")[0].rpartition(".")[2]
    assert type(found.error).__name__ == (raised.split("'")[1] if named == "type" else named)
    assert describe_error(found.error).endswith(f", from the line: raise {raised}")


def test_an_error_of_a_forged_name_runs_nothing(kernel):
    kernel.define("class f(Exception):\n    def __new__(cls, x): return Exception.__new__(cls)")
    for name in ("exec", "breakpoint", "SystemExit", "__import__", "", "a\\x00b", "TimeLimitExceeded"):
        kernel.define(f"def f(x):\n    raise type('{name}'.replace(chr(0), ''), (Exception,), {{}})('print(1)')")
        error = outcome_of(kernel.functions("f"), (1,)).error
        assert isinstance(error, Exception | TimeLimitExceeded) and str(error) == "print(1)"


def test_functions_and_generators_are_arguments(kernel):
    kernel.define("def f(g, z, rng): return g(z), g.__name__, rng.random()")
    value = kernel.functions("f")(maps.log_sum_exp, np.zeros(3), np.random.default_rng(1))
    assert round(value[0][0], 9) == round(np.log(3), 9) and value[1:] == (
        "log_sum_exp",
        np.random.default_rng(1).random(),
    )


def test_promises_about_several_calls_see_generators_advance(kernel):
    kernel.define(
        "def right(X, Y, size, rng):\n    order = rng.permutation(len(X))\n"
        "    for i in range(0, len(X), size): yield X[order[i:i + size]], Y[order[i:i + size]]",
        "import copy\ndef copied(X, Y, size, rng): return right(X, Y, size, copy.deepcopy(rng))",
        "class Batches:\n    def __init__(self, *args): self.all = list(right(*args))\n"
        "    def __iter__(self): return iter(self.all)",
    )
    X, rng = np.arange(40.0), np.random.default_rng(2)
    for promise in (promises.batches, promises.repeatable, promises.afresh):
        for name in ("right", "copied", "Batches"):
            found = outcome_of(promises.calls(promise, kernel.functions(name)), (X, X, 9, rng), drain=True)
            assert found.error is None
            said = promise(found.value, X, X, 9, rng)
            assert (said is None) == (name != "copied" or promise is not promises.afresh), said
    assert "copy of rng" in promises.afresh(
        outcome_of(promises.calls(promises.afresh, kernel.functions("copied")), (X, X, 9, rng), drain=True).value, X
    )


def test_iterators_are_listed_with_their_errors_and_their_end(kernel):
    kernel.define(
        "def f(x):\n    yield x\n    raise ValueError('later')",
        "def endless(x):\n    while True: yield x",
    )
    later, endless = kernel.functions("f", "endless")
    assert isinstance(outcome_of(later, (1,), drain=True).error, ValueError)
    assert describe(outcome_of(later, (1,)).value).startswith("generator <generator object f at")
    error = outcome_of(endless, (1,), drain=True).error
    assert isinstance(error, TimeLimitExceeded) and "100,000" in str(error)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("np.matrix([[1.0, 2.0]])", "matrix of float64 (1, 2)"),
        ("np.array([1, None])", "ndarray of object (2,)"),
        ("np.zeros(2, dtype='f4,f4')", "ndarray of [('f0', '<f4')"),
        ("type('Sub', (float,), {'__eq__': lambda s, o: True})(1)", "Sub 1.0"),
        ("{1, 2}", "set {1, 2}"),
        ("np.broadcast_to(0.0, (10**6, 10**6))", "ndarray of float64 (1000000, 1000000), too large to be sent"),
        ("np.zeros(70 << 20, dtype=np.uint8)", "ndarray of uint8 (73400320,), too large to be sent"),
        ("f", "function f"),
        ("type('Odd', (), {'__repr__': lambda s: 1 / 0})()", "Odd Odd"),
        ("'\\ud800'", "str '\\ud800'"),
    ],
)
def test_what_cannot_be_sent_is_told_and_passes_nowhere(kernel, source, words):
    kernel.define(f"def f(x): return {source}")
    with warnings.catch_warnings(action="ignore"):
        value = kernel.functions("f")(1)
    assert describe(value).startswith(words)
    assert not isinstance(value, np.ndarray | float | int | str | list | dict | tuple)
    assert value != 1.0 and value != np.zeros(2)[0]
    kernel.define(f"value = {source}")
    assert describe(kernel.value("value")).startswith(words)


def test_an_error_that_is_returned_stays_one(kernel):
    kernel.define("def f(x): return ValueError('outside')")
    with pytest.raises(AssertionError, match="an error has to be raised, not returned"):
        checks.raises(ValueError, kernel.functions("f"), 1)


def test_a_name_means_the_same_until_it_is_defined_again(kernel):
    kernel.define("def f(x):\n    '''Doc.'''\n    raise NotImplementedError()")
    stub = kernel.functions("f")
    assert stub is kernel.functions("f") and not stub.has_lines
    with pytest.raises(NotImplementedError, match="^f is still waiting for your answer$"):
        checks.raises(ValueError, stub, 1)
    kernel.define("def f(x):\n    y = x\n    raise NotImplementedError()")
    begun = kernel.functions("f")
    assert begun is not stub and begun.has_lines
    with pytest.raises(NotImplementedError, match="delete `raise NotImplementedError"):
        checks.raises(ValueError, begun, 1)
    assert kernel.student.look(["f", "nothing_like_it"], ["nor_this"]).keys() == {"f"}


# Time


def test_an_endless_loop_ends_with_the_time_limit_and_the_kernel_lives(kernel):
    kernel.define("def f(x):\n    while x: pass\n    return 1")
    f = kernel.functions("f")
    error = outcome_of(f, (1,), seconds=0.3).error
    assert isinstance(error, TimeLimitExceeded) and str(error) == "no result after 0.3 seconds"
    # One that never came back gets less time, the first time it does all of it: as in one process.
    began = time.monotonic()
    assert isinstance(outcome_of(f, (1,), seconds=2.5).error, TimeLimitExceeded)
    assert time.monotonic() - began < 2
    assert f(0) == 1


def test_all_calls_for_a_promise_share_the_time(kernel):
    kernel.define("import time\ndef f(rng):\n    time.sleep(0.3)\n    return rng.random()")
    began = time.monotonic()
    found = outcome_of(promises.calls(promises.afresh, kernel.functions("f")), (np.random.default_rng(0),), seconds=0.7)
    assert str(found.error) == "no result after 0.7 seconds" and time.monotonic() - began < 2


def test_one_that_ignores_its_time_limit_is_interrupted(kernel, impatient):
    kernel.define(
        "import signal\ndef f(x):\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    while x: pass\n    return 1"
    )
    f = kernel.functions("f")
    assert isinstance(outcome_of(f, (1,), seconds=0.2).error, TimeLimitExceeded)
    assert f(0) == 1 and kernel.student.lost is None


def test_one_that_ignores_interrupts_too_is_given_up(own_kernel, impatient):
    own_kernel.define(
        "import signal\ndef f(x):\n    signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: pass"
    )
    f = own_kernel.functions("f")
    assert isinstance(outcome_of(f, (1,), seconds=0.2).error, StudentKernelLost)
    began = time.monotonic()
    assert "not even when it is interrupted" in str(outcome_of(f, (1,)).error)
    assert time.monotonic() - began < 0.1


def test_a_kernel_that_ends_is_noticed_at_once(own_kernel):
    own_kernel.define("import os\ndef f(x): os._exit(0)\ndef g(x): return x")
    f, g = own_kernel.functions("f", "g")
    began = time.monotonic()
    for function in (f, g):
        assert isinstance(outcome_of(function, (1,)).error, StudentKernelLost)
    assert time.monotonic() - began < 2
    assert "has ended" in own_kernel.student.lost


# Claims


FORGED = """
handlers = get_ipython().kernel.shell_handlers
import json, struct
def say(header, rest=b""):
    header = json.dumps(header).encode()
    return len(header).to_bytes(8, "little") + header + rest
def d(**entries):
    return ["d", *(part for key, value in entries.items() for part in (key, value))]
def forged(stream, ident, parent):
    get_ipython().kernel.session.send(stream, {kind!r}, {{}}, parent, ident=ident, buffers={buffers})
handlers["digits_request"] = forged
"""


def value(tree, rest="b''"):
    return f"[say(d(value=['b', len(say({tree}, {rest}))]), say({tree}, {rest}))]"


@pytest.mark.parametrize(
    "buffers",
    [
        "[]",
        "[b'']",
        "[b'junk' * 100]",
        "[say(1)]",
        "[say(d())]",
        "[say(d(value=1))]",
        value("['a', '<f8', [1250000000], 'C', True]"),
        value("['a', '|O', [1], 'C', True]", "bytes(8)"),
        value("['f', 'numpy', 'tanh']"),
        "[say(d(value=['b', 0], printed=1))]",
        "[say(d(value=['b', 0], warnings=d()))]",
        "[say(d(value=['b', 0], changed=['d', 7, 1]))]",
        "[say(d(value=['b', 0], changed=['d', 0, 1]))]",
        "[say(d(value=['b', 0], generators=['d', 0, ['l', 'PCG64', ['d'], None]]))]",
        "[say(d(error=1))]",
        "[say(d(error=d(types=1)))]",
        "[say(['l'] + [['l']] * 300000)]",
        "[(1 << 20).to_bytes(8, 'little') + b'[' * (1 << 20)]",
    ],
)
def test_a_forged_reply_is_an_error_of_that_call(kernel, buffers):
    kernel.define("def f(x): return x")
    f = kernel.functions("f")
    kernel.define("keep = get_ipython().kernel.shell_handlers['digits_request']")
    kernel.define(FORGED.format(kind="digits_reply", buffers=buffers))
    try:
        found = outcome_of(f, (1.5,))
    finally:
        kernel.define("get_ipython().kernel.shell_handlers['digits_request'] = keep")
    assert isinstance(found.error, Unreadable)
    assert f(1.5) == 1.5


def test_a_reply_to_something_else_or_of_another_kind_does_not_count(own_kernel, impatient):
    own_kernel.define("def f(x): return x")
    f = own_kernel.functions("f")
    own_kernel.define("keep = get_ipython().kernel.shell_handlers['digits_request']")
    own_kernel.define(FORGED.format(kind="execute_reply", buffers=value("1.5")))
    assert isinstance(outcome_of(f, (1.5,), seconds=0.2).error, StudentKernelLost)


def test_a_reply_that_comes_late_is_not_heard(kernel):
    kernel.define(
        "def f(x): return x",
        "keep, old = get_ipython().kernel.shell_handlers['digits_request'], []",
        FORGED.format(kind="digits_reply", buffers=value("-1")),
        """
def late(stream, ident, parent):
    for each in old:
        forged(stream, ident, each)
    old.append(parent)
    keep(stream, ident, parent)
handlers["digits_request"] = late
""",
    )
    f = kernel.functions("f")
    assert [f(x) for x in range(5)] == list(range(5))
    kernel.define("handlers['digits_request'] = keep")


def test_more_than_may_come_ends_the_connection(own_kernel, monkeypatch):
    own_kernel.define("def f(x): return x")
    f = own_kernel.functions("f")
    own_kernel.define(FORGED.format(kind="digits_reply", buffers="[bytes(100 << 20)]"))
    began = time.monotonic()
    assert isinstance(outcome_of(f, (1.5,), seconds=2).error, StudentKernelLost)
    assert time.monotonic() - began < 5


def test_what_a_change_cannot_be_copied_to_shows_all_the_same():
    for value in (np.zeros(3), np.zeros(2, dtype=np.float32), 7, None):
        argument = np.zeros(2)
        bridge._change(argument, value)
        assert argument.shape != (2,) or argument.any()


def test_texts_lose_what_a_terminal_takes_for_commands(kernel):
    kernel.define("def f(x):\n    print('\\x1b[2Jgone\\x07')\n    raise ValueError('\\x1b]0;title\\x07 x\\ny')")
    found = outcome_of(kernel.functions("f"), (1,))
    assert (found.printed, str(found.error)) == ("[2Jgone\n", "]0;title x\ny")
    assert isinstance(found.error, ValueError)


def test_floods_are_cut(kernel):
    kernel.define("def f(x):\n    for i in range(20_000): print('flood', i)\n    return 'x' * 9_000_000")
    found = outcome_of(kernel.functions("f"), (1,))
    assert describe(found.value).startswith("str 'xxx")
    assert len(found.printed) <= 2_000
    assert collections.Counter(found.printed.split())["flood"] > 100
