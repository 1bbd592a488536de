"""Five published notebooks, called A to E, and everything they do done here: a test a row, a notebook a parameter.

What they get wrong is on the page docs/mistakes.md, whose links the last tests follow.
"""

import ast
import gzip
import itertools
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace
from urllib.parse import unquote

import course
import numpy as np
import pytest

from shared import animations, checks, mnist, plots
from shared.reference import MODULES, find
from shared.reference.backpropagation import gradient_check, predict_proba, sgd_step, train_softmax_classifier
from shared.reference.cross_entropy import (
    cross_entropy,
    cross_entropy_from_logits,
    mean_squared_error,
    negative_log_likelihood,
)
from shared.reference.data_preparation import (
    accuracy,
    minibatches,
    one_hot,
    one_hot_columns,
    scale_and_flatten,
    to_columns,
    train_validation_split,
)
from shared.reference.mlp import he_init, mlp_backward, mlp_forward, momentum_step, relu, relu_backward, train_mlp
from shared.reference.softmax import linear_forward, log_softmax, predict, softmax, softmax_columns
from shared.reference.softmax_jacobian import softmax_vjp

FIELDS = ("train_images", "train_labels", "test_images", "test_labels")
SOFTMAX, SMALL, LARGE = [784, 10], [784, 10, 10], [784, 128, 64, 10]
LOG_10 = np.log(10)


def for_each(names, **cases):
    """Parametrise a test by notebooks: A="what it does", or A=("what it does", further values)."""
    cases = {column: case if isinstance(case, tuple) else (case,) for column, case in cases.items()}
    ids = [f"{column[0]}: {case[0]}" for column, case in cases.items()]
    values = [case[1:] if names.count(",") else case[-1] for case in cases.values()]
    return pytest.mark.parametrize(names, values, ids=ids)


@pytest.fixture(scope="module")
def data():
    """MNIST as one would use it."""
    found = mnist.load(mnist.BUILT_IN)
    return SimpleNamespace(
        X=scale_and_flatten(found.train_images),  # (60000, 784) float32
        y=found.train_labels,
        X_test=scale_and_flatten(found.test_images),
        y_test=found.test_labels,
    )


def train(params, batches, rates, beta=0.0):
    """Descend from any start, one step a batch; with momentum where beta is above 0."""
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for (X, Y), rate in zip(batches, rates, strict=False):
        _, cache = mlp_forward(X, params)
        params, velocity = momentum_step(params, mlp_backward(cache, params, Y), velocity, rate, beta)
    return params


def epochs(X, y, batch_size, count, rng, smoothing=0.0):
    """The batches of several epochs, part of each label spread over all classes."""
    Y = ((1 - smoothing) * one_hot(y, 10) + smoothing / 10).astype(X.dtype)
    return itertools.chain.from_iterable(minibatches(X, Y, batch_size, rng) for _ in range(count))


def share_right(X, y, params):
    return accuracy(y, mlp_forward(X, params)[0])


def master(number):
    (path,) = course.ROOT.glob(f"solutions/{number:02d}-*/*.ipynb")
    return course.read(path)


def defined(notebook, *names):
    """Functions and classes of a notebook's story, by the names that its cells give them."""
    space = course.namespace(notebook)
    space |= {function: find(function) for function in ("relu", "relu_backward")}
    for cell in course.cells(notebook, "story"):
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
                    course.define(ast.unparse(node), space)
    return [space[name] for name in names]


# ------------------------------------------------------------------------------------------------------- data


def as_npz(folder, original):
    np.savez(folder / "mnist.npz", **dict(zip(mnist.NPZ_KEYS, original.values(), strict=True)))


def as_idx(folder, original):
    for name, array in zip(mnist.SHAPES, original.values(), strict=True):
        header = [0, 0, 8, array.ndim], *(size.to_bytes(4, "big") for size in array.shape)
        (folder / name).write_bytes(b"".join(map(bytes, header)) + array.tobytes())


def as_gzipped_idx(folder, original):
    for name in mnist.SHAPES:
        shutil.copy(mnist.BUILT_IN / f"{name}.gz", folder)


@pytest.fixture(scope="module")
def original():
    """The four arrays, read with nothing of the course."""
    arrays = {}
    for field, (name, shape) in zip(FIELDS, mnist.SHAPES.items(), strict=True):
        raw = gzip.decompress((mnist.BUILT_IN / f"{name}.gz").read_bytes())
        arrays[field] = np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
    return arrays


@for_each(
    "form, write",
    A=("a local helper", "gzipped IDX files in shared/data", None),
    B=("Keras npz", "a Keras npz file", as_npz),
    C=("raw IDX", "IDX files", as_idx),
    E=("gzipped IDX", "gzipped IDX files", as_gzipped_idx),
)
def test_data(form, write, original, tmp_path, monkeypatch):
    monkeypatch.delenv("DIGITS_DATA_DIR", raising=False)
    if write:
        write(tmp_path, original)
        monkeypatch.setenv("DIGITS_DATA_DIR", str(tmp_path))
    found = mnist.load()
    assert found.source.startswith(form)
    for field, expected in original.items():
        np.testing.assert_array_equal(getattr(found, field), expected, strict=True)


@for_each("_", D="CSV, label first, with a header")
def test_data_in_rows(_, original, tmp_path):
    """500 rows, as the file's reader makes them; all 70,000 are in test_mnist.py."""
    images, labels = original["train_images"][:500], original["train_labels"][:500]
    header = ",".join(["label", *(f"pixel{i}" for i in range(784))])
    rows = np.column_stack([labels, images.reshape(500, 784)])
    np.savetxt(tmp_path / "train.csv", rows, fmt="%d", delimiter=",", header=header, comments="")
    found_images, found_labels = mnist.load_csv(tmp_path / "train.csv")
    np.testing.assert_array_equal(found_images, images, strict=True)
    np.testing.assert_array_equal(found_labels, labels, strict=True)


# --------------------------------------------------------------------------------------------- layout and type


def train_columns(params, X, Y, learning_rate, steps):
    """Full batches with a sample a column: X (d, m), Y (K, m), W (fan_out, fan_in), b (fan_out, 1)."""
    depth = len(params) // 2
    for _ in range(steps):
        activations, logits = [X], []
        for layer in range(1, depth + 1):
            logits.append(params[f"W{layer}"] @ activations[-1] + params[f"b{layer}"])
            activations.append(relu(logits[-1]) if layer < depth else softmax_columns(logits[-1]))
        dZ, grads = (activations[-1] - Y) / Y.shape[1], {}
        for layer in range(depth, 0, -1):
            grads[f"W{layer}"] = dZ @ activations[layer - 1].T
            grads[f"b{layer}"] = dZ.sum(axis=1, keepdims=True)
            if layer > 1:
                dZ = relu_backward(params[f"W{layer}"].T @ dZ, logits[layer - 2])
        params = sgd_step(params, grads, learning_rate)
    return params


@for_each(
    "sizes, layout, dtypes",
    A=("rows, mixed", SOFTMAX, "rows", (np.float32, np.float64)),
    B=("rows, float32", SOFTMAX, "rows", (np.float32, np.float32)),
    C=("columns, float64", LARGE, "columns", (np.float64, np.float64)),
    D=("columns, float64", SMALL, "columns", (np.float64, np.float64)),
    E=("rows, float64", SOFTMAX, "rows", (np.float64, np.float64)),
)
def test_layout_and_dtype(sizes, layout, dtypes, data):
    """Twenty steps on 300 images give the numbers of rows in float64, in the type that the arrays have."""
    of_data, of_params = dtypes
    X, Y = data.X[:300].astype(of_data), one_hot(data.y[:300], 10)
    start = {name: value.astype(of_params) for name, value in he_init(sizes, np.random.default_rng(0)).items()}
    wide = {name: value.astype(np.float64) for name, value in start.items()}
    expected = train(wide, 20 * [(X.astype(np.float64), Y.astype(np.float64))], 20 * [0.1])
    if layout == "rows":
        found = train(start, 20 * [(X, Y)], 20 * [0.1])
        P, _ = mlp_forward(X, found)
    else:
        columns = {name: np.atleast_2d(value).T for name, value in start.items()}  # b: (fan_out, 1)
        found = train_columns(columns, to_columns(X), one_hot_columns(data.y[:300], 10), 0.1, 20)
        found = {name: value.T.reshape(start[name].shape) for name, value in found.items()}
        P = softmax_columns(to_columns(mlp_forward(X, found)[1][f"Z{len(sizes) - 1}"])).T
    tolerance = 1e-4 if of_params == np.float32 else 1e-10
    for name, value in found.items():
        assert value.dtype == of_params
        np.testing.assert_allclose(value, expected[name], rtol=tolerance, atol=tolerance / 10)
    assert P.dtype == np.result_type(of_data, of_params)
    np.testing.assert_allclose(P, mlp_forward(X.astype(np.float64), expected)[0], rtol=tolerance, atol=tolerance)


def test_columns_as_notebook_6_writes_them(data):
    (column_gradients,) = defined(master(6), "column_gradients")
    X, Y = data.X[:40].astype(np.float64), one_hot(data.y[:40], 10).astype(np.float64)
    rng = np.random.default_rng(0)
    params = {name: value + rng.normal(0, 0.1, value.shape) for name, value in he_init(LARGE, rng).items()}
    rows = mlp_backward(mlp_forward(X, params)[1], params, Y)
    weights, biases = [params[f"W{n}"].T for n in (1, 2, 3)], [params[f"b{n}"][:, np.newaxis] for n in (1, 2, 3)]
    found = column_gradients(to_columns(X), weights, biases, one_hot_columns(data.y[:40], 10))
    for n, dW in enumerate(found, start=1):
        np.testing.assert_allclose(dW.T, rows[f"W{n}"], rtol=1e-9, atol=1e-13)


# ------------------------------------------------------------------------------------------------------- split


@for_each("_", A="train/test", B="train/test", C="train/test")
def test_split(_, data):
    """Two sets, and labels of the one do not go with images of the other."""
    assert (len(data.X), len(data.X_test)) == (60_000, 10_000)
    P = softmax(data.X_test[:, :10])
    with pytest.raises(ValueError, match="same length, got 60000 and 10000"):
        accuracy(data.y, P)
    assert accuracy(data.y_test, one_hot(data.y_test, 10)) == 1


@for_each("share, held_out", D=("shuffled with 1,000 dev", 1000 / 60_000, 1000), E=("random 20 %", 0.2, 12_000))
def test_split_at_random(share, held_out, data):
    places = np.arange(60_000)
    train_at, y_train, val_at, y_val = train_validation_split(places, data.y, share, np.random.default_rng(0))
    assert len(val_at) == len(y_val) == held_out
    np.testing.assert_array_equal(np.sort(np.concatenate([train_at, val_at])), places)
    np.testing.assert_array_equal(y_train, data.y[train_at])
    np.testing.assert_array_equal(y_val, data.y[val_at])
    # Cut at random: for each digit the share held out is that of all, within five standard deviations.
    counts, of_all = np.bincount(y_val, minlength=10), np.bincount(data.y)
    assert (np.abs(counts - share * of_all) < 5 * np.sqrt(share * of_all)).all()
    assert np.abs(np.corrcoef(np.arange(held_out), val_at)[0, 1]) < 5 / np.sqrt(held_out)  # shuffled


# -------------------------------------------------------------------------------------------------------- init


def normal(sizes, rng):
    params = he_init(sizes, rng)
    return {name: rng.normal(0, 0.01, value.shape).astype(np.float32) for name, value in params.items()}


def normal_without_bias(sizes, rng):
    return normal(sizes, rng) | {f"b{layer}": np.zeros(n, np.float32) for layer, n in enumerate(sizes[1:], start=1)}


def uniform(low, high):
    return lambda sizes, rng: {
        name: rng.uniform(low, high, value.shape).astype(np.float32) for name, value in he_init(sizes, rng).items()
    }


def zeros(sizes, rng):
    return {name: np.zeros_like(value) for name, value in he_init(sizes, rng).items()}


def all_positive(sizes, rng):
    """What C calls "He": draws between 0 and 1 instead of normal ones."""
    return {
        name: rng.random(value.shape, dtype=np.float32) * np.float32(np.sqrt(2 / value.shape[0]) * name.startswith("W"))
        for name, value in he_init(sizes, rng).items()
    }


@for_each(
    "init, sizes, largest_loss, learned",
    A=("N(0, 0.01)", normal, SOFTMAX, 2.4, 0.8),
    B=("N(0, 0.01), b = 0", normal_without_bias, SOFTMAX, 2.4, 0.8),
    B_zeros=("zeros", zeros, SOFTMAX, LOG_10 + 1e-6, 0.8),
    C=("He", he_init, LARGE, 2.8, 0.75),
    D=("U(-.5, .5)", uniform(-0.5, 0.5), SMALL, 6, 0.3),
    E=("uniform", uniform(0, 1), SOFTMAX, 8, 0.65),
)
def test_init(init, sizes, largest_loss, learned, data):
    """Every start can be trained from: one epoch of 6,000 images, batches of 64.

    Eight seeds reached 87 % (A, B, a standard deviation of 0.3), 88 % (C, 2.1), 57 % (D, 8.5) and 73 % (E, 1.0).
    """
    X, y = data.X[:6000], data.y[:6000]
    start = init(sizes, np.random.default_rng(0))
    Z = mlp_forward(X, start)[1][f"Z{len(sizes) - 1}"]
    assert LOG_10 - 0.1 < cross_entropy_from_logits(Z, y) < largest_loss
    end = train(start, epochs(X, y, 64, 1, np.random.default_rng(1)), itertools.repeat(0.1))
    assert share_right(X, y, end) >= learned


@for_each("init, faulty", C_right=("He done right", he_init, False), C_faulty=("He, all positive", all_positive, True))
def test_init_symptoms(init, faulty, data):
    """The symptom of C's fault, and that the right init has none of it."""
    X, y = data.X[:1000], data.y[:1000]
    params = init(LARGE, np.random.default_rng(0))
    P, cache = mlp_forward(X, params)
    active = np.mean(np.concatenate([cache["A1"], cache["A2"]], axis=1) > 0)
    loss = cross_entropy_from_logits(cache["Z3"], y)
    fan_in = np.array([784, 128, 64])
    variances = [params[f"W{layer}"].var() for layer in (1, 2, 3)]
    if faulty:
        assert active == 1 and loss > 4 * LOG_10 and len(np.unique(predict(P))) == 1
        assert cache["Z3"].std() > 10 and params["W1"].mean() == pytest.approx(0.025, rel=0.02)
    else:
        assert 0.3 < active < 0.7 and loss < 1.5 * LOG_10 and len(np.unique(predict(P))) > 3
        assert cache["Z3"].std() < 2
        np.testing.assert_allclose(variances, 2 / fan_in, rtol=0.2)


# ------------------------------------------------------------------------------------------------------- model


@for_each(
    "sizes, count",
    A=("784-10", SOFTMAX, 7_850),
    B=("784-10", SOFTMAX, 7_850),
    C=("784-128-64-10 ReLU", LARGE, 109_386),
    D=("784-10-10 ReLU", SMALL, 7_960),
)
def test_model(sizes, count, data):
    params = he_init(sizes, np.random.default_rng(0))
    assert sum(value.size for value in params.values()) == count
    P, cache = mlp_forward(data.X[:50], params)
    checks.probabilities(P)
    shapes = [cache[f"A{layer}"].shape for layer in range(len(sizes))]
    assert shapes == [(50, size) for size in sizes]
    for layer in range(1, len(sizes) - 1):
        np.testing.assert_array_equal(cache[f"A{layer}"], np.maximum(cache[f"Z{layer}"], 0))
    if sizes == SOFTMAX:
        np.testing.assert_array_equal(P, predict_proba(data.X[:50], {"W": params["W1"], "b": params["b1"]}))


@for_each("sizes", E=("784-10 by layer classes", SOFTMAX), E_deeper=("784-128-64-10 by layer classes", LARGE))
def test_model_of_layers(sizes, data):
    """The classes that notebook 6 defines, five steps of forward, backward, step, beside the functions."""
    network, loss_layer, params = layers(sizes)
    X, y = data.X[:60], data.y[:60]
    for _ in range(5):
        A = X
        for layer in network:
            A = layer.forward(A)
        loss = loss_layer.forward(A, y)
        gradient = loss_layer.backward()
        for layer in reversed(network):
            gradient = layer.backward(gradient)
            layer.step(0.1)
        P, cache = mlp_forward(X, params)
        assert loss == pytest.approx(negative_log_likelihood(P, y), rel=1e-5)
        params = sgd_step(params, mlp_backward(cache, params, one_hot(y, 10)), 0.1)
        assert gradient.shape == X.shape  # the first layer hands its gradient on as any other does
    for n, layer in enumerate(network[::2], start=1):
        np.testing.assert_allclose(layer.W, params[f"W{n}"], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer.b, params[f"b{n}"], rtol=1e-4, atol=1e-6)
        assert layer.W.dtype == np.float32


def layers(sizes):
    Linear, ReLU, SoftmaxCrossEntropy = defined(master(6), "Linear", "ReLU", "SoftmaxCrossEntropy")
    params = he_init(sizes, np.random.default_rng(0))
    network = [Linear(params["W1"], params["b1"])]
    for n in range(2, len(sizes)):
        network += [ReLU(), Linear(params[f"W{n}"], params[f"b{n}"])]
    return network, SoftmaxCrossEntropy(), params


# -------------------------------------------------------------------------------------------------------- loss


@for_each(
    "epsilon, reported",
    A=("cross-entropy", 1e-9, 20.7),
    B=("cross-entropy", 1e-12, 27.6),
    C=("cross-entropy", 1e-8, 18.4),
)
def test_loss(epsilon, reported, data):
    """All forms agree on images, and where the notebook's epsilon caps the loss ours is exact."""
    W = np.random.default_rng(0).normal(0, 0.05, (784, 10))
    Z, y = data.X[:500] @ W, data.y[:500]
    loss = cross_entropy_from_logits(Z, y)
    assert loss == pytest.approx(cross_entropy(softmax(Z), one_hot(y, 10)), rel=1e-12)
    assert loss == pytest.approx(negative_log_likelihood(softmax(Z), y), rel=1e-12)
    wrong, first = np.array([[0.0, 100.0]]), np.array([0])
    assert cross_entropy_from_logits(wrong, first) == pytest.approx(100)
    assert cross_entropy(softmax(wrong), np.array([[1.0, 0.0]])) == pytest.approx(100)
    assert -np.log(softmax(wrong)[0, 0] + epsilon) == pytest.approx(reported, abs=0.05)
    assert cross_entropy_from_logits(wrong, np.array([1])) == 0 > -np.log(1 + epsilon)


@for_each("_", D="implicit")
def test_loss_that_is_never_computed(_, data):
    """The gradients need no loss, and are those of the mean cross-entropy."""
    rng, X, y = np.random.default_rng(0), data.X[:20].astype(np.float64), data.y[:20]
    params = {name: value.astype(np.float64) for name, value in uniform(-0.5, 0.5)(SMALL, rng).items()}
    grads = mlp_backward(mlp_forward(X, params)[1], params, one_hot(y, 10).astype(np.float64))
    for name, value in params.items():

        def loss(array, name=name):
            return cross_entropy_from_logits(mlp_forward(X, params | {name: array})[1]["Z2"], y)

        assert gradient_check(loss, grads[name], value, rng, 40) < 1e-5


@for_each("_", E="mean squared error")
def test_loss_squared(_):
    """Its gradient carries the 1/K of its mean: left out, as in E, everything is ten times too large."""
    rng = np.random.default_rng(0)
    Z, Y = rng.normal(0, 1, (7, 10)), np.eye(10)[rng.integers(0, 10, 7)]
    P = softmax(Z)
    through_softmax = softmax_vjp(P, 2 * (P - Y) / Y.size)
    assert gradient_check(lambda Z: mean_squared_error(softmax(Z), Y), through_softmax, Z, rng, 70) < 1e-6
    assert gradient_check(lambda P: mean_squared_error(P, Y), 2 * (P - Y) / Y.size, P, rng, 70) < 1e-6
    too_large = 2 * (P - Y) / len(Y)
    found = gradient_check(lambda P: mean_squared_error(P, Y), too_large, P, rng, 70)
    assert found == pytest.approx((10 - 1) / (10 + 1), rel=1e-6)


@for_each("stable", E_naive=("softmax, naive", False), E_stable=("softmax, stable", True))
def test_loss_of_raw_pixels(stable, data):
    """Raw pixels and all-positive weights: logits beyond ten thousand, and the naive form is not a number."""
    W = np.random.default_rng(0).random((784, 10))
    Z, y = 255 * data.X[:200].astype(np.float64) @ W, data.y[:200]
    assert 10_000 < Z.mean() < 15_000
    if stable:
        checks.probabilities(softmax(Z))
        assert np.isfinite(log_softmax(Z)).all() and 0 < cross_entropy_from_logits(Z, y) < 10_000
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            E = np.exp(Z)
            assert np.isnan(E / E.sum(axis=1, keepdims=True)).any()
            small = Z / 10_000
            np.testing.assert_allclose(np.exp(small) / np.exp(small).sum(axis=1, keepdims=True), softmax(small))


# -------------------------------------------------------------------------------- training, and what it reaches
#
# Each recipe reaches, in the mean over seeds, more than its notebook has: on the test set, and for E, which has none,
# on the validation part. `make bench` measures full runs.


def falling(rate, steps):
    """Learning rates that go down to 0 in a straight line."""
    return rate * (1 - np.arange(steps) / steps)


@for_each(
    "sizes, init, batch_size, passes, rate, smoothing, least",
    A=("784-10, batch 1024 x 25", SOFTMAX, normal, 1024, 12, 1.0, 0.0, 0.915),
    B=("784-10, batch 256 x 8", SOFTMAX, normal_without_bias, 256, 8, 0.5, 0.0, 0.9158),
    C=("784-128-64-10, batch 64 x 10", LARGE, he_init, 64, 10, 0.3, 0.1, 0.9788),
)
def test_recipe(sizes, init, batch_size, passes, rate, smoothing, least, data):
    """All 60,000 images in float32, from the notebook's kind of start; our rate falls, and A needs half its epochs.

    Seeds reached 91.99 % (A, four, a standard deviation of 0.02), 92.09 % (B, six, 0.03) and 98.12 % (C with smoothed
    labels, four, 0.06). The notebooks have 91.37, 91.58 and, the fault in its init mended, 97.88: that is what is asked
    for, and leaves at least four standard deviations.
    """
    rng = np.random.default_rng(0)
    steps = passes * -(-60_000 // batch_size)
    batches = epochs(data.X, data.y, batch_size, passes, rng, smoothing)
    params = train(init(sizes, rng), batches, falling(rate, steps))
    assert next(batches, None) is None  # every one was used
    assert share_right(data.X_test, data.y_test, params) >= least


@for_each("_", D="784-10-10, full batch, 1,000 dev")
def test_recipe_of_full_batches(_, data):
    """Columns, shuffled, U(−.5, .5), one batch: 250 steps with momentum instead of 500 without, on 20,000 images.

    In float32; test_layout_and_dtype has float64. Four seeds reached 88.3 % of the test set, with a standard deviation
    of 2.0, where D has 84.6 %. With the seed fixed only round-off is left to chance, as there is one batch only.
    """
    rng = np.random.default_rng(0)
    X, y, X_dev, y_dev = train_validation_split(data.X[:20_000], data.y[:20_000], 1 / 20, rng)
    columns = np.ascontiguousarray(to_columns(X))  # (d, m): in memory, too
    Y = one_hot_columns(y, 10)  # (K, m)
    params = train(uniform(-0.5, 0.5)(SMALL, rng), 250 * [(columns.T, Y.T)], 250 * [0.2], beta=0.9)
    assert len(y_dev) == 1000 and share_right(X_dev, y_dev, params) > 0.82  # a standard error of 1.0
    assert share_right(data.X_test, data.y_test, params) >= 0.846


@for_each("_", E="784-10, full batch, 20 % validation")
def test_recipe_with_validation(_, data):
    """Rows in float64, uniform start, one batch: 60 steps with momentum, on 20,000 of the images.

    Three seeds reached 90.8 % of the 4,000 held out, with a standard deviation of 0.2; 4,000 images have a standard
    error of 0.46. E has 89.65 %. With the seed fixed nothing is left to chance, as there is one batch only.
    """
    rng = np.random.default_rng(0)
    X, y, X_val, y_val = train_validation_split(data.X[:20_000].astype(np.float64), data.y[:20_000], 0.2, rng)
    start = {"W1": rng.uniform(-0.05, 0.05, (784, 10)), "b1": np.zeros(10)}
    params = train(start, 60 * [(X, one_hot(y, 10).astype(np.float64))], 60 * [0.3], beta=0.9)
    assert share_right(X_val, y_val, params) >= 0.8965


# ------------------------------------------------------------------------------------------------------- shows


@pytest.fixture
def shown(monkeypatch):
    """What a call displays."""
    found = []
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(animations, "display", lambda data, raw: found.append(data))
    monkeypatch.setattr(plots, "display", lambda data, metadata, raw: found.append(data | {"metadata": metadata}))

    def run(function, *args, **options):
        found.clear()
        function(*args, **options)
        return found.copy()

    return run


@pytest.fixture(scope="module")
def classifier(data):
    """A classifier after 2,000 images, and how its loss and accuracy went, the untrained model first."""
    X, y = data.X[:2000], data.y[:2000]
    params, history = train_softmax_classifier(X, y, 10, 0.1, 64, 3, np.random.default_rng(0))
    start = {"loss": LOG_10, "accuracy": np.mean(y == 0)}
    return params, {name: np.array([start[name], *values]) for name, values in history.items()}


def assert_still(still, *words):
    alt = still["metadata"]["image/png"]["alt"]
    assert still["image/png"].startswith(b"\x89PNG") and all(word in alt for word in words), alt


@for_each("_", A="loss animation")
def test_shows_loss_animation(_, classifier, shown):
    player, still = shown(animations.loss_and_accuracy, classifier[1])
    frames = re.search(r'data-texts="([^"]*)"', player["text/html"])[1].split("|")
    assert frames[0].startswith("epoch 0, untrained: loss 2.303") and len(frames) == 4
    assert_still(still, "epoch 3")


@for_each("_", A="probability-bar animation")
def test_shows_probability_bars(_, classifier, data, shown):
    start = {name: np.zeros_like(value) for name, value in classifier[0].items()}
    P = np.concatenate([predict_proba(data.X_test[:1], each) for each in (start, classifier[0])])
    player, still = shown(animations.probability_bars, data.X_test[0], data.y_test[0], P)
    frames = re.search(r'data-texts="([^"]*)"', player["text/html"])[1].split("|")
    assert frames[0].startswith("epoch 0, untrained: 0 with 10 %") and len(frames) == 2
    assert_still(still, "epoch 1", "7")


@for_each("_", B="metrics", C="metrics")
def test_shows_metrics(_, classifier, data):
    Z = linear_forward(data.X_test, **classifier[0])
    share = accuracy(data.y_test, softmax(Z))
    assert round(10_000 * share) == np.sum(predict(Z) == data.y_test) and share > 0.8
    assert 0 < cross_entropy_from_logits(Z, data.y_test) < LOG_10
    assert classifier[1]["accuracy"][-1] > 0.85 and classifier[1]["loss"][-1] < classifier[1]["loss"][1]


@for_each("_", D="accuracy every 10 steps")
def test_shows_steps(_, data, shown):
    X, Y = data.X[:500], one_hot(data.y[:500], 10)
    params, history = he_init(SMALL, np.random.default_rng(0)), {"loss": [], "accuracy": []}
    for step in range(41):
        P, cache = mlp_forward(X, params)
        if step % 10 == 0:
            history["loss"].append(cross_entropy_from_logits(cache["Z2"], data.y[:500]))
            history["accuracy"].append(accuracy(data.y[:500], P))
        params = sgd_step(params, mlp_backward(cache, params, Y), 0.5)
    assert len(history["accuracy"]) == 5 and history["accuracy"][0] < 0.3 < history["accuracy"][-1]
    player, still = shown(animations.loss_and_accuracy, history, unit="ten steps")
    assert "ten steps 0, untrained" in player["text/html"]
    assert_still(still, "ten steps 4")


@for_each("_", E="image grid")
def test_shows_image_grid(_, data, shown):
    (still,) = shown(plots.digit_grid, data.X, data.y, range(12))
    assert_still(still, "12 handwritten digits", "Row 2: 3, 5")


@for_each("_", E="loss and accuracy plots")
def test_shows_curves(_, classifier, shown):
    (still,) = shown(plots.training_curves, classifier[1], "A classifier learns")
    assert_still(still, "A classifier learns", "2.303 at epoch 0", "at epoch 3")


# ---------------------------------------------------------------------------------------------------- predicts


@pytest.fixture(scope="module")
def network(data):
    """A network after 2,000 images."""
    return train_mlp(data.X[:2000], data.y[:2000], [784, 32, 10], 0.1, 32, 4, np.random.default_rng(0))[0]


@for_each("_", A="predict_proba, predict")
def test_predicts_probabilities(_, classifier, data):
    P = predict_proba(data.X_test, classifier[0])
    checks.probabilities(P)
    assert np.mean(predict(P) == data.y_test) > 0.8


@for_each("_", B="forward")
def test_predicts_forward(_, classifier, data):
    P = softmax(linear_forward(data.X_test[:100], classifier[0]["W"], classifier[0]["b"]))
    np.testing.assert_array_equal(P, predict_proba(data.X_test[:100], classifier[0]))


@for_each("_", C="argmax on a batch")
def test_predicts_a_batch(_, network, data):
    P, _ = mlp_forward(data.X_test[:64], network)
    labels = P.argmax(axis=1)
    np.testing.assert_array_equal(labels, predict(P))
    assert labels.shape == (64,) and np.mean(labels == data.y_test[:64]) > 0.7


@for_each("_", D="make_predictions")
def test_predicts_columns(_, network, data):
    """With a sample a column, as D has it."""
    columns = to_columns(data.X_test[:200])  # (d, m)
    P_columns = softmax_columns(to_columns(mlp_forward(columns.T, network)[1]["Z2"]))  # (K, m)
    np.testing.assert_allclose(P_columns.sum(axis=0), 1, rtol=1e-5)
    np.testing.assert_array_equal(P_columns.argmax(axis=0), predict(mlp_forward(data.X_test[:200], network)[0]))


@for_each("n", E=("predict, inspect sample n", 7))
def test_predicts_one(n, network, data, shown):
    P, _ = mlp_forward(data.X_test, network)
    (still,) = shown(plots.images_with_probabilities, data.X_test, data.y_test, P, [n])
    assert_still(still, f"Image {n}, a {data.y_test[n]}", f"{predict(P)[n]} {100 * P[n].max():.0f} %")


# ----------------------------------------------------------------------------------------------------- derives

DERIVATIONS = {
    "A: forward": (2, [r"^## 2\.1 ", r"Z = XW \+ b \\tag", r"p_i = \\frac\{e\^\{z_i\}\}\{\\sum_k e\^\{z_k\}\} \\tag"]),
    "A: compact gradient": (
        5,
        [
            r"\\mathrm\{d\}Z = \\frac\{P - Y\}\{m\} \\tag",
            r"^### Question 5\.2 ",
            r"p_j - y_j",
            r"X\^\{\\mathsf T\}\\, \\mathrm\{d\}Z",
        ],
    ),
    "D: z = Wa + b": (
        6,
        [r"^## 6\.4 ", r"A\^\{\(l-1\)\}\s*W\^\{\(l\)\} \+ b\^\{\(l\)\}", r"Z\^\{\\mathsf T\} = W\^\{\\mathsf T\} X"],
    ),
    "D: activations": (6, [r"^## 6\.2 ", r"\\operatorname\{relu\}\(z\) = \\max\(z, 0\) \\tag", r"^## 6\.1 "]),
    "D: update rule": (5, [r"^## 5\.1 ", r"\\theta \\leftarrow \\theta - \\eta \\, \\mathrm\{d\}\\theta \\tag"]),
    "D: chain rule": (6, [r"^## 6\.5 ", r"\\mathrm\{d\}A\^\{\(l-1\)\} = ", r"\\mathrm\{d\}Z\^\{\(l-1\)\} = "]),
    "E: chain rule": (4, [r"\*\*chain rule\*\*", r"\\frac\{\\partial L\}\{\\partial z_j\} = \\sum_i"]),
    "E: overflow": (2, [r"\*\*overflow\*\*", r"^### Question 2\.3 ", r"e\^\{z_k\}\\, e\^\{c\}"]),
    "E: negative log-likelihood": (
        3,
        [r"\*\*negative log-likelihood\*\*", r"^### Question 3\.2 ", r"\\log \\prod_i P_\{i y_i\}"],
    ),
    "E: Jacobian by the quotient rule": (
        4,
        [
            r"\*\*quotient rule\*\*",
            r"^### Question 4\.3 ",
            r"p_i \\, \(1 - p_i\)",
            r"-p_i\\, p_j",
            r"\\operatorname\{diag\}\(p\)",
        ],
    ),
}


@pytest.mark.parametrize(("number", "pieces"), DERIVATIONS.values(), ids=DERIVATIONS)
def test_derives(number, pieces):
    """The headings, formulas and questions, with their model answers, stand in the master."""
    cells = [cell.source for cell in master(number).cells if cell.cell_type == "markdown"]
    text = "\n\n".join(cells)
    for piece in pieces:
        assert re.search(piece, text, re.MULTILINE), f"notebook {number} lacks {piece}"


# ------------------------------------------------------------------------------------------------------- other


@for_each("_", B="HTML export")
def test_other_html(_, tmp_path):
    makefile = (course.ROOT / "Makefile").read_text()
    assert re.search(r"^html:.*##.*\n(\t.*\n)*\t.*tools/export_html\.py", makefile, re.MULTILINE)
    shutil.copy(course.MASTERS[1], tmp_path)
    notebook = tmp_path / course.MASTERS[1].name
    command = [sys.executable, str(course.ROOT / "tools" / "export_html.py"), str(notebook)]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    title = re.search(r"^# (.+)", course.read(notebook).cells[0].source)[1]
    (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", notebook.with_suffix(".html").read_text(encoding="utf-8"))
    assert re.sub(r"<[^>]*>", "", heading).startswith(title)


@pytest.mark.parametrize("number", range(1, 7), ids=lambda number: f"C: shape prints, notebook {number}")
def test_other_shapes(number):
    """Arrays in the story say their shapes, in comments or printed."""
    code = "\n".join(cell.source for cell in master(number).cells if cell.cell_type == "code")
    comments = re.findall(r"#[^\n]*\((?:\d[\d,_]*|[a-zA-Z0-9_]+)(?:, ?[\w, ]+|,)\)", code)
    assert len(comments) >= 15, f"{len(comments)} comments with a shape"


def public_functions():
    for module in MODULES:
        space = vars(sys.modules[f"shared.reference.{module}"])
        for name, function in space.items():
            if not name.startswith("_") and getattr(function, "__module__", "") == f"shared.reference.{module}":
                yield pytest.param(function, id=f"D: docstrings, {name}")


@pytest.mark.parametrize("function", list(public_functions()))
def test_other_docstrings(function):
    """What goes in and what comes out, of which shape where it is an array, and an example."""
    text = function.__doc__
    assert "Parameters\n" in text or "arguments and errors as in" in text
    assert "Returns\n" in text and ">>> " in text
    assert re.search(r"\b(shapes?|sizes)\b|same names", text), f"{function.__name__} tells no shape"


@for_each("_", E="forward/backward/update protocol of layers")
def test_other_protocol(_):
    """Each layer of notebook 6 goes forward, backward and steps; all gradients pass the check."""
    network, loss_layer, _ = layers([6, 5, 4, 3])
    rng = np.random.default_rng(1)
    X, y = rng.normal(0, 1, (7, 6)), rng.integers(0, 3, 7)
    for layer in network:
        assert all(callable(getattr(layer, name)) for name in ("forward", "backward", "step"))
    for layer in network[::2]:
        layer.W, layer.b = layer.W.astype(np.float64), rng.normal(0, 0.5, layer.b.shape)

    def loss_of(value, layer=None, name=None):
        before = getattr(layer, name) if layer else None
        if layer:
            setattr(layer, name, value)
        A = X if layer else value
        for each in network:
            A = each.forward(A)
        if layer:
            setattr(layer, name, before)
        return loss_layer.forward(A, y)

    loss_of(X)
    gradient = loss_layer.backward()
    claims = []
    for layer in reversed(network):
        gradient = layer.backward(gradient)
        if layer in network[::2]:
            claims += [(layer, "W", layer.dW), (layer, "b", layer.db)]
    assert gradient_check(loss_of, gradient, X, rng, 42) < 1e-5
    for layer, name, claim in claims:
        value = getattr(layer, name)
        assert gradient_check(lambda v, of=(layer, name): loss_of(v, *of), claim, value, rng, 30) < 1e-5
    before = loss_of(X)
    for layer in network:
        layer.step(0.05)
    assert loss_of(X) < before


# ------------------------------------------------------------------------------------------- runs as published


def imported(notebook):
    """Names of the packages that a notebook's cells import."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield node.module


every_master = pytest.mark.parametrize("number", range(1, 7), ids=lambda number: f"notebook {number}")


@every_master
def test_runs_as_published_with_every_import_there(number):
    """Not A, whose loader does not exist; nor B, which needs a framework for nothing but the data."""
    for name in set(imported(master(number))):
        package = name.partition(".")[0]
        assert find_spec(name), f"{name} does not exist"
        assert package in {"numpy", "matplotlib", "tqdm", "shared"} | sys.stdlib_module_names, f"{package} is needed"


@every_master
def test_runs_as_published_without_errors(number):
    """Not C with its two TypeErrors, nor E with 55 failed cells: each cell was run, in order, and none failed.

    nbval runs them all again in `make test`, and compares what they print.
    """
    code = [cell for cell in master(number).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]
    assert any(cell.outputs for cell in code)
    settings = (course.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "--nbval " in settings and re.search(r'^testpaths = .*"solutions"', settings, re.MULTILINE)


@for_each("_", E="finds its files")
def test_runs_as_published_from_any_folder(_, tmp_path, monkeypatch):
    """E looks for its files where its author kept them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGITS_DATA_DIR", raising=False)
    assert mnist.load().train_images.shape == (60_000, 28, 28)


# ------------------------------------------------------------------------------------------------ the mistakes

PAGE = course.ROOT / "docs" / "mistakes.md"
MISTAKES = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def test_twenty_mistakes():
    assert [section.partition(" · ")[0] for section in MISTAKES] == [str(number) for number in range(1, 21)]


@pytest.mark.parametrize("section", MISTAKES, ids=[section.partition("\n")[0] for section in MISTAKES])
def test_mistake_is_taught_where_the_page_says(section):
    links = re.findall(r"\[([^]]+)\]\(([^()#]+)#([^()\s]+)\)", section)
    assert links and section.count("](") == len(links), "every link leads to a heading"
    for text, target, anchor in links:
        release = (PAGE.parent / target).resolve()
        assert release.is_file(), f"{target} does not exist: run `make release`"
        notebook = course.read(course.ROOT / "solutions" / release.relative_to(course.ROOT / "notebooks"))
        cells = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
        headings = re.findall(r"^#+ (.+)$", "\n\n".join(cells), re.MULTILINE)
        # JupyterLab and nbconvert make the name of a heading so.
        assert unquote(anchor) in [heading.replace("`", "").replace(" ", "-") for heading in headings]
        assert text in headings
