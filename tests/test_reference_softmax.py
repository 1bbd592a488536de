"""Properties of the softmax forward pass, for any promised logits that hypothesis finds."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from shared import checks
from shared.reference.softmax import (
    linear_forward,
    log_softmax,
    predict,
    softmax,
    softmax_columns,
    softmax_temperature,
)

FLOATS = st.sampled_from([np.float32, np.float64])
MAPS = [softmax, log_softmax, softmax_columns]


@st.composite
def logits(draw, bound=1e30, with_infinities=True):
    """Any promised logits: (m, K), float32 or float64, up to ±bound, single entries −inf but never a whole row."""
    dtype = draw(FLOATS)
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=6))
    limit = float(np.float32(bound))
    elements = st.floats(-limit, limit, width=np.dtype(dtype).itemsize * 8, allow_subnormal=False)
    Z = draw(arrays(dtype, shape, elements=elements))
    if with_infinities and draw(st.booleans()):
        mask = draw(arrays(bool, shape))
        mask[:, 0] = False
        Z = np.where(mask, dtype(-np.inf), Z)
    return Z


@pytest.fixture(autouse=True)
def no_warning_on_promised_inputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@given(logits())
def test_rows_are_probabilities(Z):
    checks.probabilities(softmax(Z))


@given(logits())
def test_columns_are_probabilities(Z):
    checks.probabilities(softmax_columns(Z.T), axis=0)


@given(logits(bound=100, with_infinities=False), st.integers(-1000, 1000))
def test_softmax_does_not_see_a_constant(Z, c):
    Z = np.round(Z)  # whole numbers: the shift itself is then exact
    np.testing.assert_array_equal(softmax(Z + Z.dtype.type(c)), softmax(Z))
    np.testing.assert_array_equal(log_softmax(Z + Z.dtype.type(c)), log_softmax(Z))


@given(logits())
def test_type_and_shape_are_kept_and_arguments_untouched(Z):
    before = Z.copy()
    for function in (*MAPS, lambda Z: softmax_temperature(Z, 0.5)):
        result = function(Z.T if function is softmax_columns else Z)
        assert result.dtype == Z.dtype
        np.testing.assert_array_equal(Z, before)
    assert softmax(Z).shape == Z.shape


@given(arrays(st.sampled_from([np.int16, np.int64, np.uint8]), (3, 4)))
def test_integer_logits_become_float64(Z):
    for function in MAPS:
        assert function(Z).dtype == np.float64
        np.testing.assert_array_equal(function(Z), function(Z.astype(np.float64)))
    assert softmax_temperature(Z, 2).dtype == np.float64


@given(logits())
def test_both_layouts_agree(Z):
    np.testing.assert_array_equal(softmax_columns(Z.T), softmax(Z).T)


@given(logits(bound=1e4))
def test_logarithm_agrees_with_the_logarithm_of_softmax_where_that_exists(Z):
    P, log_P = softmax(Z), log_softmax(Z)
    visible = P > np.finfo(P.dtype).tiny
    room = 20 * np.finfo(P.dtype).eps * np.maximum(1, np.abs(log_P[visible]))
    assert (np.abs(np.log(P[visible]) - log_P[visible]) <= room).all()
    assert (log_P <= 0).all()


@given(logits(bound=1e4))
def test_minus_infinity_is_ruled_out_exactly(Z):
    ruled_out = np.isneginf(Z)
    assert (softmax(Z)[ruled_out] == 0).all()
    assert np.isneginf(log_softmax(Z)[ruled_out]).all()
    assert np.isfinite(log_softmax(Z)[~ruled_out]).all()


def test_logits_of_ten_thousand_in_float32():
    Z = np.array([[1e4, 0, -1e4], [-1e4, -1e4, -1e4]], dtype=np.float32)
    np.testing.assert_array_equal(softmax(Z)[0], [1, 0, 0])
    np.testing.assert_allclose(softmax(Z)[1], 1 / 3, rtol=1e-6)
    np.testing.assert_array_equal(log_softmax(Z)[0], [0, -1e4, -2e4])


def test_softmax_against_exact_arithmetic():
    """For logits that are logarithms of whole numbers the probabilities are fractions."""
    counts = [3, 1, 7, 2, 19]
    exact = [float(Fraction(count, sum(counts))) for count in counts]
    Z = np.log(np.array([counts], dtype=np.float64))
    np.testing.assert_allclose(softmax(Z)[0], exact, rtol=1e-15)
    np.testing.assert_allclose(log_softmax(Z)[0], np.log(exact), rtol=1e-15)


@given(logits(bound=100), st.floats(0.01, 100))
def test_temperature_scales_logits_and_keeps_the_order(Z, temperature):
    P = softmax_temperature(Z, temperature)
    checks.probabilities(P)
    finite = np.where(np.isneginf(Z), Z.dtype.type(-1000), Z)
    order = np.argsort(finite, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(P, order, axis=1), axis=1) >= 0).all()
    np.testing.assert_array_equal(softmax_temperature(Z, 1.0), softmax(Z))


@pytest.mark.parametrize("temperature", [0, -1, -0.0, float("nan"), -np.inf])
def test_temperature_must_be_positive(temperature):
    with pytest.raises(ValueError, match=r"temperature must be positive, got"):
        softmax_temperature(np.zeros((2, 3)), temperature)


def test_extreme_temperatures_are_the_hard_maximum_and_the_uniform_distribution():
    Z = np.array([[1e30, 0, -1e30], [0, 1, -np.inf]], dtype=np.float32)
    np.testing.assert_array_equal(softmax_temperature(Z, 1e-20), [[1, 0, 0], [0, 1, 0]])
    np.testing.assert_allclose(softmax_temperature(Z[1:], 1e30), [[0.5, 0.5, 0]])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5), FLOATS, FLOATS)
def test_linear_forward(m, d, K, type_of_X, type_of_W):
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(m, d)).astype(type_of_X), rng.normal(size=(d, K)).astype(type_of_W)
    b = rng.normal(size=K).astype(type_of_W)
    Z = linear_forward(X, W, b)
    assert Z.dtype == np.result_type(X, W, b)
    by_hand = [[sum(X[i, f] * W[f, k] for f in range(d)) + b[k] for k in range(K)] for i in range(m)]
    np.testing.assert_allclose(Z, by_hand, rtol=1e-4, atol=1e-5)


@given(arrays(st.sampled_from([np.float32, np.float64]), (4, 5), elements=st.sampled_from([0.0, 0.2, 0.4])))
def test_predict_takes_the_lowest_of_equals(P):
    labels = predict(P)
    assert labels.shape == (4,) and np.issubdtype(labels.dtype, np.integer)
    for row, label in zip(P, labels, strict=True):
        assert row[label] == row.max() and (row[:label] < row.max()).all()
