"""The checks themselves: what they let pass, what they stop, and whether the message helps."""

import itertools
import sys
import time
import warnings
from collections import OrderedDict, defaultdict

import numpy as np
import pytest

from shared import checks, misconceptions, outcomes, promises
from shared import reference as references
from shared.reference.softmax import predict, softmax, softmax_temperature

Z = np.random.default_rng(0).normal(0, 3, (5, 7))


def right(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def message_of(student, reference=softmax, *args, **kwargs):
    with pytest.raises(AssertionError) as caught:
        checks.matches(student, reference, *(args or (Z,)), **kwargs)
    return str(caught.value)


def flat(message):
    """A message in one line, however it was wrapped."""
    return " ".join(message.split())


def test_right_answer_passes_in_silence(capsys):
    assert checks.matches(right, softmax, Z) is None
    assert capsys.readouterr() == ("", "")


def test_stub_is_not_implemented_rather_than_wrong():
    def stub(Z):
        raise NotImplementedError()

    with pytest.raises(NotImplementedError):
        checks.matches(stub, softmax, Z)
    with pytest.raises(NotImplementedError):
        checks.raises(ValueError, stub, Z)


def test_reference_itself_is_called_out():
    message = message_of(softmax)
    assert "the course's reference" in message and "run the cell" in message


def test_wrong_value_names_quantity_both_kinds_both_values_and_the_worst_place():
    def off(Z):
        P = right(Z)
        P[3, 2] += 0.5
        P[0, 0] += 0.1
        return P

    lines = message_of(off).splitlines()
    assert lines[0] == "softmax(Z) gives wrong values for P."
    assert lines[1].split() == ["Z", "float64", "(5,", "7),", "from", f"{Z.min():.6g}", "to", f"{Z.max():.6g}"]
    assert lines[2].startswith("  expected  float64 (5, 7); at [3, 2]: ")
    assert lines[3].startswith("  found     float64 (5, 7); at [3, 2]: ")
    assert lines[3].endswith("the worst of 2 wrong entries of 35")


def test_not_finite_counts_as_the_worst():
    def broken(Z):
        P = right(Z) + 0.5
        P[1, 1] = np.nan
        return P

    assert "at [1, 1]: nan" in message_of(broken)


def test_tiny_difference_is_shown_with_enough_digits():
    message = message_of(lambda Z: right(Z) * (1 - 1e-12), softmax, np.array([[0.0, 500.0]]), rtol=1e-14)
    assert "at [0, 1]: 1\n" in message and "0.999999999999" in message


@pytest.mark.parametrize(
    ("student", "part"),
    [
        (lambda Z: None, "returned None: is there a return"),
        (lambda Z: right(Z).tolist(), "as a NumPy array"),
        (lambda Z: right(Z)[0], "wrong shape"),
        (lambda Z: right(Z)[:, :1], "wrong shape"),
        (lambda Z: right(Z).astype(np.float32), "wrong type"),
        (lambda Z: right(Z).astype(object), "wrong type"),
        (lambda Z: right(Z).astype(complex), "wrong type"),
        (lambda Z: 0.5, "as a NumPy array"),
        (lambda Z: "0.5", "as a NumPy array"),
        (lambda Z: (right(Z),), "as a NumPy array"),
        (lambda Z: undefined, "NameError: name 'undefined' is not defined"),  # noqa: F821
        (lambda Z, W: Z, "TypeError"),
        (lambda Z: sys.exit("bye"), "SystemExit: bye"),
    ],
)
def test_wrong_kinds_of_answers(student, part):
    assert part in message_of(student)


def test_any_integer_type_will_do_for_labels_but_no_other_kind():
    P = np.array([[0.2, 0.8], [0.7, 0.3]])
    checks.matches(lambda P: P.argmax(axis=1).astype(np.int8), predict, P)
    assert "wrong type" in message_of(lambda P: P.argmax(axis=1) > 0, predict, P)


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no words")


class Broken(ValueError):
    def __str__(self):
        raise RuntimeError("no words")


def raise_broken(Z):
    raise Broken


@pytest.mark.parametrize(
    "student",
    [
        lambda Z: Unspeakable(),
        lambda Z: np.full(Z.shape, Unspeakable()),
        lambda Z: np.zeros(20, dtype=[("a", int), ("b", float)]),
        lambda Z: np.ma.masked_array(right(Z), mask=True),
        lambda Z: np.matrix(right(Z)),
        lambda Z: np.broadcast_to(1.0, (10**6, 10**6)),
        lambda Z: "x" * 10**6,
        lambda Z: np.array(["a", "b"]),
        lambda Z: 10**5000,
        lambda Z: iter(()),
        lambda Z: np.array("abc"),
        lambda Z: np.zeros(Z.shape, dtype="m8[s]"),
        raise_broken,
        lambda Z: (_ for _ in ()).throw(GeneratorExit),
    ],
)
def test_whatever_comes_back_the_message_is_short_and_an_assertion(student):
    assert len(message_of(student)) < 1500


def test_stranger_settings_of_numpy_do_not_break_the_checks():
    tiny = np.array([[0.0, -740.0]])
    with np.errstate(all="raise"):
        checks.matches(right, softmax, tiny)
        checks.probabilities(softmax(Z))


def test_flood_of_output_is_cut(capsys):
    def chatty(Z):
        for _ in range(10_000):
            print("still thinking")
        return right(Z)

    checks.matches(chatty, softmax, Z)
    assert len(capsys.readouterr().out) == outcomes.MOST_OUTPUT


def test_what_a_function_prints_is_shown_once_however_often_it_is_tried(capsys):
    def chatty(Z):
        print("thinking")
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

    assert "(no shift)" in flat(message_of(chatty, softmax, 400 * Z))
    assert capsys.readouterr().out == "thinking\n"


def test_endless_iterator_is_cut():
    with pytest.raises(AssertionError, match="gave more than 100,000 values; is there a loop that never ends?"):
        checks.holds(
            all_of_them, lambda X, rng: itertools.repeat(X), in_batches, np.arange(3), np.random.default_rng(0)
        )


def test_answer_is_known_by_the_name_it_is_bound_to(capsys):
    names = {"checks": checks, "np": np}
    exec("softmax = lambda Z: Z\ntaken = checks.yours_or_reference(softmax)", names)
    assert names["taken"] is references.find("softmax")


def test_only_what_agrees_everywhere_is_named():
    """Shifting by the median fails where no shift does, and not everywhere: the diagnosis would be false."""

    def median(Z):
        E = np.exp(Z - np.median(Z, axis=1, keepdims=True))
        return E / E.sum(axis=1, keepdims=True)

    assert "(no shift)" not in flat(message_of(median, softmax, np.array([[5000.0, 0.0, 1.0]])))


def test_change_before_a_promised_error_is_reported():
    def spoils(Z, temperature):
        Z += 1
        raise ValueError("bad")

    with pytest.raises(AssertionError, match="changes Z"):
        checks.raises(ValueError, spoils, Z.copy(), 0.0)


def test_arguments_are_copies_and_a_change_is_reported():
    before = Z.copy()

    def in_place(Z):
        Z -= Z.max(axis=1, keepdims=True)
        return right(Z)

    assert "changes Z, which the caller still needs" in message_of(in_place)
    np.testing.assert_array_equal(Z, before)


def add_key(cache):
    cache["dZ"] = np.zeros(2)


def put_ragged(cache):
    cache["W"] = [[1.0], [1.0, 2.0]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (add_key, "adds 'dZ' to cache"),
        (dict.clear, "takes 'W', 'b', 'n' out of cache"),
        (put_ragged, "changes cache['W']"),
        (lambda cache: cache.update(n=[1]), "changes cache['n']"),
        (lambda cache: cache.update(W=None, b=None), "changes cache"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_change_of_a_dict_says_which_key(change, sentence):
    def reference(cache):
        return cache["W"] + 1

    def student(cache):
        result = cache["W"] + 1
        change(cache)
        return result

    cache = {"W": np.ones(2), "b": np.zeros(2), "n": [1, [2]]}
    assert f"reference(cache) {sentence}, which the caller" in flat(message_of(student, reference, cache))


class Unreadable(dict):
    def __getitem__(self, key):
        raise KeyError(key)


def test_dict_that_cannot_be_read_is_no_dict_and_its_relatives_are():
    def reference(x):
        """One dict.

        Returns
        -------
        cache : dict
        """
        return {"W": x}

    x = np.arange(3.0)
    assert "cache as a dict with the keys 'W'" in message_of(lambda x: Unreadable(W=x), reference, x)
    checks.matches(lambda x: OrderedDict(W=x), reference, x)
    checks.matches(lambda x: defaultdict(list, W=x), reference, x)


def test_result_lasts_unless_a_later_call_writes_into_it():
    def reference(x):
        return x + 1, {"x": x}

    kept = {"x": np.zeros(3)}

    def reuses(x):
        kept["x"][...] = x
        return x + 1, kept

    def late(x):
        kept["x"] = x
        return x + 1, kept

    args, others = (np.zeros(3),), (np.ones(3),)
    checks.lasting(lambda x: (x + 1, {"x": x}), reference, args, others)
    for student in reuses, late:
        with pytest.raises(AssertionError, match=r"reference\(x\) changes what it returned before"):
            checks.lasting(student, reference, args, others)
    with pytest.raises(AssertionError, match="should give an answer, but it raised IndexError"):
        checks.lasting(lambda x: x[9], reference, args, others)
    with pytest.raises(NotImplementedError):
        checks.lasting(stub, reference, args, others)


def stub(x):
    raise NotImplementedError()


def test_endless_loop_is_stopped_even_if_it_catches_everything():
    def endless(Z):
        while True:
            try:
                while True:
                    pass
            except:  # noqa: E722
                if time.perf_counter() - start > 1:
                    raise

    start = time.perf_counter()
    assert "is there a loop that never ends?" in message_of(endless, seconds=0.2)
    assert time.perf_counter() - start < 3


def test_warning_costs_nothing_and_is_pointed_out(capsys):
    def loud(Z):
        np.log(np.zeros(1))
        return right(Z)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        checks.matches(loud, softmax, Z)
    out, err = capsys.readouterr()
    assert "but warns: divide by zero" in out and err == ""


def test_error_of_the_student_keeps_its_cause():
    def clumsy(Z):
        return Z[99]

    with pytest.raises(AssertionError) as caught:
        checks.matches(clumsy, softmax, Z)
    assert isinstance(caught.value.__cause__, IndexError)
    assert "raised an error: IndexError" in str(caught.value)


def test_misconception_is_named_with_its_question():
    message = flat(message_of(lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), softmax, 400 * Z))
    assert "You get exactly this when nothing is subtracted before the exponential (no shift)." in message
    assert "Ask yourself: what is np.exp of the largest logit above" in message


def test_several_candidates_are_told_apart_by_other_inputs():
    """On one row the whole batch is that row, so two mistakes give the same numbers there."""
    one_row = Z[:1]

    def over_batch(Z):
        E = np.exp(Z - Z.max(axis=0, keepdims=True))
        return E / E.sum(axis=0, keepdims=True)

    message = flat(message_of(over_batch, softmax, one_row))
    assert "(both along the wrong axis)" in message and "(wrong axis)" not in message


def test_unknown_mistake_gets_no_name():
    assert "You get exactly this" not in message_of(lambda Z: right(Z) + 0.123)


def all_of_them(batches, X, rng):
    """A promise: every entry of X comes once."""
    if sorted(x for batch in batches for x in batch) != sorted(X):
        return "should give every sample once."
    return None


def in_batches(X, rng):
    order = rng.permutation(len(X))
    return (X[order[start : start + 3]] for start in range(0, len(X), 3))


def test_promise_kept_in_any_order():
    X = np.arange(7)
    checks.holds(all_of_them, lambda X, rng: iter([X[::-1]]), in_batches, X, np.random.default_rng(0))
    checks.holds(all_of_them, lambda X, rng: [X[:2], X[2:]], in_batches, X, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("student", "part"),
    [
        (lambda X, rng: [X[:-1]], "in_batches(X, rng) should give every sample once."),
        (lambda X, rng: (X[99] for _ in X), "raised an error: IndexError"),
        (lambda X, rng: X.sort() or [X], "changes X, which the caller still needs"),
        (lambda X, rng: iter(int, 1), "is there a loop that never ends?"),
    ],
)
def test_promise_broken(student, part):
    with pytest.raises(AssertionError) as caught:
        checks.holds(all_of_them, student, in_batches, np.array([2, 1, 3]), np.random.default_rng(0), seconds=0.2)
    assert part in str(caught.value)


def test_promise_names_the_misconception_that_breaks_it_in_the_same_words(monkeypatch):
    known = misconceptions.Misconception(
        "last batch dropped", "the rest is dropped", "how many?", lambda X, rng: [X[:3]]
    )
    monkeypatch.setattr(misconceptions, "about", lambda reference: (known,))
    with pytest.raises(AssertionError, match=r"when the rest is dropped \(last"):
        checks.holds(all_of_them, lambda X, rng: [X[1:]], in_batches, np.arange(7), np.random.default_rng(0))


def test_promised_error():
    def assertive(Z, temperature):
        assert temperature > 0
        return right(Z / temperature)

    args = (Z, -1.0)
    checks.raises(ValueError, softmax_temperature, *args)
    with pytest.raises(AssertionError, match="should refuse this with a ValueError") as caught:
        checks.raises(ValueError, assertive, *args, reference=softmax_temperature)
    assert "(another kind of error)" in flat(str(caught.value))
    with pytest.raises(AssertionError, match="returned float64"):
        checks.raises(ValueError, lambda Z, T: right(Z / T), *args, reference=softmax_temperature)
    with pytest.raises(AssertionError, match="should refuse this"):
        checks.matches(lambda Z, T: right(Z), softmax_temperature, *args)


def test_tuples_dicts_and_numbers_are_compared_part_by_part():
    def reference(x):
        """Several things.

        Returns
        -------
        total : float
        parts : dict
        """
        return float(x.sum()), {"W": x, "b": x[0]}

    x = np.arange(3.0)
    checks.matches(lambda x: (np.float64(3), {"b": x[0], "W": x}), reference, x)
    checks.matches(lambda x: [3, {"b": x[0], "W": x}], reference, x)
    assert "gives the wrong total" in message_of(lambda x: (4.0, {"W": x, "b": x[0]}), reference, x)
    assert "wrong values for parts['W']" in message_of(lambda x: (3.0, {"W": x + 1, "b": x[0]}), reference, x)
    assert "keys 'W', 'b'" in message_of(lambda x: (3.0, {"W": x}), reference, x)
    assert "should return 2 values: total, parts" in message_of(lambda x: 3.0, reference, x)
    assert "as a single number" in message_of(lambda x: (x, {"W": x, "b": x[0]}), reference, x)


@pytest.mark.parametrize(
    ("P", "axis", "part"),
    [
        ([[0.5, np.nan]], 1, r"finite, but entry \[0, 1\] is nan"),
        ([[1.5, -0.5]], 1, r"\[0, 1\], but entry \[0, 0\] is 1.5"),
        ([[0.5, 0.5], [0.25, 0.25]], 1, "row 1 sums to 0.5"),
        ([[0.5, 0.5], [0.5, 0.25]], 0, "column 1 sums to 0.75"),
    ],
)
def test_probabilities(P, axis, part):
    with pytest.raises(AssertionError, match=part):
        checks.probabilities(np.array(P), axis=axis)


def test_story_goes_on_with_whatever_works(capsys):
    def softmax(Z):
        return right(Z)

    def predict(P):
        raise NotImplementedError()

    taken = checks.yours_or_reference(softmax, predict)
    assert taken == (softmax, references.find("predict"))
    assert capsys.readouterr().out.splitlines() == [
        "softmax: yours",
        "predict: the reference, until yours passes its visible tests",
    ]


def test_reference_that_the_story_took_is_not_yours_when_the_cell_runs_again(capsys):
    taken = checks.yours_or_reference(references.find("softmax"))
    assert taken is references.find("softmax") and "softmax: the reference" in capsys.readouterr().out


def test_forgotten_raise_is_told_from_an_empty_stub():
    def forgotten(Z):
        """Probabilities."""
        Z = Z - Z.max()
        raise NotImplementedError()

    with pytest.raises(NotImplementedError, match=r"once it is there, delete `raise NotImplementedError\(\)`"):
        checks.matches(forgotten, softmax, Z)


def test_returned_error_is_told_from_a_raised_one():
    with pytest.raises(AssertionError, match="has to be raised, not returned"):
        checks.raises(ValueError, lambda Z, T: ValueError("bad"), Z, 0, reference=softmax_temperature)


def test_zero_let_through_is_told_from_no_check_at_all():
    def negative_only(Z, temperature):
        if temperature < 0:
            raise ValueError("not like this")
        return right(Z / temperature)

    message = flat(message_of(negative_only, softmax_temperature, Z, 0.0))
    assert "(zero let through)" in message and "(no check of the temperature)" not in message


def test_lines_of_a_diagnosis_fit_the_report_of_nbgrader():
    for line in message_of(lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1)).splitlines()[2:]:
        assert len(line) <= 80


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("A", "should be a dict"),
        ({"A": "x"}, "needs the keys 'A', 'B', but has 'A'"),
        ({"A": "x", "B": "no"}, "'no' is none of the choices; they are 'x', 'y'"),
        ({"A": "x", "B": None}, "None is none of the choices"),
        ({"A": "x", "B": ["x"]}, "is none of the choices"),
        ({"A": "x", "B": "x"}, "each choice occurs once, but 'y' does not occur"),
    ],
)
def test_one_each(answer, part):
    with pytest.raises(AssertionError, match=part):
        checks.one_each("verdicts", answer, ("A", "B"), ("x", "y"))
    assert checks.one_each("verdicts", {"A": "y", "B": "x"}, ("A", "B"), ("x", "y")) is None


@pytest.mark.parametrize("value", [2, 2.5, np.float32(2.5), np.int8(2), np.array(2.5), -0.0])
def test_number_takes_any_single_real_number(value):
    assert checks.number("initial_loss", value) is None


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("2.30", "should be a single number, but it is str '2.30'"),
        (b"2.30", "should be a single number, but it is bytes b'2.30'"),
        (2.3 + 0j, "should be a single number, but it is complex"),
        (np.complex64(2), "should be a single number, but it is complex64"),
        ([2.3], "should be a single number, but it is list [2.3]"),
        (np.array([2.3]), "should be a single number, but it is float64 (1,) [2.3]"),
        (np.array("2.3"), "should be a single number, but it is <U3 ()"),
        (True, "should be a single number, but it is bool True"),
        (np.True_, "should be a single number, but it is bool"),
        (lambda: 2.3, "should be a single number, but it is "),
        (np.nan, "should be a finite number, but it is float nan"),
        (-np.inf, "should be a finite number, but it is float -inf"),
        (np.float32(np.inf), "should be a finite number, but it is "),
        (10**400, "should be a finite number, but it is int 1000"),
        (10**5000, "should be a finite number, but it is int"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_number_says_what_else_it_is(value, part):
    with pytest.raises(AssertionError) as caught:
        checks.number("initial_loss", value)
    assert str(caught.value).startswith(f"initial_loss {part}")


def test_number_waits_for_an_answer():
    with pytest.raises(NotImplementedError, match="initial_loss is still waiting"):
        checks.number("initial_loss", None)


def test_relatives_of_arrays_are_called_by_their_names():
    message = message_of(lambda Z: np.ma.array(right(Z)))
    assert "as a NumPy array" in message and "found     numpy.ma.MaskedArray of float64 (5, 7)" in message
    assert "found     numpy.matrix of float64 (5, 7)" in message_of(lambda Z: np.matrix(right(Z)))


def test_wrong_values_do_not_hide_that_an_argument_was_changed():
    def in_place(Z):
        Z -= Z.max(axis=1, keepdims=True)
        return np.exp(Z)

    message = message_of(in_place)
    assert "gives wrong values for P" in message
    assert "It also changes Z, which the caller still needs. Work on a copy." in message
    assert "It also changes" not in message_of(lambda Z: np.exp(Z))


def test_answer_that_rests_on_memory_nobody_wrote_is_not_called_right(capsys):
    def with_where(Z):  # so says NumPy from 2.3 on
        warnings.warn("'where' used without 'out', expect unitialized memory in output", UserWarning, stacklevel=1)
        return right(Z)

    checks.matches(with_where, softmax, Z)
    note = capsys.readouterr().out
    assert "rests on memory that nobody wrote" in note and "is right" not in note


def test_broken_promise_names_only_what_breaks_all_promises_alike():
    """Batches in one buffer give samples twice, as drawing with replacement does, but not where there is one batch."""

    def one_buffer(X, Y, batch_size, rng):
        order = rng.permutation(len(X))
        Xb = np.empty((batch_size, *X.shape[1:]), X.dtype)
        Yb = np.empty((batch_size, *Y.shape[1:]), Y.dtype)
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb[: len(batch)], Yb[: len(batch)] = X[batch], Y[batch]
            yield Xb[: len(batch)], Yb[: len(batch)]

    def with_replacement(X, Y, batch_size, rng):
        for start in range(0, len(X), batch_size):
            batch = rng.integers(len(X), size=min(batch_size, len(X) - start))
            yield X[batch], Y[batch]

    X = np.arange(206.0).reshape(103, 2)
    said = {}
    for student in one_buffer, with_replacement:
        with pytest.raises(AssertionError) as caught:
            checks.holds(
                promises.batches, student, references.find("minibatches"), X, X[:, 0], 10, np.random.default_rng(0)
            )
        said[student] = flat(str(caught.value))
        assert "gives some samples more than once and loses others" in said[student]
    assert "(drawn with replacement)" in said[with_replacement]
    assert "when" not in said[one_buffer]


def test_story_goes_on_without_reference_or_catalogue(monkeypatch):
    """In a sandbox both are withheld, and the student's own function is all there is."""

    def softmax(Z):
        return 0

    monkeypatch.setattr(references, "find", lambda name: None)
    assert checks.yours_or_reference(softmax) is softmax
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "shared.misconceptions", None)
    assert checks.yours_or_reference(softmax) is softmax


def test_names_of_misconceptions_are_unique_but_for_variants_of_one_number():
    for name in ("linear_forward", "softmax", "log_softmax", "softmax_temperature", "softmax_columns", "predict"):
        known = misconceptions.about(references.find(name))
        whys = {each.name: each.hint.split(" is ")[-1] for each in known}
        for each in known:
            assert each.hint.endswith("?"), f"{name}, {each.name}: the hint should be a question"
            assert not each.why.endswith("."), f"{name}, {each.name}: the sentence is completed by the check"
        assert len(whys) >= 8
