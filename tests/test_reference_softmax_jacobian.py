"""Properties of the softmax Jacobian and its relatives, for any promised arguments that hypothesis finds.

What is exact here is computed in fractions, in which every float has its exact value. The catalogue of misconceptions
is tested here too, against the reference functions alone, and so is what only this notebook's checks pass around:
functions as arguments, and classes by the million.
"""

import copy
import importlib.util
import inspect
import pickle
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shared import checks, maps, misconceptions
from shared.misconceptions import softmax_jacobian as catalogue
from shared.outcomes import TimeLimitExceeded, Tolerance, difference, outcome_of, same_outcome
from shared.reference.softmax import softmax
from shared.reference.softmax_jacobian import (
    batch_softmax_jacobian,
    numerical_jacobian,
    relative_error,
    softmax_jacobian,
    softmax_vjp,
)
from shared.wording import describe

FUNCTIONS = [softmax_jacobian, batch_softmax_jacobian, numerical_jacobian, softmax_vjp, relative_error]
FLOATS = st.sampled_from([np.float32, np.float64])
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 7))
EPS = {np.dtype(dtype): float(np.finfo(dtype).eps) for dtype in (np.float32, np.float64)}


@st.composite
def probabilities(draw, shapes=SHAPES, dtypes=FLOATS, bounds=(1, 5, 700, 1e4)):
    """Promised probabilities: softmax of logits of any size, some of which rule a class out."""
    shape, dtype, bound = draw(shapes), draw(dtypes), draw(st.sampled_from(bounds))
    Z = draw(arrays(dtype, shape, elements=st.floats(-bound, bound, width=np.dtype(dtype).itemsize * 8)))
    ruled_out = draw(arrays(bool, shape, fill=st.just(False)))
    ruled_out[:, 0] = False
    return softmax(np.where(ruled_out, dtype(-np.inf), Z))


@st.composite
def probabilities_and_gradients(draw, bound=1e6):
    P = draw(probabilities())
    dtype = draw(FLOATS)
    elements = st.floats(-bound, bound, width=np.dtype(dtype).itemsize * 8, allow_subnormal=False)
    return P, draw(arrays(dtype, P.shape, elements=elements))


@st.composite
def two_arrays(draw):
    shape, dtype = draw(SHAPES), draw(FLOATS)
    limit = float(np.float32(draw(st.sampled_from([1e-7, 3, 1e30]))))
    elements = st.floats(-limit, limit, width=np.dtype(dtype).itemsize * 8, allow_subnormal=False)
    return draw(arrays(dtype, shape, elements=elements)), draw(arrays(dtype, shape, elements=elements))


@st.composite
def vectors(draw, bound=4.0, least=1):
    return draw(arrays(np.float64, st.integers(least, 7), elements=st.floats(-bound, bound)))


@pytest.fixture(autouse=True)
def no_warning_on_promised_inputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def exact(array):
    """An array of the same numbers as fractions."""
    return np.array([Fraction(float(x)) for x in np.ravel(array)], dtype=object).reshape(np.shape(array))


def coarser(*given):
    return max(EPS[array.dtype] for array in given)


# The Jacobian


@given(probabilities())
def test_jacobian_is_exact_to_the_last_bits(P):
    p = P[0]
    wanted = exact(p)[:, None] * (np.eye(len(p), dtype=object) - exact(p))
    tiny = float(np.finfo(p.dtype).tiny)  # products below it have fewer digits
    off = np.abs(exact(softmax_jacobian(p)) - wanted)
    assert (off <= 2 * EPS[p.dtype] * np.abs(wanted) + tiny).all()


@given(vectors(bound=2.0))
def test_jacobian_agrees_with_central_differences(z):
    J, numerical = softmax_jacobian(maps.softmax_of_vector(z)), numerical_jacobian(maps.softmax_of_vector, z)
    np.testing.assert_allclose(numerical, J, rtol=1e-7, atol=1e-10)
    assert relative_error(numerical, J) < 1e-7  # in the measure of the course: no entry here is below 1e-4


@given(vectors(bound=2.0, least=2))
def test_batch_agrees_with_central_differences_sample_by_sample(z):
    Z = np.stack([z, -z, z / 2])
    numerical = np.stack([numerical_jacobian(maps.softmax_of_vector, row) for row in Z])
    np.testing.assert_allclose(batch_softmax_jacobian(softmax(Z)), numerical, rtol=1e-7, atol=1e-10)


@given(probabilities())
def test_jacobian_is_symmetric_sums_to_zero_and_has_no_negative_eigenvalue(P):
    J = batch_softmax_jacobian(P)
    K = P.shape[1]
    np.testing.assert_array_equal(J, J.transpose(0, 2, 1))
    room = 4 * K * EPS[P.dtype]
    assert np.abs(J.sum(axis=2)).max() <= room
    assert (np.diagonal(J, axis1=1, axis2=2) >= 0).all()
    assert np.linalg.eigvalsh(J.astype(np.float64)).min() >= -room


@given(vectors(bound=3.0))
def test_jacobian_has_rank_one_below_full(z):
    J = softmax_jacobian(maps.softmax_of_vector(z))
    assert np.linalg.matrix_rank(J, tol=1e-10) == len(z) - 1
    # The missing direction: what is added to every logit alike changes nothing.
    np.testing.assert_allclose(J @ np.ones(len(z)), 0, atol=1e-15)


@given(probabilities())
def test_batch_is_what_each_sample_gives(P):
    J = batch_softmax_jacobian(P)
    assert J.shape == (*P.shape, P.shape[1])
    np.testing.assert_array_equal(J, np.stack([softmax_jacobian(p) for p in P]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_jacobian_of_a_certain_prediction_is_zero(dtype):
    np.testing.assert_array_equal(softmax_jacobian(np.array([0, 1, 0], dtype=dtype)), 0)
    np.testing.assert_array_equal(batch_softmax_jacobian(np.eye(4, 3, dtype=dtype)), 0)
    np.testing.assert_array_equal(softmax_jacobian(np.ones(1, dtype=dtype)), [[0]])


def test_jacobian_next_to_certainty_keeps_its_digits():
    p = np.array([1 - 2.0**-50, 2.0**-50])
    np.testing.assert_allclose(softmax_jacobian(p), 2.0**-50 * np.array([[1, -1], [-1, 1]]), rtol=1e-14)


# Central differences


@given(arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.integers(-8, 8)), st.data())
def test_numerical_jacobian_of_a_linear_map_is_its_matrix(A, data):
    n, K = A.shape
    z = data.draw(arrays(np.int64, K, elements=st.integers(-4, 4)))
    # A power of two as the step: every number on the way is exact, and so is the result.
    J = numerical_jacobian(lambda x: A @ x, z.astype(data.draw(FLOATS)), 2.0**-10)
    assert J.shape == (n, K)
    np.testing.assert_array_equal(J, A)
    np.testing.assert_allclose(numerical_jacobian(lambda x: A @ x, z), A, atol=1e-8)


@given(vectors(bound=2.0, least=2))
def test_numerical_jacobian_of_maps_with_known_ones(z):
    K, e = len(z), np.eye(len(z))
    cases = [
        (np.tanh, np.diag(1 / np.cosh(z) ** 2)),
        (np.diff, e[1:] - e[:-1]),
        (np.cumsum, np.tri(K)),
        (maps.log_sum_exp, maps.softmax_of_vector(z)[None]),
        (maps.products_of_pairs, [e[i] * z[j] + e[j] * z[i] for i in range(K) for j in range(i + 1, K)]),
    ]
    for f, J in cases:
        found = numerical_jacobian(f, z)
        assert found.shape == (len(f(z)), K)
        np.testing.assert_allclose(found, J, rtol=1e-7, atol=1e-9)


@given(vectors(), st.sampled_from([0.5, 0.1, 1e-2]))
def test_error_of_central_differences_is_of_second_order(z, h):
    # For the cube it is exactly h²: (z + h)³ − (z − h)³ = 2h (3z² + h²).
    J = numerical_jacobian(lambda x: x**3, z, h)
    np.testing.assert_allclose(J, np.diag(3 * z**2 + h**2), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.int8])
def test_steps_are_taken_in_float64_whatever_the_type(dtype):
    z = np.array([1, 2, -1], dtype=dtype)
    seen = []
    J = numerical_jacobian(lambda x: seen.append(x.dtype) or np.exp(x), z)
    assert set(seen) == {np.dtype(np.float64)} and J.dtype == np.float64
    np.testing.assert_allclose(J, np.diag(np.exp(z.astype(np.float64))), atol=1e-8)


def test_numerical_jacobian_is_of_float64_though_f_is_not():
    J = numerical_jacobian(lambda x: np.diff(x).astype(np.float32), np.array([1.0, 2.0, 4.0]), 0.5)
    assert J.dtype == np.float64
    np.testing.assert_array_equal(J, [[-1, 1, 0], [0, -1, 1]])


# The vector–Jacobian product


@given(probabilities_and_gradients())
def test_vjp_is_the_product_with_the_jacobian(pair):
    P, dP = pair
    dZ = softmax_vjp(P, dP)
    J, G = batch_softmax_jacobian(P.astype(np.float64)), dP.astype(np.float64)
    room = 8 * P.shape[1] * coarser(P, dP) * np.abs(G).max(axis=1, keepdims=True) + np.finfo(np.float32).tiny
    assert (np.abs(dZ - np.einsum("si,sij->sj", G, J)) <= room).all()  # the vector stands on the left
    assert (np.abs(dZ - np.einsum("sij,sj->si", J, G)) <= room).all()  # which makes no difference: J is symmetric
    assert (np.abs(dZ.sum(axis=1, keepdims=True, dtype=np.float64)) <= P.shape[1] * room).all()


@given(probabilities_and_gradients(bound=100), st.integers(-50, 50))
def test_vjp_ignores_a_constant_and_is_linear(pair, constant):
    P, dP = (array.astype(np.float64) for array in pair)
    room = dict(rtol=1e-5, atol=1e-4)  # P may have been rounded to float32, and then sums to 1 to that precision only
    np.testing.assert_allclose(softmax_vjp(P, dP + constant), softmax_vjp(P, dP), **room)
    np.testing.assert_allclose(softmax_vjp(P, 3 * dP), 3 * softmax_vjp(P, dP), rtol=1e-12, atol=1e-10)


@given(vectors(bound=2.0), vectors(bound=2.0))
def test_vjp_is_the_gradient_of_a_loss(z, g):
    K = min(len(z), len(g))
    z, g = z[:K], g[:K]
    gradient = numerical_jacobian(lambda x: np.array([g @ maps.softmax_of_vector(x)]), z)
    found = softmax_vjp(maps.softmax_of_vector(z)[None], g[None])
    np.testing.assert_allclose(found, gradient, rtol=1e-7, atol=1e-10)


def test_vjp_of_fifty_samples_and_five_thousand_classes():
    rng = np.random.default_rng(0)
    P, dP = softmax(rng.normal(0, 1, (50, 5000))), rng.normal(0, 1, (50, 5000))
    dZ = softmax_vjp(P, dP)
    np.testing.assert_allclose(dZ[17], dP[17] @ softmax_jacobian(P[17]), rtol=1e-9, atol=1e-15)


# The relative error


@given(two_arrays())
def test_relative_error_is_exact(pair):
    a, b = pair
    worst = max(
        abs(x - y) / max(abs(x) + abs(y), Fraction(1, 10**8))
        for x, y in zip(exact(a).ravel(), exact(b).ravel(), strict=True)
    )
    error = relative_error(a, b)
    assert np.ndim(error) == 0
    np.testing.assert_allclose(float(error), float(worst), rtol=8 * EPS[a.dtype], atol=float(np.finfo(a.dtype).tiny))


@given(two_arrays())
def test_relative_error_lies_between_zero_and_one_and_is_symmetric(pair):
    a, b = pair
    error = relative_error(a, b)
    assert 0 <= error <= 1 + EPS[a.dtype]
    assert error == relative_error(b, a) == relative_error(-a, -b)
    assert relative_error(a, a) == 0
    # The worst entry decides: the others, and their shape, do not matter.
    assert error == max(relative_error(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True))
    assert error == relative_error(a.ravel(), b.ravel())


def test_relative_error_of_nothing_but_zeros_and_of_opposites():
    zeros = np.zeros((2, 3), dtype=np.float32)
    assert relative_error(zeros, zeros) == 0
    assert relative_error(np.array([1.0]), np.array([-1.0])) == 1
    assert relative_error(np.array([4e-9]), np.array([0.0])) == 0.4
    assert relative_error(2.0, 6.0) == 0.5


# Promises


@given(probabilities_and_gradients())
def test_types_are_kept_and_arguments_untouched(pair):
    P, dP = pair
    z = dP[0] / np.abs(dP).max(initial=1)
    for function, args, dtype, shape in (
        (softmax_jacobian, (P[0],), P.dtype, (P.shape[1],) * 2),
        (batch_softmax_jacobian, (P,), P.dtype, (*P.shape, P.shape[1])),
        (numerical_jacobian, (np.cumsum, z), np.float64, (len(z),) * 2),
        (softmax_vjp, (P, dP), np.result_type(P, dP), P.shape),
        (relative_error, (P, dP), np.result_type(P, dP), ()),
    ):
        outcome = outcome_of(function, args)
        assert outcome.error is None and not outcome.changed and not outcome.warnings
        assert outcome.value.dtype == dtype and outcome.value.shape == shape
        assert np.isfinite(outcome.value).all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_order_makes_no_difference(order):
    rng = np.random.default_rng(1)
    P, dP = rng.dirichlet(np.ones(4), 3), rng.normal(0, 1, (3, 4))
    Q, dQ = np.asarray(P, order=order), np.asarray(dP, order=order)
    np.testing.assert_array_equal(batch_softmax_jacobian(Q), batch_softmax_jacobian(P))
    np.testing.assert_allclose(softmax_vjp(Q, dQ), softmax_vjp(P, dP), rtol=1e-14)


# Functions as arguments, and classes by the million


@pytest.mark.parametrize("f", [np.tanh, np.cumprod, np.diff, np.poly, maps.softmax_of_vector, maps.products_of_pairs])
def test_functions_travel_by_an_importable_name(f):
    module, _, name = describe(f).rpartition(".")
    assert getattr(importlib.import_module(module), name) is f
    assert copy.deepcopy(f) is f and pickle.loads(pickle.dumps(f)) is f


def test_a_function_of_nobody_knows_where_keeps_its_bare_name():
    def square(x):
        return x * x

    class Ufunc:  # as NumPy below 2.2 has them: no module
        __name__ = "tanh"
        __call__ = square

    assert describe(square) == "square" and describe(Ufunc()) == "tanh" and describe(len) == "len"


def test_message_says_which_function_was_differentiated():
    with pytest.raises(AssertionError) as caught:
        checks.matches(lambda f, z, h=1e-5: np.eye(len(z)), numerical_jacobian, np.cumprod, np.array([1.0, 2.0, 3.0]))
    assert "\n  f         numpy.cumprod\n  z         float64 (3,) [1., 2., 3.]\n" in str(caught.value)


def test_every_probe_of_numerical_jacobian_gives_fresh_arrays():
    """A right answer may move one copy of z about, which a map that returns a view of it would notice."""
    for probe in misconceptions.probes(numerical_jacobian):
        f, z = probe.args[:2]
        z = z.astype(np.float64)
        assert not np.shares_memory(f(z), z)


def test_a_jacobian_of_millions_of_classes_is_refused_at_once():
    (many,) = [probe for probe in misconceptions.probes(softmax_vjp) if probe.args[0].size > 1e6]
    P, _ = many.args
    # One Jacobian has more bytes than the 47 bits of an address, so that no system can promise them.
    assert P.shape[1] ** 2 * P.itemsize > 2**47
    outcome = outcome_of(softmax_vjp, many.args)
    assert outcome.error is None and outcome.value.dtype == np.float32
    np.testing.assert_array_equal(np.flatnonzero(outcome.value), np.flatnonzero(P))
    np.testing.assert_array_equal(outcome.value[P > 0], [0.25, 1.125, -1.375])
    for each in misconceptions.about(softmax_vjp):
        built = each.name == "Jacobian built"
        assert isinstance(outcome_of(each.answer, many.args).error, MemoryError) == built, each.answer.__name__


def test_a_loop_over_a_million_samples_runs_out_of_time():
    """What a test cell can make of the promise of speed: the loop takes seconds, the reference some 0.1."""

    def loop(P):
        return np.array([np.diag(p) - np.outer(p, p) for p in P])

    P = np.random.default_rng(2).dirichlet(np.ones(2), 1_000_000).astype(np.float32)
    assert outcome_of(batch_softmax_jacobian, (P,), seconds=2).error is None
    assert isinstance(outcome_of(loop, (P,), seconds=0.5).error, TimeLimitExceeded)


# The catalogue


def right_answers(reference):
    """Right answers to one function: those whose names begin with its own."""
    file = Path(__file__).parent / "right_answers" / "softmax_jacobian.py"
    spec = importlib.util.spec_from_file_location("right_answers_softmax_jacobian", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    functions = inspect.getmembers(module, inspect.isfunction)
    return [function for name, function in functions if name.startswith(f"{reference.__name__}_")]


def message_to(answer, reference, probe):
    """What the check says to an answer, in one line; empty where it accepts it."""
    try:
        checks.matches(answer, reference, *probe.args, rtol=probe.rtol)
    except AssertionError as error:
        return " ".join(str(error).split())
    return ""


WRONG = [(reference, each) for reference in FUNCTIONS for each in misconceptions.about(reference)]
RIGHT = [(reference, function) for reference in FUNCTIONS for function in right_answers(reference)]
every_function = pytest.mark.parametrize("reference", FUNCTIONS, ids=lambda function: function.__name__)


@pytest.mark.parametrize(
    ("reference", "misconception"), WRONG, ids=[f"{each[0].__name__}-{each[1].answer.__name__}" for each in WRONG]
)
def test_every_misconception_shows_on_a_probe_and_is_named(reference, misconception, monkeypatch):
    if misconception.name != "Jacobian built":  # all others show without millions of classes, which take half a second
        small = [probe for probe in misconceptions.probes(reference) if np.size(probe.args[0]) < 1e6]
        monkeypatch.setattr(misconceptions, "probes", lambda reference: small)
    said = [message_to(misconception.answer, reference, probe) for probe in misconceptions.probes(reference)]
    assert any(said), "no probe rejects it"
    assert any(f"({misconception.name})" in message for message in said), "\n\n".join(filter(None, said))
    names = {each.name for each in misconceptions.about(reference)}
    for message in said:  # and no other mistake is named with it
        assert {name for name in names if f"({name})" in message} <= {misconception.name}


@pytest.mark.parametrize(("reference", "misconception"), WRONG, ids=[each[1].answer.__name__ for each in WRONG])
def test_misconception_is_well_put_and_stands_alone(reference, misconception):
    assert misconception.hint.endswith("?") and not misconception.why.endswith(".")
    names = {"np": np}
    exec(inspect.getsource(misconception.answer).partition("\n)\n")[2], names)
    own = names[misconception.answer.__name__]
    assert set(own.__code__.co_names) & set(vars(catalogue)) <= {"np"}
    assert inspect.signature(own) == inspect.signature(reference)


@every_function
def test_no_two_misconceptions_give_the_same_answers(reference):
    known = misconceptions.about(reference)
    same = {(i, j) for i in range(len(known)) for j in range(i)}
    for probe in misconceptions.probes(reference):  # one at a time: their results may be large
        outcomes = [outcome_of(each.answer, probe.args) for each in known]
        tolerance = Tolerance.of(probe.args, probe.rtol)
        same = {(i, j) for i, j in same if same_outcome(outcomes[i], outcomes[j], tolerance)}
    assert not same, [(known[i].answer.__name__, known[j].answer.__name__) for i, j in same]


@pytest.mark.parametrize(("reference", "function"), RIGHT, ids=[each[1].__name__ for each in RIGHT])
def test_right_answer_agrees_on_every_probe(reference, function):
    assert list(inspect.signature(function).parameters) == list(inspect.signature(reference).parameters)
    for probe in misconceptions.probes(reference):
        expected, found = outcome_of(reference, probe.args), outcome_of(function, probe.args)
        assert expected.error is None and not expected.warnings and not found.warnings
        assert not difference(found, expected, reference, Tolerance.of((probe.args, expected.value), probe.rtol))


@every_function
def test_there_are_enough_of_each(reference):
    assert len({each.name for each in misconceptions.about(reference)}) >= 8
    assert sum(each is reference for each, _ in RIGHT) >= 4
