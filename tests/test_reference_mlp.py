"""The MLP: gradients against central differences, first weights, training, promises, and the catalogue by itself."""

import importlib.util
import inspect
import warnings
from functools import partial

import course
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared import checks, misconceptions, mnist, promises
from shared.misconceptions import mlp as catalogue
from shared.outcomes import broken_promise, outcome_of
from shared.reference import mlp
from shared.reference.backpropagation import linear_backward, predict_proba, sgd_step, softmax_cross_entropy_backward
from shared.reference.data_preparation import accuracy, one_hot, scale_and_flatten
from shared.reference.mlp import (
    he_init,
    mlp_backward,
    mlp_forward,
    momentum_step,
    relu,
    relu_backward,
    train_mlp,
)
from shared.reference.softmax import linear_forward, log_softmax

FUNCTIONS = [relu, relu_backward, he_init, mlp_forward, mlp_backward, momentum_step, train_mlp]
NAMES = [function.__name__ for function in FUNCTIONS]
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=3).map(lambda sizes: [*sizes, 3])  # depth 1 … 3
SHARE_OF_TRAINING, SHARE_OF_TEST = 0.92, 0.89
AS_DRAWN = settings(max_examples=40, deadline=None)


@pytest.fixture(autouse=True)
def no_warning_on_promised_inputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def net(seed, sizes, m=4, dtype=np.float64):
    """A batch, weights and biases that are not 0, and soft labels."""
    rng = np.random.default_rng(seed)
    params = {
        name: (value + rng.normal(0, 0.3, value.shape)).astype(dtype) for name, value in he_init(sizes, rng).items()
    }
    return (
        rng.normal(0, 1, (m, sizes[0])).astype(dtype),
        params,
        rng.dirichlet(np.full(sizes[-1], 2.0), m).astype(dtype),
    )


def upside_down(params):
    return {name: params[name] for name in reversed(params)}


# Gradients


def loss_of(X, params, Y):
    """The mean cross-entropy, in a form of its own."""
    A, depth = X, len(params) // 2
    for layer in range(1, depth):
        A = np.where((Z := A @ params[f"W{layer}"] + params[f"b{layer}"]) > 0, Z, 0)
    return -(Y * log_softmax(A @ params[f"W{depth}"] + params[f"b{depth}"])).sum() / len(X)


@AS_DRAWN
@given(SEEDS, SIZES)
def test_gradients_agree_with_central_differences(seed, sizes):
    X, params, Y = net(seed, sizes)
    _, cache = mlp_forward(X, params)
    assume(all(np.abs(cache[f"Z{layer}"]).min() > 1e-2 for layer in range(1, len(sizes) - 1)))  # no kink is near
    grads, h = mlp_backward(cache, params, Y), 1e-5
    for name, value in params.items():
        numerical = np.empty(value.size)
        for i in range(value.size):
            moved = []
            for step in h, -h:
                other = value.copy()
                other.flat[i] += step
                moved.append(loss_of(X, params | {name: other}, Y))
            numerical[i] = (moved[0] - moved[1]) / (2 * h)
        np.testing.assert_allclose(
            grads[name].ravel(), numerical, rtol=1e-6, atol=1e-6 * max(np.abs(numerical).max(), 1e-3)
        )


@AS_DRAWN
@given(SEEDS, st.sampled_from([np.float32, np.float64]))
def test_one_layer_is_the_softmax_classifier(seed, dtype):
    X, params, Y = net(seed, [5, 3], dtype=dtype)
    P, cache = mlp_forward(X, params)
    W, b = params["W1"], params["b1"]
    _, dW, db = linear_backward(X, W, softmax_cross_entropy_backward(linear_forward(X, W, b), Y))
    grads = mlp_backward(cache, params, Y)
    for ours, theirs in (P, predict_proba(X, {"W": W, "b": b})), (grads["W1"], dW), (grads["b1"], db):
        np.testing.assert_array_equal(ours, theirs)


@AS_DRAWN
@given(SEEDS, SIZES, st.sampled_from([np.float32, np.float64]))
def test_backward_twice_gives_the_same_whatever_the_order_of_the_names(seed, sizes, dtype):
    X, params, Y = net(seed, sizes, dtype=dtype)
    P, cache = mlp_forward(X, params)
    assert cache["A0"] is X and cache[f"A{len(sizes) - 1}"] is P
    assert set(cache) == {"A0"} | {f"{each}{layer}" for layer in range(1, len(sizes)) for each in "ZA"}
    first = mlp_backward(cache, params, Y)
    second = mlp_backward(cache, params, Y)
    again = mlp_backward(upside_down(mlp_forward(X, upside_down(params))[1]), upside_down(params), Y)
    for name, value in params.items():
        assert first[name].shape == value.shape and first[name].dtype == dtype
        assert first[name].tobytes() == second[name].tobytes() == again[name].tobytes()
    assert first.keys() == params.keys()


@AS_DRAWN
@given(SEEDS, SIZES, st.sampled_from([np.float32, np.float64]))
def test_types_are_kept_and_arguments_untouched(seed, sizes, dtype):
    X, params, Y = net(seed, sizes, dtype=dtype)
    _, cache = mlp_forward(X, params)
    grads = mlp_backward(cache, params, Y)
    rate = np.float64(0.1)
    for function, args in (
        (relu, (X,)),
        (relu_backward, (X, X[::-1].copy())),
        (mlp_forward, (X, params)),
        (mlp_backward, (cache, params, Y)),
        (momentum_step, (params, upside_down(grads), grads, rate, rate)),
        (train_mlp, (X, Y.argmax(axis=1), sizes, rate, 3, 2, np.random.default_rng(seed))),
    ):
        outcome = outcome_of(function, args)
        assert outcome.error is None and not outcome.changed and not outcome.warnings
        value = outcome.value
        if function is train_mlp:
            value, history = value
            assert list(map(np.shape, history.values())) == [(2,), (2,)]
        for part in value if isinstance(value, tuple) else [value]:
            for leaf in part.values() if isinstance(part, dict) else [part]:
                assert leaf.dtype == dtype


def test_relu_at_zero_and_far_from_it():
    Z = np.array([[-1e30, -1e-45, -0.0, 0.0, 1e-45, 1e30]], dtype=np.float32)
    np.testing.assert_array_equal(relu(Z), [[0, 0, 0, 0, Z[0, 4], Z[0, 5]]])
    np.testing.assert_array_equal(relu_backward(np.full_like(Z, -2), Z), [[0, 0, 0, 0, -2, -2]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sure_and_wrong_is_finite(dtype):
    X, params, _ = net(0, [5, 4, 3], dtype=dtype)
    P, cache = mlp_forward(dtype(1e4) * X, params)
    checks.probabilities(P)
    grads = mlp_backward(cache, params, np.eye(3, dtype=dtype)[cache["Z2"].argmin(axis=1)])
    assert all(np.isfinite(value).all() for value in grads.values())


# First weights, steps, training


def test_activations_keep_their_size_through_many_layers():
    rng = np.random.default_rng(0)
    params = he_init([200] * 13 + [10], rng)
    _, cache = mlp_forward(rng.normal(0, 1, (300, 200)).astype(np.float32), params)
    spreads = [cache[f"Z{layer}"].std() for layer in range(1, 13)]
    assert 1.2 < min(spreads) and max(spreads) < 1.7  # √2 each
    assert 0.45 < np.mean(cache["Z12"] > 0) < 0.55


@AS_DRAWN
@given(SEEDS, SIZES)
def test_momentum_without_memory_is_a_plain_step_and_two_steps_sum(seed, sizes):
    X, params, Y = net(seed, sizes)
    grads = mlp_backward(mlp_forward(X, params)[1], params, Y)
    zero = {name: np.zeros_like(value) for name, value in params.items()}
    plain = sgd_step(params, grads, 0.1)
    first, velocity = momentum_step(params, grads, upside_down(zero), 0.1, 0.9)
    second, _ = momentum_step(first, grads, velocity, 0.1, 0.9)
    forgetful, _ = momentum_step(params, grads, grads, 0.1, 0.0)
    for name in params:
        np.testing.assert_allclose(first[name], plain[name], rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(forgetful[name], plain[name], rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(second[name], params[name] - 0.29 * grads[name], rtol=1e-12, atol=1e-14)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(2, 30), st.integers(1, 40), st.integers(1, 3), SIZES)
def test_training_keeps_its_promises(seed, m, batch_size, epochs, sizes):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(0, 1, (m, sizes[0])), rng.integers(0, 3, m)
    args = X, y, sizes, 0.1, batch_size, epochs, rng
    in_one = X, y, sizes, 0.1, m, epochs, rng
    apart = np.eye(m), y, [m, 3], 1e-5, batch_size, epochs, rng
    for promise, each in (
        (promises.mlp_trained, args),
        (promises.mlp_start, args[:3] + (0.0, *args[4:])),
        (promises.mlp_full_batch, in_one),
        (promises.mlp_each_sample_counts, apart),
        (promises.repeatable, args),
        (promises.mlp_follows_rng, apart),
    ):
        assert sentence(promise, train_mlp, train_mlp, each) is None


def test_ten_samples_are_learned_by_heart():
    rng = np.random.default_rng(1)
    X, y = rng.normal(0, 1, (10, 20)).astype(np.float32), np.arange(10)
    _, history = train_mlp(X, y, [20, 32, 10], 0.5, 10, 300, rng)
    assert history["accuracy"][-1] == 1 and history["loss"][-1] < 0.01


def test_six_thousand_images_in_seconds():
    data = mnist.load()
    X, y = scale_and_flatten(data.train_images[:6000]), data.train_labels[:6000]
    X_test, y_test = scale_and_flatten(data.test_images), data.test_labels
    params, history = train_mlp(X, y, [784, 64, 10], 0.1, 64, 4, np.random.default_rng(0))
    # 10 seeds: accuracy 0.931 ± 0.003 on these images, 0.905 ± 0.003 on the test images.
    assert history["accuracy"][-1] >= SHARE_OF_TRAINING and params["W1"].dtype == np.float32
    assert accuracy(y_test, mlp_forward(X_test, params)[0]) >= SHARE_OF_TEST
    assert promises.mlp_learns(SHARE_OF_TRAINING)((params, history), X, y, [784, 64, 10], 0.1, 64, 4, None) is None


# The catalogue


def right_answers():
    file = course.ROOT / "tests" / "right_answers" / "mlp.py"
    spec = importlib.util.spec_from_file_location("right_answers_mlp", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, function in vars(module).items():
        if inspect.isfunction(function):
            exercise = max((each for each in NAMES if name.startswith(f"{each}_")), key=len)
            yield getattr(mlp, exercise), function


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


def clearly_named(reference, answer, name):
    """Whether some probe rejects an answer and names this mistake, and at most one more."""
    names = {each.name for each in misconceptions.about(reference)}
    for probe in misconceptions.probes(reference):
        message = look(reference, answer, probe) or ""
        if f"({name})" in message and sum(f"({each})" in message for each in names) <= 2:
            return True
    return False


@every_wrong_answer
def test_wrong_answer_is_rejected_and_named(reference, misconception):
    assert clearly_named(reference, misconception.answer, misconception.name)


@pytest.mark.parametrize(
    "misconception",
    misconceptions.about(train_mlp),
    ids=[each.answer.__name__ for each in misconceptions.about(train_mlp)],
)
def test_wrong_trainer_is_named_whatever_it_draws(misconception):
    source = inspect.getsource(misconception.answer).partition("\n)\n")[2]
    source = source.replace("rng.permutation(len(X))", "rng.choice(len(X), len(X), replace=False)")
    source = source.replace(
        "rng.normal(0, 1, (sizes[i - 1], sizes[i]))", "rng.normal(0, 1, (sizes[i], sizes[i - 1])).T"
    )
    names = {"np": np}
    exec(source, names)
    assert clearly_named(train_mlp, names[misconception.answer.__name__], misconception.name)


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
    assert len({each.name for each in known}) >= 8 and sum(each is reference for each, _ in RIGHT) >= 3


# Right answers are not accused by chance


RANDOM = [each for each in RIGHT if each[0] in (he_init, train_mlp)]


@pytest.mark.parametrize(("reference", "function"), RANDOM, ids=[function.__name__ for _, function in RANDOM])
def test_promises_hold_for_other_seeds(reference, function):
    for probe in misconceptions.probes(reference):
        for seed in range(10):
            args = [
                np.random.default_rng(1000 + seed) if isinstance(arg, np.random.Generator) else arg
                for arg in probe.args
            ]
            assert sentence(probe.promise, function, reference, args) is None


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (None, "should return params and history, but returns None."),
        (({}, {}), "should give params with the keys 'W1', 'b1', but gives none."),
        (
            ({"loss": [1.0], "accuracy": [1.0]}, {"W1": 0, "b1": 0}),
            "returns history and params; the order is params, history.",
        ),
    ],
)
def test_forms_that_are_not_promised(result, expected):
    args = np.eye(3), np.array([0, 1, 2]), [3, 3], 0.1, 2, 3, None
    for promise in promises.mlp_trained, promises.mlp_start, promises.mlp_learns(0.5):
        assert promise(result, *args) == expected
    for promise in promises.mlp_full_batch, promises.mlp_each_sample_counts, promises.mlp_follows_rng:
        assert promise([result] * 6, *args) == expected


def test_a_bias_whose_gradient_is_zero_is_not_said_to_be_untrained():
    X, y, history = np.array([[1.0], [3.0]]), np.array([0, 1]), {"loss": [0.5], "accuracy": [0.5]}
    start = {"W1": np.zeros((1, 2)), "b1": np.zeros(2)}
    end = {"W1": np.array([[-0.7, 0.7]]), "b1": np.zeros(2)}
    said = promises.mlp_full_batch([(start, history), (end, history)], X, y, [1, 2], 1.0, 2, 1, None)
    assert said == "leads to another W1 than 1 step of gradient descent from its start."


# Mistakes that stand in no catalogue are told from those that do


def first_weights(sizes, scale, draw=np.random.Generator.normal, bias=0):
    """First parameters whose W have the standard deviation `scale(fan_in, fan_out, last)`."""
    rng, params, last = np.random.default_rng(0), {}, len(sizes) - 1
    for layer in range(1, len(sizes)):
        shape = sizes[layer - 1], sizes[layer]
        W = scale(*shape, layer == last) * draw(rng, size=shape)
        params |= {f"W{layer}": np.float32(W), f"b{layer}": np.full(shape[1], bias, np.float32)}
    return params


def he(fan_in, fan_out, last):
    return np.sqrt(2 / fan_in)


def truncated(rng, size):
    Z = rng.normal(size=size)
    while (far := np.abs(Z) > 3).any():
        Z[far] = rng.normal(size=far.sum())
    return Z / Z.std()


@pytest.mark.parametrize(
    ("params", "sizes", "expected"),
    [
        (first_weights([300, 70, 20], lambda n, k, last: 2**0.5 / n), [300, 70, 20], "W1 of variance 2 / fan_in²;"),
        (
            first_weights([300, 70, 20], lambda n, k, last: (3 * n) ** -0.5),
            [300, 70, 20],
            "W1 of variance 1 / (3 fan_in);",
        ),
        (
            first_weights([300, 70, 20], lambda n, k, last: ((2 - last) / n) ** 0.5),
            [300, 70, 20],
            "W2 of variance 1 / fan_in;",
        ),
        (
            first_weights([2, 1000, 3], lambda n, k, last: (2 / (n + 1)) ** 0.5),
            [2, 1000, 3],
            "W1 whose variance is below",
        ),
        (
            first_weights([2, 1000, 3], lambda n, k, last: (2 / (n - 1)) ** 0.5),
            [2, 1000, 3],
            "W1 whose variance is above",
        ),
        (first_weights([40, 30, 5], he, bias=0.1), [40, 30, 5], "a b1 of equal numbers other than 0."),
        (
            first_weights([40, 30, 5], lambda *_: 1, lambda rng, size: np.ones(size)),
            [40, 30, 5],
            "a W1 of equal numbers only.",
        ),
        (
            first_weights([40, 30, 5], he, lambda rng, size: rng.normal(size=size).round(1)),
            [40, 30, 5],
            "a W1 with the same numbers in it again and again.",
        ),
        (
            first_weights([40, 30, 5], he, lambda rng, size: np.tile(rng.normal(size=(size[0], 1)), size[1])),
            [40, 30, 5],
            "a W1 whose columns are all the same.",
        ),
        (
            first_weights([784, 128, 10], he, truncated),
            [784, 128, 10],
            "W1 of the right variance, but not from a normal",
        ),
        (
            first_weights([300, 70, 20], he, lambda rng, size: rng.standard_t(5, size) / (5 / 3) ** 0.5),
            [300, 70, 20],
            "W1 of the right variance, but not from a normal",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_first_weights_are_judged_by_what_is_wrong_with_them(params, sizes, expected):
    assert expected in promises.initialised(params, sizes, None)
    start = {name: value.astype(np.float64) for name, value in params.items()}, {"loss": [1.0], "accuracy": [1.0]}
    said = promises.mlp_start(start, np.zeros((2, sizes[0])), np.array([0, 1]), sizes, 0.0, 2, 1, None)
    assert said.startswith("starts from ") and expected in said


def test_first_weights_in_one_memory():
    params = first_weights([9, 6, 6, 4], he)
    assert promises.initialised(params, [9, 6, 6, 4], None) is None
    params["b2"] = params["b1"]
    assert "gives b1 and b2 the same memory" in promises.initialised(params, [9, 6, 6, 4], None)


def test_first_weights_of_several_calls():
    def drawn():
        return first_weights([5, 4, 3], lambda *_: 1, lambda _, size: rng.normal(size=size))

    rng = np.random.default_rng(0)
    several = [drawn() for _ in range(5)]
    assert promises.initialised_afresh(several, [5, 4, 3], None) is None
    one, *others = several
    assert "the same arrays at every call" in promises.initialised_afresh([one, one, *others[1:]], [5, 4, 3], None)
    for each in several:
        each["W2"] = one["W2"].copy()
    assert "draws nothing from rng for W2: every" in promises.initialised_afresh(several, [5, 4, 3], None)
    several[4]["W2"] = drawn()["W2"]
    assert "the same weights for W2 when" in promises.initialised_afresh(several, [5, 4, 3], None)
    history = {"loss": [1.0], "accuracy": [1.0]}
    single = [(params, history) for params in several[:3]]
    args = np.zeros((2, 5), np.float32), np.array([0, 1]), [5, 4, 3], 0.0, 2, 1, None
    assert "starts from the same weights for W2 with" in promises.mlp_start_follows_rng(single, *args)


def trainer(*replacements):
    """A right answer to `train_mlp`, with pieces of its source replaced."""
    source = inspect.getsource(catalogue.train_percentage).partition("\n)\n")[2].replace("100 * ", "")
    for old, new in replacements:
        assert source.count(old), old
        source = source.replace(old, new)
    names = {"np": np}
    exec(source, names)
    return names["train_percentage"]


def separate(batch_size, epochs):
    return np.eye(40), np.arange(40) % 5, [40, 5], 1e-5, batch_size, epochs, np.random.default_rng(2)


def together(learning_rate, epochs, factor=1.0):
    rng = np.random.default_rng(3)
    y = rng.permutation(np.arange(26) % 4)
    X = factor * (rng.normal(0, 1, (4, 6))[y] + rng.normal(0, 0.7, (26, 6)))
    X[0] = 0
    return X, y, [6, 8, 7, 6, 4], learning_rate, 26, epochs, rng


RATE, ORDER, LOSS = "learning_rate * d", "order = rng.permutation(len(X))", "(np.log(np.exp(Z).sum(axis=1)) - Z["
BATCHES, MASK, SHARE = "range(0, len(X), batch_size)", "(A[i - 1] > 0)", "np.mean(Z.argmax(axis=1) == y)"
EACH, FULL = promises.mlp_each_sample_counts, promises.mlp_full_batch


@pytest.mark.parametrize(
    ("promise", "replacement", "args", "expected"),
    [
        (
            EACH,
            (BATCHES, "range(0, len(X) - 1, batch_size)"),
            separate(13, 1),
            "drops the last batch of every epoch: 1 of",
        ),
        (EACH, (ORDER, "order = rng.integers(0, 40, 40)"), separate(8, 2), "does not use every sample once an epoch"),
        (EACH, (ORDER, f"{ORDER} if history['loss'] else np.arange(40)"), separate(33, 1), "does not shuffle"),
        (
            EACH,
            (RATE, "learning_rate / (1 + start) * d"),
            separate(8, 1),
            "moves W1 by other amounts than every sample",
        ),
        (EACH, (RATE, f"{RATE[:-4]} / (1 + len(history['loss'])) * d"), separate(8, 2), "moves W1 by other amounts"),
        (FULL, (MASK, "1"), together(0.3, 3), "passes gradients back as if there were no ReLU."),
        (FULL, (MASK, "np.where(A[i - 1] > 0, 1, 0.01)"), together(0.3, 3), "through a leaky ReLU"),
        (FULL, (MASK, f"({MASK} | (X[batch] == 0).all(axis=1)[:, None])"), together(2.0, 4), "leads to another"),
        (FULL, (RATE, f"(i < 4) * {RATE}"), together(0.3, 3), "never trains W4, b4."),
        (FULL, (RATE, f"{RATE[:-4]} / (1 + len(history['loss'])) * d"), together(0.3, 3), "leads to another"),
        (
            FULL,
            (SHARE, f"({SHARE} if history['accuracy'] else 0)"),
            together(0.3, 3),
            "other accuracies for the earlier",
        ),
        (FULL, (SHARE, f"1 - {SHARE}"), together(0.3, 3), "gives the share of wrong answers as the accuracy."),
        (FULL, (LOSS, f"0.5 * {LOSS}"), together(0.3, 3), "gives a last loss that the returned parameters do not have"),
        (FULL, (LOSS, f"(not history['loss']) + {LOSS}"), together(0.3, 3), "other losses for the earlier epochs"),
        (
            FULL,
            ("Z = Z - Z.max(axis=1, keepdims=True)", "pass"),
            together(1e-5, 2, 1e3),
            "gives a loss that is inf or nan",
        ),
    ],
)
def test_training_is_judged_by_what_is_wrong_with_it(promise, replacement, args, expected):
    assert sentence(promise, trainer(), train_mlp, args) is None
    with np.errstate(all="ignore"):
        assert expected in sentence(promise, trainer(replacement), train_mlp, args)


def test_mistake_without_a_name_gets_none():
    for replacement in (
        (MASK, "np.where(A[i - 1] > 0, 1, 0.01)"),
        (RATE, f"{RATE[:-4]} / (1 + len(history['loss'])) * d"),
    ):
        for args in together(0.3, 3), separate(33, 2):
            promise = FULL if args[4] == 26 else EACH
            try:
                checks.holds(promise, trainer(replacement), train_mlp, *args)
            except AssertionError as error:
                assert "exactly" not in str(error)


def test_parameters_in_the_arrays_of_the_last_call_are_told_from_untrained_ones():
    kept = {}

    def reuses(*args):
        params, history = train_mlp(*args)
        for name, value in params.items():
            kept.setdefault(name, np.empty_like(value))[...] = value
        return kept, history

    assert "the same arrays at every call" in sentence(FULL, reuses, train_mlp, together(0.3, 3))


def test_one_hot_labels_of_the_wrong_number_of_classes_are_refused():
    with pytest.raises(ValueError):
        train_mlp(np.eye(3), np.array([0, 1, 2]), [3, 2], 0.1, 2, 1, np.random.default_rng(0))
    assert one_hot(np.array([1]), 2).shape == (1, 2)
