"""Properties of data preparation: nothing is lost, nothing repeated, pairs stay together, bad bytes are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import mnist
from shared.reference.data_preparation import (
    accuracy,
    minibatches,
    one_hot,
    one_hot_columns,
    parse_idx,
    scale_and_flatten,
    to_columns,
    train_validation_split,
)

IDX = mnist.to_idx(np.arange(24, dtype=np.int16).reshape(2, 3, 4))


def samples(m):
    """X and y that belong together: row i of X says which y it goes with."""
    y = np.arange(m)
    return np.stack([y, -y], axis=1).astype(np.float32), y


@pytest.mark.parametrize("cut", range(len(IDX)))
def test_every_truncation_of_an_idx_file_is_refused(cut):
    with pytest.raises(ValueError, match=r"IDX|idx"):
        parse_idx(IDX[:cut])


@given(st.binary(min_size=1, max_size=20))
def test_every_extension_of_an_idx_file_is_refused(tail):
    with pytest.raises(ValueError, match="bytes"):
        parse_idx(IDX + tail)


@pytest.mark.parametrize("bit", range(16 * 8))
def test_a_bit_flip_in_the_header_is_refused(bit):
    damaged = bytearray(IDX)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError):
        parse_idx(bytes(damaged))


def test_parsed_array_is_writable_and_native():
    array = parse_idx(IDX)
    array[0, 0, 0] = 5
    assert array.dtype.isnative and array.dtype == np.int16 and array[0, 0, 0] == 5


def test_empty_dimension_gives_an_empty_array():
    assert parse_idx(bytes([0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 7])).shape == (0, 7)


def test_images_become_rows_between_0_and_1():
    images = np.random.default_rng(0).integers(0, 256, (5, 3, 4), dtype=np.uint8)
    X = scale_and_flatten(images)
    assert X.shape == (5, 12) and X.dtype == np.float32
    np.testing.assert_array_equal(X, [[np.float32(v) / 255 for v in image.ravel()] for image in images])
    assert scale_and_flatten(images[:0]).shape == (0, 12)


@given(st.lists(st.integers(0, 6), min_size=1), st.sampled_from([np.uint8, np.int64]))
def test_one_hot_rows_hold_a_single_one(labels, dtype):
    y = np.array(labels, dtype=dtype)
    Y = one_hot(y, 7)
    assert Y.dtype == np.float32 and Y.shape == (len(y), 7)
    np.testing.assert_array_equal(Y.argmax(axis=1), y)
    np.testing.assert_array_equal(Y.sum(axis=1), 1)
    np.testing.assert_array_equal(one_hot_columns(y, 7), Y.T)


@pytest.mark.parametrize("function", [one_hot, one_hot_columns])
@pytest.mark.parametrize(("labels", "message"), [([0, 3, 12], "got 12 at index 2"), ([0, -1], "got -1 at index 1")])
def test_labels_outside_the_classes_are_refused_by_name_and_place(function, labels, message):
    with pytest.raises(ValueError, match=f"0…9, {message}"):
        function(np.array(labels), 10)


@given(st.integers(0, 60), st.floats(0, 1), st.integers(0, 9))
def test_split_loses_nothing_and_keeps_pairs(m, fraction, seed):
    X, y = samples(m)
    X_train, y_train, X_val, y_val = train_validation_split(X, y, fraction, np.random.default_rng(seed))
    assert len(y_val) == len(X_val) == round(m * fraction)
    assert sorted([*y_train, *y_val]) == list(range(m))
    np.testing.assert_array_equal(X_train[:, 0], y_train)
    np.testing.assert_array_equal(X_val[:, 0], y_val)


def test_split_is_random_and_follows_its_generator():
    X, y = samples(1000)
    split = [train_validation_split(X, y, 0.2, np.random.default_rng(seed))[3] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(split[0], split[1])
    assert set(split[0]) != set(split[2]) and set(split[0]) != set(range(200))


@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 9))
def test_batches_cover_every_sample_once(m, batch_size, seed):
    X, y = samples(m)
    batches = list(minibatches(X, y, batch_size, np.random.default_rng(seed)))
    sizes = [len(Xb) for Xb, _ in batches]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1) and 0 < sizes[-1] <= batch_size
    np.testing.assert_array_equal(np.sort(np.concatenate([yb for _, yb in batches])), y)
    for Xb, yb in batches:
        np.testing.assert_array_equal(Xb[:, 0], yb)


def test_each_epoch_has_an_order_of_its_own():
    X, y = samples(50)
    rng = np.random.default_rng(0)
    first, second = (np.concatenate([yb for _, yb in minibatches(X, y, 8, rng)]) for _ in range(2))
    assert (first != second).any()


@pytest.mark.parametrize(
    "call",
    [
        lambda X, y, rng: minibatches(X, y, 0, rng),
        lambda X, y, rng: minibatches(X, y[1:], 2, rng),
        lambda X, y, rng: train_validation_split(X, y, 1.5, rng),
        lambda X, y, rng: train_validation_split(X, y[1:], 0.5, rng),
        lambda X, y, rng: accuracy(y[1:], X),
    ],
)
def test_bad_arguments_are_refused_with_what_came(call):
    X, y = samples(6)
    with pytest.raises(ValueError, match="got"):
        call(X, y, np.random.default_rng(0))


def test_columns_are_the_transpose():
    X, _ = samples(4)
    np.testing.assert_array_equal(to_columns(X), X.T)


def test_accuracy_is_a_fraction_of_the_same_samples():
    P = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.5, 0.5]])
    assert accuracy(np.array([0, 1, 1, 0]), P) == 0.75
