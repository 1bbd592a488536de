"""Properties of cross-entropy and its relatives, for any promised arguments that hypothesis finds.

What is exact here is computed in decimal arithmetic of 50 digits, in which every float has its exact value. The
catalogue of misconceptions is tested here too, against the reference functions alone.
"""

import importlib.util
import inspect
import warnings
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared import checks, misconceptions
from shared.outcomes import Tolerance, difference, outcome_of, same_outcome
from shared.reference.cross_entropy import (
    cross_entropy,
    cross_entropy_from_logits,
    entropy,
    kl_divergence,
    mean_squared_error,
    negative_log_likelihood,
)
from shared.reference.data_preparation import one_hot
from shared.reference.softmax import linear_forward, softmax

FUNCTIONS = [
    cross_entropy,
    negative_log_likelihood,
    cross_entropy_from_logits,
    entropy,
    kl_divergence,
    mean_squared_error,
]
FLOATS = st.sampled_from([np.float32, np.float64])
LABEL_TYPES = [np.uint8, np.int8, np.int32, np.int64, np.uint64]
SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 5))
RTOL = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}


def logits(draw, shape, bound):
    """Promised logits of a shape, single entries −inf but never a whole row."""
    dtype = draw(FLOATS)
    limit = float(np.float32(bound))
    elements = st.floats(-limit, limit, width=np.dtype(dtype).itemsize * 8, allow_subnormal=False)
    Z = draw(arrays(dtype, shape, elements=elements))
    ruled_out = draw(arrays(bool, shape, fill=st.just(False)))
    ruled_out[:, 0] = False
    return np.where(ruled_out, dtype(-np.inf), Z)


def probabilities(draw, shape):
    """Promised probabilities of a shape: from logits of any size, or shares with zeros."""
    if draw(st.booleans()):
        return softmax(logits(draw, shape, draw(st.sampled_from([5, 700, 1e4]))))
    counts = draw(arrays(np.int64, shape, elements=st.sampled_from([0, 0, 1, 2, 19])))
    counts[:, -1] += counts.sum(axis=1) == 0
    return (counts / counts.sum(axis=1, keepdims=True)).astype(draw(FLOATS))


@st.composite
def logits_and_labels(draw, bound=1e30):
    shape = draw(SHAPES)
    y = draw(arrays(draw(st.sampled_from(LABEL_TYPES)), shape[0], elements=st.integers(0, shape[1] - 1)))
    return logits(draw, shape, bound), y


@st.composite
def probabilities_and_labels(draw):
    shape = draw(SHAPES)
    y = draw(arrays(draw(st.sampled_from(LABEL_TYPES)), shape[0], elements=st.integers(0, shape[1] - 1)))
    return probabilities(draw, shape), y


@st.composite
def two_of_probabilities(draw):
    shape = draw(SHAPES)
    P = probabilities(draw, shape)
    return P, P.copy() if draw(st.integers(0, 4)) == 0 else probabilities(draw, shape)


@pytest.fixture(autouse=True)
def no_warning_on_promised_inputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def exact(number):
    """A float as a decimal number of the same value."""
    return Decimal(float(number))


def exact_surprise(weight, probability):
    """−weight · log probability, with 0 log 0 = 0."""
    if weight == 0:
        return Decimal(0)
    if probability == 0:
        return Decimal("Infinity")
    return -exact(weight) * exact(probability).ln()


def exact_cross_entropy(P, Y):
    with localcontext(prec=50):
        return sum(map(exact_surprise, Y.ravel(), P.ravel()), Decimal(0)) / len(P)


def assert_close(found, wanted, dtype, atol=0.0):
    """Compare with an exact number, relative to it; infinite exactly where that is."""
    wanted = float(wanted)
    if np.isinf(wanted):
        assert found == wanted
    else:
        assert abs(found - wanted) <= RTOL[np.dtype(dtype)] * abs(wanted) + atol


def least_precise(*arrays):
    return min((array.dtype for array in arrays), key=lambda dtype: dtype.itemsize)


# Values


@given(two_of_probabilities())
def test_cross_entropy_is_exact(pair):
    P, Y = pair
    assert_close(cross_entropy(P, Y), exact_cross_entropy(P, Y), least_precise(P, Y), np.finfo(np.float32).tiny)


@given(probabilities_and_labels())
def test_plain_labels_do_what_one_hot_labels_do(pair):
    P, y = pair
    Y = one_hot(y, P.shape[1])
    L = negative_log_likelihood(P, y)
    assert_close(L, exact_cross_entropy(P, Y), P.dtype)
    np.testing.assert_allclose(L, cross_entropy(P, Y), rtol=RTOL[P.dtype])
    assert (L == np.inf) == (P[np.arange(len(y)), y] == 0).any()


@given(logits_and_labels(bound=1e4))
def test_cross_entropy_from_logits_is_exact(pair):
    Z, y = pair
    with localcontext(prec=50, Emin=-(10**6)):
        losses = []
        for z, k in zip(Z, y, strict=True):
            finite = [exact(entry) for entry in z if np.isfinite(entry)]
            log_sum = max(finite) + sum((entry - max(finite)).exp() for entry in finite).ln()
            losses.append(log_sum - exact(z[k]))
        wanted = sum(losses) / len(losses)
    # Log-softmax adds numbers as large as 1, so a loss far below 1 is exact to the precision of 1.
    assert_close(cross_entropy_from_logits(Z, y), wanted, Z.dtype, 8 * np.finfo(Z.dtype).eps)


@given(logits_and_labels(bound=1e4))
def test_from_logits_agrees_with_from_probabilities_where_those_exist(pair):
    Z, y = pair
    P = softmax(Z)
    visible = P[np.arange(len(y)), y] > np.finfo(P.dtype).tiny
    if visible.any():
        through_P = negative_log_likelihood(P[visible], y[visible])
        room = 20 * np.finfo(P.dtype).eps
        np.testing.assert_allclose(cross_entropy_from_logits(Z[visible], y[visible]), through_P, rtol=room, atol=room)


@given(logits_and_labels())
def test_from_logits_is_infinite_only_where_a_true_logit_is(pair):
    Z, y = pair
    L = cross_entropy_from_logits(Z, y)
    assert L >= 0
    assert (L == np.inf) == np.isneginf(Z[np.arange(len(y)), y]).any()


@given(two_of_probabilities())
def test_infinite_exactly_where_something_possible_is_called_impossible(pair):
    P, Q = pair
    impossible = ((P > 0) & (Q == 0)).any(axis=1)
    np.testing.assert_array_equal(kl_divergence(P, Q) == np.inf, impossible)
    assert (cross_entropy(Q, P) == np.inf) == impossible.any()
    assert np.isfinite(entropy(P)).all()


@given(two_of_probabilities())
def test_cross_entropy_is_entropy_and_divergence(pair):
    P, Q = pair
    room = RTOL[least_precise(P, Q)]
    np.testing.assert_allclose(cross_entropy(Q, P), (entropy(P) + kl_divergence(P, Q)).mean(), rtol=room, atol=room)


@given(two_of_probabilities())
def test_gibbs_inequality(pair):
    P, Q = pair
    room = 10 * np.finfo(least_precise(P, Q)).eps * P.shape[1]
    assert (kl_divergence(P, Q) >= -room).all()
    # The square of the distance is at most 2 D (Pinsker): far from 0 where the rows are far apart.
    distance = np.abs(P.astype(np.float64) - Q).sum(axis=1)
    assert (distance**2 <= 2 * kl_divergence(P, Q) + room).all()
    np.testing.assert_array_equal(kl_divergence(P, P), 0)


@given(two_of_probabilities())
def test_entropy_and_divergence_row_by_row(pair):
    P, Q = pair
    tiny = float(np.finfo(np.float32).tiny)
    for i, (p, q) in enumerate(zip(P, Q, strict=True)):
        assert_close(entropy(P)[i], exact_cross_entropy(p[None], p[None]), P.dtype, tiny)
        with localcontext(prec=50):
            D = exact_cross_entropy(q[None], p[None]) - exact_cross_entropy(p[None], p[None])
        dtype = least_precise(P, Q)
        largest = np.abs(np.log(q[q > 0].astype(np.float64))).max()  # logarithms of this size cancel
        assert_close(kl_divergence(P, Q)[i], D, dtype, 10 * np.finfo(dtype).eps * (1 + largest))


@given(two_of_probabilities())
def test_entropy_lies_between_certain_and_uniform(pair):
    P, _ = pair
    H = entropy(P)
    assert (H >= 0).all()
    assert (H <= np.log(P.shape[1]) + 10 * P.shape[1] * np.finfo(P.dtype).eps).all()


@given(two_of_probabilities())
def test_mean_squared_error_is_exact(pair):
    P, Y = pair
    squares = [(Fraction(float(p)) - Fraction(float(t))) ** 2 for p, t in zip(P.ravel(), Y.ravel(), strict=True)]
    E = mean_squared_error(P, Y)
    assert_close(E, sum(squares) / len(squares), least_precise(P, Y), np.finfo(np.float32).tiny)
    assert E <= 2 / P.shape[1] + 1e-6


# Promises


@given(two_of_probabilities(), logits_and_labels(), FLOATS)
def test_types_are_kept_and_arguments_untouched(pair, logits_and_y, dtype):
    P, Q = pair
    Z, y = logits_and_y
    labels = (np.arange(len(P)) % P.shape[1]).astype(y.dtype)
    for function, args in (
        (cross_entropy, (P, Q)),
        (negative_log_likelihood, (P, labels)),
        (cross_entropy_from_logits, (Z, y)),
        (entropy, (P,)),
        (kl_divergence, (P, Q)),
        (mean_squared_error, (P, Q)),
    ):
        outcome = outcome_of(function, args)
        assert outcome.error is None and not outcome.changed and not outcome.warnings
        result = outcome.value
        assert result.dtype == np.result_type(*(arg for arg in args if arg.dtype.kind == "f"))
        assert np.shape(result) == ((len(P),) if function in (entropy, kl_divergence) else ())
        assert not np.isnan(result).any()


@given(arrays(st.sampled_from([np.int16, np.int64, np.uint8]), (3, 4)))
def test_integer_logits_become_float64(Z):
    y = np.array([0, 3, 1])
    L = cross_entropy_from_logits(Z, y)
    assert L.dtype == np.float64
    assert L == cross_entropy_from_logits(Z.astype(np.float64), y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_perfect_prediction_costs_zero_without_a_sign(dtype):
    P, y = np.eye(3, dtype=dtype), np.arange(3)
    results = [
        cross_entropy(P, P),
        negative_log_likelihood(P, y),
        cross_entropy_from_logits(1000 * P, y),
        entropy(P),
        kl_divergence(P, P),
        mean_squared_error(P, P),
    ]
    for result in results:
        np.testing.assert_array_equal(result, 0)
        assert not np.signbit(result).any()


def test_subnormal_probabilities():
    tiny = np.array([[5e-324, 1.0]])
    surprise = 1074 * np.log(2)
    np.testing.assert_allclose(cross_entropy(tiny, np.array([[1.0, 0.0]])), surprise, rtol=1e-15)
    np.testing.assert_allclose(negative_log_likelihood(tiny, np.array([0])), surprise, rtol=1e-15)
    np.testing.assert_allclose(kl_divergence(np.array([[0.5, 0.5]]), tiny), surprise / 2 - np.log(2), rtol=1e-15)
    assert kl_divergence(tiny, np.array([[0.0, 1.0]])) == np.inf
    assert 0 <= entropy(tiny)[0] < 1e-300


@pytest.mark.parametrize("order", ["C", "F"])
def test_float32_does_not_lose_its_way_in_a_large_batch(order):
    m = 300_000
    P = np.full((m, 10), 0.1, dtype=np.float32, order=order)
    y = np.arange(m) % 10
    Y = np.asarray(one_hot(y, 10), order=order)
    for L in (cross_entropy(P, Y), negative_log_likelihood(P, y), cross_entropy_from_logits(P, y)):
        np.testing.assert_allclose(L, np.log(10), rtol=1e-6)
    np.testing.assert_allclose(mean_squared_error(P, Y), 0.09, rtol=1e-6)


def test_a_model_that_knows_nothing_starts_at_log_ten():
    X, y = np.random.default_rng(0).random((50, 784)), np.arange(50) % 10
    Z = linear_forward(X, np.zeros((784, 10)), np.zeros(10))
    P, Y = softmax(Z), one_hot(y, 10)
    for L in (cross_entropy(P, Y), negative_log_likelihood(P, y), cross_entropy_from_logits(Z, y), entropy(P).mean()):
        np.testing.assert_allclose(L, np.log(10), rtol=1e-14)
    np.testing.assert_allclose(mean_squared_error(P, Y), 0.09, rtol=1e-7)


def test_logits_of_ten_thousand_in_float32():
    Z = np.array([[1e4, 0, -1e4]], dtype=np.float32)
    assert [cross_entropy_from_logits(Z, np.array([k])) for k in range(3)] == [0, 1e4, 2e4]


# The catalogue


def right_answers(reference):
    """Right answers to one function: those whose names begin with its own and with no longer function's."""
    file = Path(__file__).parent / "right_answers" / "cross_entropy.py"
    spec = importlib.util.spec_from_file_location("right_answers_cross_entropy", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    longer = [each.__name__ for each in FUNCTIONS if each.__name__.startswith(f"{reference.__name__}_")]
    return [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.startswith(f"{reference.__name__}_") and not any(name.startswith(f"{other}_") for other in longer)
    ]


def is_rejected_and_named(misconception, reference, probe):
    try:
        checks.matches(misconception.answer, reference, *probe.args, rtol=probe.rtol, atol=probe.atol)
    except AssertionError as error:
        return f"({misconception.name})" in " ".join(str(error).split())
    return False


@pytest.mark.parametrize("reference", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_misconception_shows_on_a_probe_and_is_named(reference):
    known, probes = misconceptions.about(reference), misconceptions.probes(reference)
    assert len({each.name for each in known}) >= 8
    for each in known:
        assert each.hint.endswith("?") and not each.why.endswith(".")
        assert any(is_rejected_and_named(each, reference, probe) for probe in probes), each.answer.__name__


@pytest.mark.parametrize("reference", FUNCTIONS, ids=lambda function: function.__name__)
def test_no_two_misconceptions_give_the_same_answers(reference):
    known, probes = misconceptions.about(reference), misconceptions.probes(reference)
    outcomes = [[outcome_of(each.answer, probe.args) for probe in probes] for each in known]
    tolerances = [Tolerance.of(probe.args, probe.rtol, probe.atol) for probe in probes]
    for i, one in enumerate(outcomes):
        for j, other in enumerate(outcomes[:i]):
            alike = all(map(same_outcome, one, other, tolerances))
            assert not alike, f"{known[i].answer.__name__}, {known[j].answer.__name__}"


@pytest.mark.parametrize("reference", FUNCTIONS, ids=lambda function: function.__name__)
def test_right_answers_agree_on_every_probe(reference):
    right = right_answers(reference)
    assert len(right) >= 3
    for function in right:
        for probe in misconceptions.probes(reference):
            expected, found = outcome_of(reference, probe.args), outcome_of(function, probe.args)
            assert expected.error is None and not expected.warnings
            tolerance = Tolerance.of(probe.args, probe.rtol, probe.atol)
            assert not difference(found, expected, reference, tolerance), function.__name__
