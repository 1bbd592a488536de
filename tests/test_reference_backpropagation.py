"""Backpropagation: gradients against central differences, training, promises, and the catalogue by itself."""

import importlib.util
import inspect
import warnings
from functools import partial

import course
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared import checks, misconceptions, mnist, promises, scalar_functions
from shared.misconceptions import backpropagation as catalogue
from shared.outcomes import broken_promise, outcome_of
from shared.reference import backpropagation
from shared.reference.backpropagation import (
    corrected_backward,
    cross_entropy_backward,
    gradient_check,
    linear_backward,
    predict_proba,
    sgd_step,
    softmax_cross_entropy_backward,
    train_softmax_classifier,
)
from shared.reference.cross_entropy import cross_entropy
from shared.reference.data_preparation import accuracy, one_hot, scale_and_flatten
from shared.reference.softmax import linear_forward, log_softmax, softmax
from shared.reference.softmax_jacobian import relative_error, softmax_vjp

FUNCTIONS = [
    cross_entropy_backward,
    softmax_cross_entropy_backward,
    linear_backward,
    gradient_check,
    sgd_step,
    train_softmax_classifier,
    corrected_backward,
]
NAMES = [function.__name__ for function in FUNCTIONS]
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.tuples(st.integers(1, 5), st.integers(2, 6), st.integers(2, 4))  # m, d, K
EVERYTHING = 10**6  # as many samples of a gradient check as there are entries


@pytest.fixture(autouse=True)
def no_warning_on_promised_inputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def model(seed, sizes, dtype=np.float64):
    """A random batch, weights and soft labels, with gradients far enough from 0 to be checked."""
    rng = np.random.default_rng(seed)
    m, d, K = sizes
    X, W, b = rng.normal(0, 1, (m, d)), rng.normal(0, 0.5, (d, K)), rng.normal(0, 0.5, K)
    Y = rng.dirichlet(np.full(K, 2.0), m)
    return [array.astype(dtype) for array in (X, W, b, Y)]


def loss_of_logits(Z, Y):
    """The mean cross-entropy by its definition, in a form of its own."""
    return -(Y * log_softmax(Z)).sum() / len(Z)


# Gradients


def assert_gradient(f, grad, x):
    """Agreement with central differences to 1e-7 of each entry, or of a ten-thousandth of the largest one."""
    error = gradient_check(f, grad, x, np.random.default_rng(0), EVERYTHING)
    floor = 1e-3 * np.abs(grad).max()
    if error >= 1e-7:  # the relative error of an entry next to 0 is that of rounding
        kept = np.abs(grad) > floor
        numerical = np.array([slope(f, x, i) for i in range(x.size)]).reshape(x.shape)
        assert relative_error(grad[kept], numerical[kept]) < 1e-7
        np.testing.assert_allclose(numerical[~kept], grad[~kept], atol=1e-7 * max(np.abs(grad).max(), 1))


def slope(f, x, i, h=1e-3):
    """By five points, of which the middle one does not count: off by about h⁴, and a longer h spares digits."""
    ends = np.tile(x.ravel(), (4, 1))
    ends[:, i] += -2 * h, -h, h, 2 * h
    far_below, below, above, far_above = (f(end.reshape(x.shape)) for end in ends)
    return (far_below - 8 * below + 8 * above - far_above) / (12 * h)


@given(SEEDS, SIZES)
def test_gradient_of_the_loss_by_the_probabilities(seed, sizes):
    _, _, _, Y = model(seed, sizes)
    P = np.random.default_rng(seed).dirichlet(np.full(sizes[2], 5.0), sizes[0]) + 0.01
    assert_gradient(lambda P: cross_entropy(P, Y), cross_entropy_backward(P, Y), P)


@given(SEEDS, SIZES)
@pytest.mark.parametrize("function", [softmax_cross_entropy_backward, corrected_backward])
def test_gradient_of_the_loss_by_the_logits(function, seed, sizes):
    X, W, b, Y = model(seed, sizes)
    Z = linear_forward(X, W, b)
    assert_gradient(lambda Z: loss_of_logits(Z, Y), function(Z, Y), Z)


@given(SEEDS, SIZES)
def test_gradients_of_the_loss_by_all_that_goes_in(seed, sizes):
    X, W, b, Y = model(seed, sizes)
    dX, dW, db = linear_backward(X, W, softmax_cross_entropy_backward(linear_forward(X, W, b), Y))
    assert_gradient(lambda X: loss_of_logits(linear_forward(X, W, b), Y), dX, X)
    assert_gradient(lambda W: loss_of_logits(linear_forward(X, W, b), Y), dW, W)
    assert_gradient(lambda b: loss_of_logits(linear_forward(X, W, b), Y), db, b)


@given(SEEDS, SIZES)
def test_the_identity_is_the_jacobian_applied_to_the_gradient_of_the_loss(seed, sizes):
    X, W, b, Y = model(seed, sizes)
    Z = linear_forward(X, W, b)
    P = softmax(Z)
    through_both = softmax_vjp(P, cross_entropy_backward(P, Y))
    np.testing.assert_allclose(softmax_cross_entropy_backward(Z, Y), through_both, rtol=0, atol=4e-16)


@given(SEEDS, SIZES, st.sampled_from([np.float32, np.float64]), st.sampled_from([1, 1e2, 1e4]))
def test_rows_of_the_logits_gradient_sum_to_zero(seed, sizes, dtype, scale):
    X, W, b, Y = model(seed, sizes, dtype)
    dZ = softmax_cross_entropy_backward(dtype(scale) * linear_forward(X, W, b), Y)
    room = 8 * np.finfo(dtype).eps
    assert dZ.dtype == dtype and np.abs(dZ.sum(axis=1)).max() <= room
    assert np.abs(dZ).max() <= (1 + room) / len(X)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", [softmax_cross_entropy_backward, corrected_backward])
def test_logits_of_ten_thousand(function, dtype):
    Z = np.array([[1e4, 0, -1e4], [-1e4, 0, 1e4], [-np.inf, 0, 1e30]], dtype=dtype)
    dZ = function(Z, np.eye(3, dtype=dtype)[[0, 0, 1]])
    np.testing.assert_allclose(3 * dZ, [[0, 0, 0], [-1, 0, 1], [0, -1, 1]], rtol=1e-6)
    assert dZ.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_impossible_and_nearly_impossible_classes(dtype):
    tiny = np.finfo(dtype).smallest_subnormal
    P = np.array([[0, 1], [0, 1], [tiny, 1], [tiny, 1]], dtype=dtype)
    dP = cross_entropy_backward(P, np.array([[0, 1], [1, 0], [0, 1], [0.5, 0.5]], dtype=dtype))
    np.testing.assert_array_equal(dP[[0, 1, 2]], [[0, -0.25], [-np.inf, 0], [0, -0.25]])
    assert dP[3, 0] == -np.inf and dP.dtype == dtype
    assert not np.signbit(dP[P == 0][0])


def test_integer_logits_are_taken_as_float64():
    Z, Y = np.array([[0, 1, 2]]), np.eye(3, dtype=np.float32)[:1]
    np.testing.assert_array_equal(
        softmax_cross_entropy_backward(Z, Y), softmax_cross_entropy_backward(Z.astype(np.float64), Y)
    )


@given(SEEDS, SIZES, st.sampled_from([np.float32, np.float64]))
def test_types_are_kept_and_arguments_untouched(seed, sizes, dtype):
    X, W, b, Y = model(seed, sizes, dtype)
    Z = linear_forward(X, W, b)
    params, grads = {"W": W, "b": b}, {"b": b, "W": W}
    y, rng = Y.argmax(axis=1), np.random.default_rng(seed)
    for function, args in (
        (cross_entropy_backward, (softmax(Z), Y)),
        (softmax_cross_entropy_backward, (Z, Y)),
        (corrected_backward, (Z, Y)),
        (linear_backward, (X, W, Z)),
        (sgd_step, (params, grads, 0.5)),
        (sgd_step, (params, grads, np.float64(0.5))),
        (train_softmax_classifier, (X, y, sizes[2], np.float64(0.1), 2, 2, rng)),
        (predict_proba, (X, params)),
        (gradient_check, (scalar_functions.sum_of_cubes, 3 * X**2, X, rng, 3)),
    ):
        outcome = outcome_of(function, args)
        assert outcome.error is None and not outcome.changed and not outcome.warnings
        value = outcome.value
        if function is train_softmax_classifier:
            value, history = value
            assert list(map(np.shape, history.values())) == [(2,), (2,)]
        leaves = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
        for leaf in leaves:
            assert leaf.dtype == (np.float64 if function is gradient_check else dtype)


# The gradient check


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("samples", [1, 7, 20, 1000])
def test_right_gradients_pass(dtype, samples):
    x = np.random.default_rng(1).uniform(-1, 1, (6, 9)).astype(dtype)
    exact = x.astype(np.float64)
    for f, grad in (
        (scalar_functions.sum_of_cubes, 3 * exact**2 + (exact == 0)),
        (scalar_functions.sum_of_exponentials, 4 * np.exp(4 * exact)),
        (scalar_functions.sum_of_log_sum_exp, softmax(exact)),
    ):
        assert gradient_check(f, grad, x, np.random.default_rng(2), samples) < 1e-7


@given(SEEDS, st.integers(1, 40))
def test_a_planted_error_is_found_whenever_its_entry_is_looked_at(seed, samples):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.5, 1, (4, 5))
    visited = set()

    def f(moved):
        visited.update(np.flatnonzero(moved != x).tolist())
        return (moved**3).sum()

    grad = 3 * x**2
    wrong = int(rng.integers(x.size))
    grad.flat[wrong] *= 1.1
    error = gradient_check(f, grad, x, rng, samples)
    assert len(visited) == min(samples, x.size)  # all of them different
    if wrong in visited:
        np.testing.assert_allclose(error, 0.1 / 2.1, rtol=1e-6)
    else:
        assert error < 1e-7


@pytest.mark.parametrize("change", [np.transpose, lambda x: x[::-1, ::2], np.asfortranarray])
def test_arrays_in_any_memory_order(change):
    x = change(np.random.default_rng(0).uniform(0.5, 1, (4, 6)))
    before = x.copy()
    assert gradient_check(scalar_functions.sum_of_cubes, 3 * x**2, x, np.random.default_rng(0)) < 1e-7
    np.testing.assert_array_equal(x, before)
    x.flags.writeable = False
    assert gradient_check(scalar_functions.sum_of_cubes, 2 * x**2, x, np.random.default_rng(0)) > 0.19


# Steps and training


def test_a_step_makes_new_arrays_whatever_the_order_of_the_names():
    params, grads = {"W": np.ones((2, 2)), "b": np.ones(2)}, {"b": np.full(2, 3.0), "W": np.zeros((2, 2))}
    new = sgd_step(params, grads, 0.5)
    assert new.keys() == params.keys() and not np.shares_memory(new["W"], params["W"])
    np.testing.assert_array_equal(new["W"], 1)
    np.testing.assert_array_equal(new["b"], -0.5)


@given(SEEDS, SIZES)
def test_a_small_step_lowers_the_loss_by_the_squared_gradient(seed, sizes):
    X, W, b, Y = model(seed, sizes)
    params = {"W": W, "b": b}
    _, dW, db = linear_backward(X, W, softmax_cross_entropy_backward(linear_forward(X, **params), Y))
    rate = 1e-6
    after = loss_of_logits(linear_forward(X, **sgd_step(params, {"W": dW, "b": db}, rate)), Y)
    fall = (loss_of_logits(linear_forward(X, **params), Y) - after) / rate
    np.testing.assert_allclose(fall, (dW**2).sum() + (db**2).sum(), rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_promises_ask_for_no_more_of_a_bias_near_zero_than_rounding_leaves(dtype):
    rng = np.random.default_rng(222826396)  # three samples of each class: the first gradient of b is 0 but for rounding
    X, y = rng.normal(0, 1, (12, 3)).astype(dtype), rng.integers(0, 4, 12)
    assert set(np.bincount(y)) == {3}
    for promise, args in (
        (promises.full_batch, (X, y, 4, 0.1, 12, 1, rng)),
        (promises.each_sample_counts, (np.eye(12, dtype=dtype), y, 4, 1e-5, 12, 1, rng)),
    ):
        assert sentence(promise, train_softmax_classifier, train_softmax_classifier, args) is None


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(1, 30), st.integers(1, 40), st.integers(1, 3))
def test_training_keeps_its_promises(seed, m, batch_size, epochs):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(0, 1, (m, 3)), rng.integers(0, 4, m)
    args = X, y, 4, 0.1, batch_size, epochs, rng
    in_one = X, y, 4, 0.1, m, epochs, rng
    apart = np.eye(m), y, 4, 1e-5, batch_size, epochs, rng
    for promise, each in (
        (promises.trained, args),
        (promises.full_batch, in_one),
        (promises.each_sample_counts, apart),
        (promises.repeatable, args),
        (promises.follows_rng, apart),
    ):
        assert sentence(promise, train_softmax_classifier, train_softmax_classifier, each) is None


def test_convex_so_that_more_training_from_zero_leads_where_any_start_would():
    rng = np.random.default_rng(3)
    X, y = rng.normal(0, 1, (60, 4)), rng.integers(0, 3, 60)
    params, history = train_softmax_classifier(X, y, 3, 0.5, 60, 400, rng)
    assert (np.diff(history["loss"]) < 1e-12).all() and history["loss"][0] < np.log(3)
    dZ = softmax_cross_entropy_backward(linear_forward(X, **params), one_hot(y, 3))
    assert max(np.abs(X.T @ dZ).max(), np.abs(dZ.sum(axis=0)).max()) < 1e-4  # next to flat: the only minimum
    for _ in range(20):  # no step in any direction leads lower
        other = {name: value + rng.normal(0, 0.3, value.shape) for name, value in params.items()}
        assert loss_of_logits(linear_forward(X, **other), one_hot(y, 3)) > history["loss"][-1]


def test_six_thousand_images_in_a_second_or_so():
    data = mnist.load()
    X, y = scale_and_flatten(data.train_images[:6000]), data.train_labels[:6000]
    X_test, y_test = scale_and_flatten(data.test_images), data.test_labels
    params, history = train_softmax_classifier(X, y, 10, 0.1, 64, 4, np.random.default_rng(0))
    # 24 seeds: accuracy 0.9047 ± 0.0021 and loss 0.3745 ± 0.0010 on these images, 0.8891 ± 0.0014 on the test images.
    assert history["accuracy"][-1] >= 0.895 and history["loss"][-1] < 0.38
    assert accuracy(y_test, predict_proba(X_test, params)) >= 0.88
    assert params["W"].dtype == np.float32
    assert promises.learns(0.895)((params, history), X, y, 10, 0.1, 64, 4, None) is None


def test_probabilities_of_new_samples():
    params = {"b": np.array([0.0, 1.0]), "W": np.array([[1.0, 0.0]])}
    checks.probabilities(predict_proba(np.array([[1.0], [1e4], [-1e4]]), params))
    np.testing.assert_allclose(predict_proba(np.array([[1.0], [1e4]]), params), [[0.5, 0.5], [1, 0]])


# The catalogue


def right_answers():
    file = course.ROOT / "tests" / "right_answers" / "backpropagation.py"
    spec = importlib.util.spec_from_file_location("right_answers_backpropagation", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, function in vars(module).items():
        if inspect.isfunction(function):
            exercise = max((each for each in NAMES if name.startswith(f"{each}_")), key=len)
            yield getattr(backpropagation, exercise), function


RIGHT = list(right_answers())
WRONG = [(reference, each) for reference in FUNCTIONS for each in misconceptions.about(reference)]
every_wrong_answer = pytest.mark.parametrize(
    ("reference", "misconception"), WRONG, ids=[f"{each[0].__name__}-{each[1].answer.__name__}" for each in WRONG]
)


def sentence(promise, function, reference, args):
    return broken_promise(promise, outcome_of(promises.calls(promise, function), args, drain=True), reference, args)


def look(reference, answer, probe):
    """What a check says of an answer on a probe, with line breaks undone."""
    try:
        if probe.promise:
            checks.holds(probe.promise, answer, reference, *probe.args)
        else:
            checks.matches(answer, reference, *probe.args, rtol=probe.rtol)
    except AssertionError as error:
        return " ".join(str(error).split())
    return None


def said_until(enough, reference, answer):
    """For each probe that rejects an answer, the misconceptions that are named, up to where those are enough."""
    said = []
    for probe in misconceptions.probes(reference):
        if message := look(reference, answer, probe):
            said.append({each.name for each in misconceptions.about(reference) if f"({each.name})" in message})
            if enough(said[-1]):
                break
    return said


@every_wrong_answer
def test_wrong_answer_is_rejected_and_named(reference, misconception):
    def clear(names):  # nothing else but perhaps one more mistake is named
        return misconception.name in names and len(names) <= 2

    said = said_until(clear, reference, misconception.answer)
    assert said, "no probe rejects it"
    assert clear(said[-1]), said


OTHER_DRAWS = {
    "rng.permutation(len(X))": "rng.choice(len(X), len(X), replace=False)",
    "rng.choice(x.size, min(samples, x.size), replace=False)": "rng.permutation(x.size)[:samples]",
}
# Drawn by other means, their mistakes lie in the draws themselves.
DRAWN = [
    (reference, each) for reference, each in WRONG if any(old in inspect.getsource(each.answer) for old in OTHER_DRAWS)
]


@pytest.mark.parametrize(("reference", "misconception"), DRAWN, ids=[each.answer.__name__ for _, each in DRAWN])
def test_wrong_answer_is_named_whatever_it_draws(reference, misconception):
    source = inspect.getsource(misconception.answer).partition("\n)\n")[2]
    for old, new in OTHER_DRAWS.items():
        source = source.replace(old, new)
    names = {"np": np}
    exec(source, names)
    said = said_until(lambda found: misconception.name in found, reference, names[misconception.answer.__name__])
    assert said and misconception.name in said[-1], said


@every_wrong_answer
def test_wrong_answer_stands_alone(reference, misconception):
    names = {"np": np}
    exec(inspect.getsource(misconception.answer).partition("\n)\n")[2], names)
    own = names[misconception.answer.__name__]
    assert set(own.__code__.co_names) & set(vars(catalogue)) <= {"np"}
    assert misconception.hint.endswith("?") and not misconception.why.endswith(".")


@pytest.mark.parametrize(("reference", "function"), RIGHT, ids=[function.__name__ for _, function in RIGHT])
def test_right_answer_passes_every_probe_without_a_warning(reference, function):
    for probe in misconceptions.probes(reference):
        assert look(reference, function, probe) is None
        assert not outcome_of(function, probe.args, drain=True).warnings


@pytest.mark.parametrize("reference", FUNCTIONS, ids=NAMES)
def test_reference_passes_and_there_are_enough_of_each(reference):
    for probe in misconceptions.probes(reference):
        assert look(reference, partial(reference), probe) is None
        assert not outcome_of(reference, probe.args).warnings
    known = misconceptions.about(reference)
    assert len({each.name for each in known}) >= 8 and sum(each is reference for each, _ in RIGHT) >= 4


# Right answers are not accused by chance


RANDOM = [each for each in RIGHT if each[0] in (gradient_check, train_softmax_classifier)]


@pytest.mark.parametrize(("reference", "function"), RANDOM, ids=[function.__name__ for _, function in RANDOM])
def test_promises_hold_for_other_seeds(reference, function):
    for probe in misconceptions.probes(reference):
        if probe.promise:
            for seed in range(10):
                args = [
                    np.random.default_rng(1000 + seed) if isinstance(arg, np.random.Generator) else arg
                    for arg in probe.args
                ]
                assert sentence(probe.promise, function, reference, args) is None


def test_few_samples_are_not_blamed_for_an_accident():
    """Two samples in two orders: nothing is said of what may be chance."""

    def unshuffled(X, y, num_classes, learning_rate, batch_size, epochs, rng):
        return train_softmax_classifier(X, y, num_classes, learning_rate, batch_size, epochs, np.random.default_rng(0))

    args = np.eye(3), np.array([0, 1, 2]), 3, 1e-5, 2, 3, np.random.default_rng(0)
    for promise in promises.each_sample_counts, promises.follows_rng:
        assert sentence(promise, unshuffled, train_softmax_classifier, args) is None


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (None, "should return params and history, but returns None."),
        (({}, {}), "should give params with the keys 'W', 'b', but gives none."),
        ((1, {}), "should give params as a dict, but gives a value of type int."),
    ],
)
def test_forms_that_are_not_promised(result, expected):
    args = np.eye(3), np.array([0, 1, 2]), 3, 0.1, 2, 3, None
    for promise in promises.trained, promises.each_sample_counts, promises.learns(0.5):
        assert promise(result, *args) == expected


@given(arrays(np.float64, (2, 3), elements=st.floats(-2, 2)))
def test_scalar_functions_have_the_gradients_they_tell(x):
    for f, grad in (
        (scalar_functions.sum_of_cubes, 3 * x**2),
        (scalar_functions.sum_of_exponentials, 4 * np.exp(4 * x)),
        (scalar_functions.sum_of_log_sum_exp, softmax(x)),
    ):
        numerical = np.array([slope(f, x, i) for i in range(x.size)]).reshape(x.shape)
        np.testing.assert_allclose(numerical, grad, rtol=1e-6, atol=1e-6)
