"""The catalogue of notebook 1 by itself: mistakes show and are named, right answers pass, promises speak."""

import copy
import importlib.util
import inspect
import pickle
import time
from functools import cache

import course
import numpy as np
import pytest

from shared import checks, misconceptions, promises
from shared.misconceptions import data_preparation as catalogue
from shared.outcomes import broken_promise, outcome_of
from shared.reference import data_preparation

FUNCTIONS = [
    function
    for name, function in vars(data_preparation).items()
    if inspect.isfunction(function) and function.__module__ == data_preparation.__name__
]
NAMES = [function.__name__ for function in FUNCTIONS]


def right_answers():
    file = course.ROOT / "tests" / "right_answers" / "data_preparation.py"
    spec = importlib.util.spec_from_file_location("right_answers_data_preparation", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, function in vars(module).items():
        if inspect.isfunction(function):
            exercise = max((each for each in NAMES if name.startswith(f"{each}_")), key=len)
            yield getattr(data_preparation, exercise), function


RIGHT = list(right_answers())
WRONG = [(reference, each) for reference in FUNCTIONS for each in misconceptions.about(reference)]


def look(reference, answer, probe):
    """What is said of an answer on a probe: by the check, or by a promise about several calls itself."""
    if hasattr(probe.promise, "generators"):
        return sentence(probe.promise, answer, reference, probe.args)
    try:
        if probe.promise:
            checks.holds(probe.promise, answer, reference, *probe.args)
        else:
            checks.matches(answer, reference, *probe.args, rtol=probe.rtol, atol=probe.atol)
    except AssertionError as error:
        return str(error)
    return None


def sentence(promise, function, reference, args):
    return broken_promise(promise, outcome_of(promises.calls(promise, function), args, drain=True), reference, args)


@cache
def sentence_about(misconception, reference, place):
    """What the promise probe at a place says of a misconception, which stays what it is."""
    probe = misconceptions.probes(reference)[place]
    return sentence(probe.promise, misconception.answer, reference, probe.args)


def names_said(reference, misconception, place, rejected):
    """The misconceptions that a failing check names.

    Those about several calls are found as `checks.holds` finds the others: by the same sentence.
    """
    known = misconceptions.about(reference)
    if hasattr(misconceptions.probes(reference)[place].promise, "generators"):
        return {each.name for each in known if sentence_about(each, reference, place) == rejected}
    message = " ".join(rejected.split())
    return {each.name for each in known if f"({each.name})" in message}


@pytest.mark.parametrize(
    ("reference", "misconception"), WRONG, ids=[f"{each[0].__name__}-{each[1].answer.__name__}" for each in WRONG]
)
def test_wrong_answer_is_rejected_and_named(reference, misconception):
    said = []
    for place, probe in enumerate(misconceptions.probes(reference)):
        if rejected := look(reference, misconception.answer, probe):
            names = names_said(reference, misconception, place, rejected)
            if misconception.name in names and len(names) <= 2:  # nothing else but perhaps one more mistake is named
                return
            said.append((names, rejected))
    assert said, "no probe rejects it"
    pytest.fail("it is named nowhere, or only among others:\n" + "\n".join(map(str, said)))


@pytest.mark.parametrize(("reference", "function"), RIGHT, ids=[function.__name__ for _, function in RIGHT])
def test_right_answer_passes_every_probe_without_a_warning(reference, function):
    for probe in misconceptions.probes(reference):
        assert look(reference, function, probe) is None
        assert not outcome_of(function, probe.args, drain=True).warnings


@pytest.mark.parametrize("reference", FUNCTIONS, ids=NAMES)
def test_reference_passes_and_there_are_enough_of_each(reference):
    for probe in misconceptions.probes(reference):
        assert look(reference, lambda *args: reference(*args), probe) is None
    known = misconceptions.about(reference)
    assert len(known) >= 8 and sum(each is reference for each, _ in RIGHT) >= 3


@pytest.mark.parametrize(("reference", "misconception"), WRONG, ids=[each[1].answer.__name__ for each in WRONG])
def test_wrong_answer_stands_alone(reference, misconception):
    names = {"np": np}
    exec(inspect.getsource(misconception.answer).partition("\n)\n")[2], names)
    own = names[misconception.answer.__name__]
    assert set(own.__code__.co_names) & set(vars(catalogue)) <= {"np"}
    assert misconception.hint.endswith("?") and not misconception.why.endswith(".")


# The promises. In X and Y every sample is unlike every other.

X = np.arange(46, dtype=np.float32).reshape(23, 2)
Y = np.arange(23) + 100
ORDER = np.random.default_rng(8).permutation(23)
TRAIN, VAL = ORDER[7:], ORDER[:7]


def dealt(train=TRAIN, val=VAL, X=X, y=Y):
    return X[train], y[train], X[val], y[val]


BACKWARDS = np.arange(23)[::-1]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (dealt(), None),
        (list(dealt(np.sort(TRAIN), np.sort(VAL))), None),
        (None, "should return 4 arrays (X_train, y_train, X_val, y_val), but returns None."),
        (dealt()[:2], "should return 4 arrays (X_train, y_train, X_val, y_val), but returns 2 values."),
        (
            (X[TRAIN], X[VAL], Y[TRAIN], Y[VAL]),
            "returns X_train, X_val, y_train, y_val; the order is X_train, y_train, X_val, y_val.",
        ),
        (
            (*dealt()[:3], Y[VAL].tolist()),
            "should give y_val as a NumPy array, but gives a value of type list.",
        ),
        (dealt(X=X.astype(float)), "gives X_train as float64, but X is float32."),
        (dealt(X=X[:, :1]), "gives X_train as float32 (16, 1), but X is float32 (23, 2)."),
        ((*dealt()[:3], Y[VAL[1:]]), "gives 7 rows in X_val, but 6 labels in y_val."),
        (dealt(VAL, TRAIN), "swaps the parts: it gives 16 samples for validation and 7 for training."),
        (dealt(VAL, VAL[:1]), "gives 1 sample for validation; round(m * validation_fraction) is 7."),
        (dealt(VAL, VAL[1:]), "gives 6 samples for validation; round(m * validation_fraction) is 7."),
        (dealt(train=ORDER), "leaves every validation sample in the training part too."),
        (dealt(train=ORDER[6:]), "puts some samples into both parts."),
        (dealt(train=ORDER[8:]), "loses 1 of 23 samples."),
        (dealt(train=[*TRAIN, TRAIN[0]]), "gives some samples more than once."),
        (dealt(train=[*TRAIN[1:], TRAIN[1]]), "gives some samples more than once and loses others."),
        (dealt(X=X + 100), "gives rows that X does not have."),
        (dealt(y=Y + 100), "gives other labels than y holds."),
        (dealt(y=Y[BACKWARDS]), "tears the pairs apart: X and y come in different orders."),
        (
            (X[TRAIN], Y[7:], X[VAL], Y[:7]),
            "shuffles X, but leaves y in its order: labels come to the wrong rows.",
        ),
        (
            (X[:16], Y[TRAIN], X[16:], Y[VAL]),
            "shuffles y, but leaves X in its order: labels come to the wrong rows.",
        ),
        (dealt(np.arange(7, 23), np.arange(7)), "does not shuffle: the validation part is the first 7 rows of X."),
        (dealt(np.arange(16), np.arange(16, 23)), "does not shuffle: the validation part is the last 7 rows of X."),
    ],
)
def test_what_a_split_promises(result, expected):
    # C(23, 7) = 245,157 is too few to call an unshuffled split no accident; the promise is told to think otherwise.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(promises, "UNLIKELY", 100_000)
        assert promises.split(result, X, Y, 0.3, None) == expected


@pytest.mark.parametrize("val", [[*range(30, 61)], [*range(90, 103), *range(18)], [5, *range(41, 61), *range(70, 80)]])
def test_validation_part_in_few_blocks(val):
    X, y = np.arange(103.0), np.arange(103)
    train = np.setdiff1d(y, val)
    found = promises.split((X[train], y[train], X[val], y[val]), X, y, 0.3, None)
    assert found.startswith("keeps neighbours in X together: ")


@pytest.mark.parametrize("m", [10, 30, 103])
@pytest.mark.parametrize("fraction", [0.05, 0.3, 0.5, 0.95])
def test_random_splits_keep_no_neighbours_together(m, fraction):
    X, y, rng = np.arange(float(m)), np.arange(m), np.random.default_rng(0)
    for _ in range(300):
        result = data_preparation.train_validation_split(X, y, fraction, rng)
        assert promises.split(result, X, y, fraction, None) is None


def test_a_split_that_may_be_an_accident_is_not_blamed():
    assert promises.split((X[:4], Y[:4], X[4:5], Y[4:5]), X[:5], Y[:5], 0.2, None) is None
    assert promises.split((X, Y, X[:0], Y[:0]), X, Y, 0, None) is None
    assert promises.split((X[:0], Y[:0], X, Y), X, Y, 1, None) is None
    assert promises.split((X[:0], Y[:0], X[:0], Y[:0]), X[:0], Y[:0], 0.5, None) is None


def in_batches(*parts, X=X, Y=Y):
    return [(X[part], Y[part]) for part in parts]


def cut(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


RIGHT_PARTS = cut(ORDER, 5)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (in_batches(*RIGHT_PARTS), None),
        (iter(in_batches(*RIGHT_PARTS)), None),
        ([list(pair) for pair in in_batches(*RIGHT_PARTS)], None),
        (None, "should give batches one after the other, but returns None."),
        ((X[:5], Y[:5]), "returns a single batch, not one after the other."),
        (
            ([X[part] for part in RIGHT_PARTS], [Y[part] for part in RIGHT_PARTS]),
            "returns the batches of X and those of Y apart; each Xb goes with its Yb.",
        ),
        ([X[part] for part in RIGHT_PARTS], "should give pairs (Xb, Yb), but gives a value of type ndarray."),
        (
            [(X[part], list(part)) for part in RIGHT_PARTS],
            "should give Yb as a NumPy array, but gives a value of type list.",
        ),
        (in_batches(*RIGHT_PARTS, Y=Y / 2), f"gives Yb as float64, but Y is {Y.dtype}."),
        ([(X[:5], Y[:4])], "gives a batch with 5 rows of X, but 4 of Y."),
        (in_batches(*RIGHT_PARTS, []), "ends with an empty batch."),
        (in_batches([], *RIGHT_PARTS), "gives an empty batch."),
        (in_batches(*RIGHT_PARTS[:-1]), "drops the last batch: 3 of 23 samples are lost."),
        (
            in_batches(*RIGHT_PARTS[:-1], ORDER[-5:]),
            "fills the last batch up to 5 samples, though no more than 3 should be left for it.",
        ),
        (
            in_batches(*RIGHT_PARTS[:-2], ORDER[-8:]),
            "adds what is left to the last batch, which then has 8 samples, above batch_size.",
        ),
        (in_batches(*RIGHT_PARTS[::-1]), "gives the shorter batch, of 3, before the end; it comes last."),
        (in_batches(*cut(ORDER, 6)), "gives batches of 6 samples instead of 5."),
        (in_batches(*cut(ORDER, 4)), "gives batches of 4 samples instead of 5."),
        (in_batches(*np.array_split(ORDER, 5)), "gives batch_size batches (5), not batches of that size."),
        (in_batches(*RIGHT_PARTS, *RIGHT_PARTS), "gives 10 batches with 46 samples; 5 with 23 are right."),
        (
            in_batches(*cut(np.r_[ORDER[0], ORDER[:-1]], 5)),
            "gives some samples more than once and loses others.",
        ),
        (in_batches(*RIGHT_PARTS, X=-1 - X), "gives rows that X does not have."),
        (in_batches(*RIGHT_PARTS, Y=-Y), "gives other labels than Y holds."),
        (in_batches(*RIGHT_PARTS, Y=Y[BACKWARDS]), "tears the pairs apart: X and Y come in different orders."),
        (
            [(X[ORDER[part]], Y[part]) for part in cut(np.arange(23), 5)],
            "shuffles X, but leaves Y in its order: labels come to the wrong rows.",
        ),
        (
            [(X[part], Y[ORDER[part]]) for part in cut(np.arange(23), 5)],
            "shuffles Y, but leaves X in its order: labels come to the wrong rows.",
        ),
        (in_batches(*cut(np.arange(23), 5)), "does not shuffle: the samples come in the order of X."),
        (
            in_batches(*(part[::-1] for part in cut(np.arange(23), 5))),
            "shuffles inside the batches only: which samples share a batch is not random.",
        ),
        (
            in_batches(*(cut(np.arange(23), 5)[i] for i in (2, 0, 3, 1, 4))),
            "shuffles the batches, not the samples: neighbours in X stay together.",
        ),
    ],
)
def test_what_batches_promise(result, expected):
    assert promises.batches(result, X, Y, 5, None) == expected


def test_batches_that_keep_neighbours_together():
    X = np.arange(103.0)
    rolled = np.roll(np.arange(103), 40)
    for order in rolled, rolled[::-1], np.argsort(np.random.default_rng(0).integers(0, 2, 103), kind="stable"):
        for size in (1, 10):
            found = promises.batches(in_batches(*cut(order, size), X=X, Y=X), X, X, size, None)
            assert found.startswith("keeps neighbours in X together: ")


@pytest.mark.parametrize("size", [1, 2, 10, 25, 50, 51, 103])
def test_random_batches_keep_no_neighbours_together_even_where_each_is_sorted(size):
    X, rng = np.arange(103.0), np.random.default_rng(0)
    for _ in range(100):
        for sort in (np.array, np.sort):
            parts = [sort(part) for part in cut(rng.permutation(103), size)]
            if size < 103 or sort is np.array:
                assert promises.batches(in_batches(*parts, X=X, Y=X), X, X, size, None) is None


def test_sizes_of_batches_where_their_number_is_right():
    uneven = in_batches(ORDER[:6], ORDER[6:12], ORDER[12:18], ORDER[18:])
    assert promises.batches(uneven, X, Y, 7, None) == "gives batches of 6 samples instead of 7."
    uneven = in_batches(ORDER[:7], ORDER[7:13], ORDER[13:18], ORDER[18:])
    assert promises.batches(uneven, X, Y, 7, None) == "gives batches of 5 to 7 samples; all but the last have 7."


def test_batches_that_may_be_an_accident_are_not_blamed():
    assert promises.batches([(X[:5], Y[:5])], X[:5], Y[:5], 9, None) is None
    assert promises.batches([], X[:0], Y[:0], 9, None) is None
    same = np.zeros((23, 1), dtype=np.float32)
    assert promises.batches([(same, same)], same, same, 30, None) is None
    assert promises.batches([(X[ORDER], Y[ORDER])], X, Y, 30, None) is None


def test_what_an_array_of_ones_own_is():
    assert promises.own_array(np.zeros(2), b"") is None
    assert promises.own_array([0], b"") == "should give a NumPy array, but gives a value of type list."
    assert "foreign byte order (>i2)" in promises.own_array(np.zeros(2, ">i2"), b"")
    assert "read-only" in promises.own_array(np.frombuffer(b"ab", np.uint8), b"")
    for code, dtype in promises.IDX_TYPES.items():
        assert np.dtype(data_preparation.IDX_TYPES[code]).newbyteorder("=") == dtype
        for given in promises.IDX_TYPES.values():
            sentence = promises.own_array(np.zeros(2, given), bytes([0, 0, code, 1]))
            assert (sentence is None) == (given is dtype)


# Promises about several calls


def by_value(function):
    """A function as a proxy calls it in another process: copies go there, copies come back, iterators as lists."""

    def proxy(*args):
        result = function(*pickle.loads(pickle.dumps(args)))
        return pickle.loads(pickle.dumps(result if isinstance(result, tuple) else list(result)))

    proxy.on_copies = True
    return proxy


CASES = [
    (data_preparation.train_validation_split, (X, Y, 0.5, np.random.default_rng(0))),
    (data_preparation.minibatches, (X, Y, 5, np.random.default_rng(0))),
    (data_preparation.minibatches, (X, Y, 30, np.random.default_rng(0))),
]


@pytest.mark.parametrize(("reference", "args"), CASES)
@pytest.mark.parametrize("near", [lambda function: function, by_value], ids=["in this kernel", "by value"])
def test_promises_about_several_calls(near, reference, args):
    def with_generator(make):
        return near(lambda X, Y, number, rng: reference(X, Y, number, make(rng)))

    def said(promise, student):
        return sentence(promise, student, reference, args)

    unseeded = with_generator(lambda rng: np.random.default_rng())
    seeded = with_generator(lambda rng: np.random.default_rng(0))
    copied = with_generator(copy.deepcopy)
    spawned = with_generator(lambda rng: rng.spawn(1)[0])
    right = with_generator(lambda rng: rng)
    assert said(promises.repeatable, right) is said(promises.afresh, right) is said(promises.afresh, unseeded) is None
    assert said(promises.repeatable, seeded) is None
    assert "some randomness does not come from rng" in said(promises.repeatable, unseeded)
    assert "draws nothing afresh" in said(promises.afresh, seeded)
    assert said(promises.repeatable, spawned) is said(promises.afresh, spawned) is None
    # By value a draw from a copy is the same as one from the generator itself.
    on_copies = getattr(right, "on_copies", False)
    assert said(promises.repeatable, copied) is None
    assert (said(promises.afresh, copied) is None) if on_copies else ("from a copy" in said(promises.afresh, copied))


@pytest.mark.parametrize("seed", range(20))
def test_first_draws_of_the_generators_are_not_all_the_same(seed):
    """Else a function that draws a single small number would seem to draw nothing."""
    for n in (2, 3, 10, 73, 103, 1000):
        draws = {int(rng.integers(n)) for rng in promises._advanced(np.random.default_rng(seed))}
        assert len(draws) > 1


def test_what_can_be_looped_over_is_drained():
    class Sequence:
        def __getitem__(self, i):
            if i > 2:
                raise IndexError(i)
            return 10 * i

    pairs = np.empty(2, dtype=object)
    pairs[:] = [(1, 2), (3, 4)]
    for given, drained in ((Sequence(), [0, 10, 20]), (pairs, [(1, 2), (3, 4)]), (iter("ab"), ["a", "b"]), (7, 7)):
        assert promises._drained(given) == drained
    array = np.arange(3)
    assert promises._drained(array) is array


def test_samples_that_nothing_is_drawn_for():
    split, batches = data_preparation.train_validation_split, data_preparation.minibatches
    rng = np.random.default_rng(0)
    known = misconceptions.about(split)[0].answer, misconceptions.about(split)[3].answer
    for student in known:
        assert "draws nothing: " in sentence(promises.afresh, student, split, (X, Y, 0.5, rng))
    assert "draws nothing: " in sentence(promises.afresh, lambda X, Y, *_: [(X, Y)], batches, (X, Y, 30, rng))


def test_order_inside_fixed_parts_is_not_afresh():
    def split(X, y, validation_fraction, rng):
        train, val = rng.permutation(14), 14 + rng.permutation(9)
        return X[train], y[train], X[val], y[val]

    reference, args = CASES[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(promises, "UNLIKELY", 100_000)
        assert "into the same parts at every call" in sentence(promises.afresh, split, reference, args)


def test_fresh_draws_are_asked_for_only_where_they_show():
    split, batches = data_preparation.train_validation_split, data_preparation.minibatches
    rng = np.random.default_rng(0)
    assert sentence(promises.afresh, lambda X, y, *_: (X, y, X[:0], y[:0]), split, (X, Y, 0.0, rng)) is None
    assert sentence(promises.afresh, lambda X, Y, *_: [(X, Y)], batches, (X[:3], Y[:3], 5, rng)) is None
    assert sentence(promises.afresh, lambda X, Y, *_: [(X, Y)], batches, (X * 0, Y, 30, rng)) is None


def test_calls_leave_the_callers_generator_as_it_was():
    rng = np.random.default_rng(0)
    promises.calls(promises.afresh, data_preparation.minibatches)(X, Y, 5, rng)
    assert rng.random() == np.random.default_rng(0).random()
    assert promises.calls(promises.batches, data_preparation.minibatches) is data_preparation.minibatches


def test_endless_batches_meet_the_time_limit():
    def endless(X, Y, batch_size, rng):
        while True:
            pass
        yield

    args = CASES[1][1]
    outcome = outcome_of(promises.calls(promises.repeatable, endless), args, seconds=0.2, drain=True)
    assert "gave no result" in broken_promise(promises.repeatable, outcome, data_preparation.minibatches, args)
    again = outcome_of(promises.calls(promises.afresh, endless), args, seconds=0.2, drain=True)
    assert "after 0.04 seconds" in str(again.error)  # it has never come back


def test_who_has_never_come_back_gets_less_time():
    def in_time(function, seconds):
        return outcome_of(function, (seconds,), seconds=1).error is None

    slow, endless = lambda seconds: time.sleep(seconds), lambda seconds: time.sleep(seconds)
    assert in_time(slow, 0) and not in_time(slow, 2) and in_time(slow, 0.6)
    assert not in_time(endless, 2) and not in_time(endless, 0.6)
    assert in_time(endless, 0) and in_time(endless, 0.6)  # so it was not endless after all
