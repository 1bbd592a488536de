"""What goes wrong in notebook 4, the softmax Jacobian."""

import numpy as np

from shared.maps import log_sum_exp, products_of_pairs, softmax_of_vector
from shared.misconceptions import misconception, probe
from shared.reference import softmax_jacobian as reference

_rng = np.random.default_rng(4)
_P = _rng.dirichlet(np.ones(4), 6)  # (6, 4)
_dP = _rng.normal(0, 2, (6, 4))
_eighths = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0], [0.125, 0.0, 0.875], [0.25, 0.5, 0.25]])  # products are exact


def _single(*arrays):
    return [array.astype(np.float32) for array in arrays]


# softmax_jacobian

probe(reference.softmax_jacobian, _P[0])
probe(reference.softmax_jacobian, *_single(_rng.dirichlet(np.ones(7))))
probe(reference.softmax_jacobian, _rng.dirichlet(np.ones(10)))
probe(reference.softmax_jacobian, _eighths[0])
probe(reference.softmax_jacobian, np.array([0.0, 1.0]))
probe(reference.softmax_jacobian, np.array([1.0]))


@misconception(
    reference.softmax_jacobian,
    "diagonal only",
    "every probability is taken to depend on its own logit alone",
    "if one logit rises, what happens to the probabilities of the other classes?",
)
def diagonal_only(p):
    return np.diag(p * (1 - p))


@misconception(
    reference.softmax_jacobian,
    "elementwise derivative",
    "p(1 − p) is returned, one number a class, as for a sigmoid",
    "how many derivatives do K results of K logits have?",
)
def elementwise(p):
    return p * (1 - p)


@misconception(
    reference.softmax_jacobian,
    "diagonal formula everywhere",
    "p_i (1 − p_j) stands off the diagonal too",
    "which sign has the derivative of p_i by another class's logit?",
)
def diagonal_formula_everywhere(p):
    return np.outer(p, 1 - p)


@misconception(
    reference.softmax_jacobian,
    "outer product only",
    "−p_i p_j stands on the diagonal too",
    "can a probability fall when its own logit rises?",
)
def outer_only(p):
    return -np.outer(p, p)


@misconception(
    reference.softmax_jacobian,
    "outer product forgotten",
    "only diag(p) is left",
    "what does each row of your Jacobian sum to, and what must it sum to?",
)
def outer_forgotten(p):
    return np.diag(p)


@misconception(
    reference.softmax_jacobian,
    "sign turned",
    "the outer product comes first and diag(p) is subtracted",
    "can a probability fall when its own logit rises?",
)
def sign_turned(p):
    return np.outer(p, p) - np.diag(p)


@misconception(
    reference.softmax_jacobian,
    "outer product added",
    "diag(p) and the outer product are added",
    "what does each row of your Jacobian sum to, and what must it sum to?",
)
def outer_added(p):
    return np.diag(p) + np.outer(p, p)


@misconception(
    reference.softmax_jacobian,
    "sign lost off the diagonal",
    "the entries off the diagonal are +p_i p_j",
    "if one logit rises, do the other probabilities rise or fall?",
)
def sign_lost(p):
    J = np.outer(p, p)
    np.fill_diagonal(J, p * (1 - p))
    return J


@misconception(
    reference.softmax_jacobian,
    "two cases exchanged",
    "the case i = j is used off the diagonal and the other one on it",
    "which of the two cases of the quotient rule has i = j?",
)
def cases_exchanged(p):
    J = np.outer(p, 1 - p)
    np.fill_diagonal(J, -p * p)
    return J


@misconception(
    reference.softmax_jacobian,
    "factor forgotten",
    "δ − p_j is not multiplied by p_i",
    "what is left of p_i (δ − p_j) for a class with probability 0?",
)
def factor_forgotten(p):
    return np.eye(len(p), dtype=p.dtype) - p


@misconception(
    reference.softmax_jacobian,
    "identity instead of diag(p)",
    "the outer product is subtracted from ones on the diagonal",
    "which number should stand where i = j, before the outer product is subtracted?",
)
def identity_less_outer(p):
    return np.eye(len(p), dtype=p.dtype) - np.outer(p, p)


@misconception(
    reference.softmax_jacobian,
    "the same index twice",
    "p_i (δ − p_i) is computed: both factors run down the rows",
    "which of the two factors runs along a row of J?",
)
def same_index_twice(p):
    J = np.zeros((len(p), len(p)), dtype=p.dtype)
    for i in range(len(p)):
        for j in range(len(p)):
            J[i, j] = p[i] * ((i == j) - p[i])
    return J


@misconception(
    reference.softmax_jacobian,
    "scalar product for outer product",
    "p @ p.T is subtracted, which for a vector is one number",
    "which shape has p @ p.T when p has shape (K,)?",
)
def scalar_product(p):
    return np.diag(p) - p @ p.T


@misconception(
    reference.softmax_jacobian,
    "elementwise product for outer product",
    "p * p.T is subtracted, which for a vector is p² along each row",
    "which shape has p * p.T when p has shape (K,)?",
)
def elementwise_product(p):
    return np.diag(p) - p * p.T


@misconception(
    reference.softmax_jacobian,
    "upper triangle only",
    "the entries below the diagonal are left at 0",
    "is the Jacobian symmetric, and is yours?",
)
def upper_triangle(p):
    J = np.zeros((len(p), len(p)), dtype=p.dtype)
    for i in range(len(p)):
        for j in range(i, len(p)):
            J[i, j] = p[i] * ((i == j) - p[j])
    return J


@misconception(
    reference.softmax_jacobian,
    "softmax once more",
    "p goes through softmax again",
    "are the entries of p logits or probabilities?",
)
def softmax_once_more(p):
    p = np.exp(p) / np.exp(p).sum()
    return np.diag(p) - np.outer(p, p)


@misconception(
    reference.softmax_jacobian,
    "ten classes assumed",
    "the identity has ten rows, whatever K is",
    "how many classes has p, and does your code ask it?",
)
def ten_classes(p):
    return p[:, None] * (np.eye(10, dtype=p.dtype) - p)


@misconception(
    reference.softmax_jacobian,
    "always float64",
    "float64 enters somewhere: astype, np.eye or np.zeros without a dtype",
    "which type has p, and which has your result?",
)
def jacobian_in_float64(p):
    return p[:, None] * (np.eye(len(p)) - p)


@misconception(
    reference.softmax_jacobian,
    "probabilities changed in place",
    "the caller's p is overwritten on the way",
    "what does p *= … do to the array that was passed in?",
)
def jacobian_in_place(p):
    J = -np.outer(p, p)
    p *= 1 - p
    np.fill_diagonal(J, p)
    return J


# batch_softmax_jacobian

probe(reference.batch_softmax_jacobian, _P)
probe(reference.batch_softmax_jacobian, *_single(_rng.dirichlet(np.ones(5), 3)))
probe(reference.batch_softmax_jacobian, _eighths)
probe(reference.batch_softmax_jacobian, _rng.dirichlet(np.ones(3), 1))
probe(reference.batch_softmax_jacobian, _rng.dirichlet(np.ones(10), 4))


@misconception(
    reference.batch_softmax_jacobian,
    "diagonal only",
    "every probability is taken to depend on its own logit alone",
    "if one logit rises, what happens to the probabilities of the other classes?",
)
def batch_diagonal_only(P):
    return (P * (1 - P))[:, :, None] * np.eye(P.shape[1], dtype=P.dtype)


@misconception(
    reference.batch_softmax_jacobian,
    "elementwise derivative",
    "P(1 − P) is returned, one number a class, as for a sigmoid",
    "how many derivatives do K results of K logits have, for each sample?",
)
def batch_elementwise(P):
    return P * (1 - P)


@misconception(
    reference.batch_softmax_jacobian,
    "outer products only",
    "−p_i p_j stands on the diagonals too",
    "can a probability fall when its own logit rises?",
)
def batch_outer_only(P):
    return -P[:, :, None] * P[:, None, :]


@misconception(
    reference.batch_softmax_jacobian,
    "sign turned",
    "the outer products come first and the diagonals are subtracted",
    "can a probability fall when its own logit rises?",
)
def batch_sign_turned(P):
    return P[:, :, None] * (P[:, None, :] - np.eye(P.shape[1], dtype=P.dtype))


@misconception(
    reference.batch_softmax_jacobian,
    "outer products added",
    "the diagonals and the outer products are added",
    "what does each row of your Jacobians sum to, and what must it sum to?",
)
def batch_outer_added(P):
    return P[:, :, None] * (np.eye(P.shape[1], dtype=P.dtype) + P[:, None, :])


@misconception(
    reference.batch_softmax_jacobian,
    "factor forgotten",
    "δ − p_j is not multiplied by p_i",
    "what is left of p_i (δ − p_j) for a class with probability 0?",
)
def batch_factor_forgotten(P):
    return np.eye(P.shape[1], dtype=P.dtype) - P[:, None, :]


@misconception(
    reference.batch_softmax_jacobian,
    "identity instead of diag(p)",
    "the outer products are subtracted from ones on the diagonal",
    "which number should stand where i = j, before the outer product is subtracted?",
)
def batch_identity_less_outer(P):
    return np.eye(P.shape[1], dtype=P.dtype) - P[:, :, None] * P[:, None, :]


@misconception(
    reference.batch_softmax_jacobian,
    "the same index twice",
    "p_i (δ − p_i) is computed: both factors run down the rows",
    "where does the new axis go in the factor that runs along a row?",
)
def batch_same_index_twice(P):
    return P[:, :, None] * (np.eye(P.shape[1], dtype=P.dtype) - P[:, :, None])


@misconception(
    reference.batch_softmax_jacobian,
    "summed over the batch",
    "the Jacobians of all samples are added up",
    "how many Jacobians should come back for m samples?",
)
def summed_over_batch(P):
    return np.diag(P.sum(axis=0)) - P.T @ P


@misconception(
    reference.batch_softmax_jacobian,
    "averaged over the batch",
    "the mean of the Jacobians of all samples is returned",
    "how many Jacobians should come back for m samples?",
)
def averaged_over_batch(P):
    return (P[:, :, None] * (np.eye(P.shape[1], dtype=P.dtype) - P[:, None, :])).mean(axis=0)


@misconception(
    reference.batch_softmax_jacobian,
    "first sample for all",
    "the outer product of the first sample is subtracted from every sample's diagonal",
    "which sample do the numbers in J[1] come from?",
)
def first_sample_for_all(P):
    return P[:, :, None] * np.eye(P.shape[1], dtype=P.dtype) - np.outer(P[0], P[0])


@misconception(
    reference.batch_softmax_jacobian,
    "samples on the last axis",
    "the shape is (K, K, m)",
    "which Jacobian should J[0] be?",
)
def samples_last(P):
    J = P[:, :, None] * (np.eye(P.shape[1], dtype=P.dtype) - P[:, None, :])
    return J.transpose(1, 2, 0)


@misconception(
    reference.batch_softmax_jacobian,
    "reshaped instead of transposed",
    "an array of shape (K, K, m) is reshaped to (m, K, K), which keeps the order of its entries",
    "does reshape move an axis to another place?",
)
def reshaped(P):
    m, K = P.shape
    J = P.T[:, None, :] * (np.eye(K, dtype=P.dtype)[:, :, None] - P.T[None, :, :])
    return J.reshape(m, K, K)


@misconception(
    reference.batch_softmax_jacobian,
    "diagonal of the whole batch",
    "np.fill_diagonal is asked for the diagonal of all three axes together",
    "which entries does np.fill_diagonal fill in an array with three axes?",
)
def diagonal_of_whole_batch(P):
    J = -P[:, :, None] * P[:, None, :]
    np.fill_diagonal(J, P * (1 - P))
    return J


@misconception(
    reference.batch_softmax_jacobian,
    "diagonal of the wrong axes",
    "the diagonal is written along the axes of samples and rows",
    "over which two of the three axes does J[k, k] run?",
)
def diagonal_of_wrong_axes(P):
    J = -P[:, :, None] * P[:, None, :]
    k = np.arange(P.shape[1])
    J[k, k] += P
    return J


@misconception(
    reference.batch_softmax_jacobian,
    "softmax once more",
    "P goes through softmax again",
    "are the entries of P logits or probabilities?",
)
def batch_softmax_once_more(P):
    P = np.exp(P) / np.exp(P).sum(axis=1, keepdims=True)
    return P[:, :, None] * (np.eye(P.shape[1], dtype=P.dtype) - P[:, None, :])


@misconception(
    reference.batch_softmax_jacobian,
    "ten classes assumed",
    "the identity has ten rows, whatever K is",
    "how many classes has P, and does your code ask it?",
)
def batch_ten_classes(P):
    return P[:, :, None] * (np.eye(10, dtype=P.dtype) - P[:, None, :])


@misconception(
    reference.batch_softmax_jacobian,
    "always float64",
    "float64 enters somewhere: astype, np.eye or np.zeros without a dtype",
    "which type has P, and which has your result?",
)
def batch_in_float64(P):
    return P[:, :, None] * (np.eye(P.shape[1]) - P[:, None, :])


@misconception(
    reference.batch_softmax_jacobian,
    "probabilities changed in place",
    "the caller's P is overwritten on the way",
    "what does P *= … do to the array that was passed in?",
)
def batch_in_place(P):
    J = -P[:, :, None] * P[:, None, :]
    k = np.arange(P.shape[1])
    P *= 1 - P
    J[:, k, k] = P
    return J


# numerical_jacobian: two right ways differ by rounding over h, some 1e-11; the nearest wrong one by some 1e-6

_z = np.array([0.3, -1.2, 2.1, 0.7])
probe(reference.numerical_jacobian, np.tanh, _z, rtol=1e-7)
probe(reference.numerical_jacobian, softmax_of_vector, _z, rtol=1e-7)
probe(reference.numerical_jacobian, np.cumprod, np.array([1.1, -0.7, 1.9, 0.6, 1.3]), rtol=1e-7)  # not symmetric
probe(reference.numerical_jacobian, np.diff, _z, rtol=1e-7)  # n = K - 1
probe(reference.numerical_jacobian, np.poly, _z[:3], rtol=1e-7)  # n = K + 1
probe(reference.numerical_jacobian, products_of_pairs, _z, rtol=1e-7)  # n = 6, K = 4
probe(reference.numerical_jacobian, log_sum_exp, _z, rtol=1e-7)  # n = 1
probe(reference.numerical_jacobian, np.exp, *_single(_z), rtol=1e-7)
probe(reference.numerical_jacobian, softmax_of_vector, np.array([2, -1, 0]), rtol=1e-7)
probe(reference.numerical_jacobian, np.exp, _z, 0.5, rtol=1e-7)  # so long a step shows which one was taken
probe(reference.numerical_jacobian, products_of_pairs, *_single(3 * _z), 0.25, rtol=1e-7)


@misconception(
    reference.numerical_jacobian,
    "forward differences",
    "f(z + h) − f(z) is divided by h",
    "how far is your result from the truth if h is 0.5, and on which side of z do you look?",
)
def forward_differences(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [(f(z + step) - f(z)) / h for step in h * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "backward differences",
    "f(z) − f(z − h) is divided by h",
    "how far is your result from the truth if h is 0.5, and on which side of z do you look?",
)
def backward_differences(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [(f(z) - f(z - step)) / h for step in h * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "divided by h",
    "f(z + h) − f(z − h) is divided by h instead of 2h",
    "how far apart are z + h and z − h?",
)
def divided_by_h(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [(f(z + step) - f(z - step)) / h for step in h * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "bracket forgotten",
    "the difference is divided by 2 and multiplied by h: / 2 * h",
    "in which order does Python work out x / 2 * h?",
)
def bracket_forgotten(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [(f(z + step) - f(z - step)) / 2 * h for step in h * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "not divided",
    "the differences are not divided by 2h",
    "is a derivative a difference or a quotient of two?",
)
def not_divided(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [f(z + step) - f(z - step) for step in h * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "sign turned",
    "f(z + h) is subtracted from f(z − h)",
    "which sign does the slope of a rising function get from you?",
)
def differences_turned(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [(f(z - step) - f(z + step)) / (2 * h) for step in h * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "transposed",
    "the differences are stacked as rows: J[i, j] is the derivative of result j by coordinate i",
    "along which axis of J do the results of f run, and how many rows should np.diff give?",
)
def transposed(f, z, h=1e-5):
    z = z.astype(np.float64)
    return np.stack([(f(z + step) - f(z - step)) / (2 * h) for step in h * np.eye(len(z))])


@misconception(
    reference.numerical_jacobian,
    "steps in z's own type",
    "the steps are taken in the type of z: float32 rounds them, whole numbers swallow them",
    "what is np.float32(1) + np.float32(1e-5) − 1, to six digits?",
)
def steps_in_own_type(f, z, h=1e-5):
    columns = []
    for j in range(len(z)):
        above, below = z.copy(), z.copy()
        above[j] += h
        below[j] -= h
        columns.append((f(above) - f(below)) / (2 * h))
    return np.stack(columns, axis=1).astype(np.float64)


@misconception(
    reference.numerical_jacobian,
    "steps in z's own type",
    "the steps are taken in the type of z: float32 rounds them, whole numbers swallow them",
    "what is np.float32(1) + np.float32(1e-5) − 1, to six digits?",
)
def steps_in_own_type_at_once(f, z, h=1e-5):
    steps = (h * np.eye(len(z))).astype(z.dtype)
    return np.stack([(f(z + step) - f(z - step)) / (2 * h) for step in steps], axis=1).astype(np.float64)


@misconception(
    reference.numerical_jacobian,
    "result in z's type",
    "the steps are taken in float64, but the array for the result has the type of z",
    "which type does the docstring promise for J?",
)
def result_in_own_type(f, z, h=1e-5):
    x = z.astype(np.float64)
    columns = [(f(x + step) - f(x - step)) / (2 * h) for step in h * np.eye(len(x))]
    return np.stack(columns, axis=1).astype(z.dtype)


@misconception(
    reference.numerical_jacobian,
    "z not put back",
    "each step is taken in the caller's z, up by h and down by 2h, and never taken back",
    "what does z[j] += h do to the array that was passed in?",
)
def not_put_back(f, z, h=1e-5):
    columns = []
    for j in range(len(z)):
        z[j] += h
        above = f(z)
        z[j] -= 2 * h
        columns.append((above - f(z)) / (2 * h))
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "z put back by adding",
    "the caller's z goes up by h, down by 2h and up by h again, which rounds three times",
    "is (x + h) − h always x, for floating numbers?",
)
def put_back_by_adding(f, z, h=1e-5):
    columns = []
    for j in range(len(z)):
        z[j] += h
        above = f(z)
        z[j] -= 2 * h
        below = f(z)
        z[j] += h
        columns.append((above - below) / (2 * h))
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "earlier steps kept",
    "the points move by h in one coordinate after the other, and are not brought back to z",
    "how many coordinates of your point differ from z at the last step?",
)
def earlier_steps_kept(f, z, h=1e-5):
    above, below = z.astype(np.float64), z.astype(np.float64)
    columns = []
    for j in range(len(z)):
        above[j] += h
        below[j] -= h
        columns.append((f(above) - f(below)) / (2 * h))
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "h ignored",
    "the step is always 1e-5, whatever h is",
    "does your result change with h?",
)
def h_ignored(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = [(f(z + step) - f(z - step)) / 2e-5 for step in 1e-5 * np.eye(len(z))]
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "step grows with z",
    "the step is h times the size of the coordinate, where that is above 1",
    "how long should the step be in every coordinate?",
)
def step_grows(f, z, h=1e-5):
    z = z.astype(np.float64)
    columns = []
    for j in range(len(z)):
        step = np.zeros(len(z))
        step[j] = h * max(1, abs(z[j]))
        columns.append((f(z + step) - f(z - step)) / (2 * step[j]))
    return np.stack(columns, axis=1)


@misconception(
    reference.numerical_jacobian,
    "as many results as coordinates",
    "J is made with K rows, whatever f gives",
    "how many numbers does f return, and where could you ask?",
)
def square_assumed(f, z, h=1e-5):
    z = z.astype(np.float64)
    J = np.zeros((len(z), len(z)))
    for j, step in enumerate(h * np.eye(len(z))):
        J[:, j] = (f(z + step) - f(z - step)) / (2 * h)
    return J


@misconception(
    reference.numerical_jacobian,
    "all coordinates moved together",
    "h is added to every coordinate of z at once",
    "which of the coordinates moves in z + h?",
)
def moved_together(f, z, h=1e-5):
    z = z.astype(np.float64)
    return (f(z + h) - f(z - h)) / (2 * h)


@misconception(
    reference.numerical_jacobian,
    "only result j for coordinate j",
    "of each difference only one entry is kept, on the diagonal",
    "which of the results of f can change when coordinate j moves?",
)
def diagonal_kept(f, z, h=1e-5):
    z = z.astype(np.float64)
    J = np.zeros((len(f(z)), len(z)))
    for j, step in enumerate(h * np.eye(len(z))):
        if j < len(J):
            J[j, j] = ((f(z + step) - f(z - step)) / (2 * h))[j]
    return J


@misconception(
    reference.numerical_jacobian,
    "results added up",
    "the differences of all results are summed: one number a coordinate",
    "how many derivatives do n results of K coordinates have?",
)
def results_added_up(f, z, h=1e-5):
    z = z.astype(np.float64)
    return np.array([(f(z + step) - f(z - step)).sum() / (2 * h) for step in h * np.eye(len(z))])


@misconception(
    reference.numerical_jacobian,
    "all steps in one call",
    "f gets a matrix with one step a row, though it takes vectors",
    "which shape does f expect, and which has z + h * np.eye(K)?",
)
def steps_in_one_call(f, z, h=1e-5):
    z = z.astype(np.float64)
    steps = h * np.eye(len(z))
    return ((f(z + steps) - f(z - steps)) / (2 * h)).T


# softmax_vjp

probe(reference.softmax_vjp, _P, _dP)
probe(reference.softmax_vjp, *_single(_P[:3], _dP[:3]))
probe(reference.softmax_vjp, *_single(_P), _dP)  # float32 and float64
probe(reference.softmax_vjp, _eighths, np.array([[4.0, 0.0, 8.0], [1.0, 2.0, 3.0], [-8.0, 5.0, 8.0], [1.0, 1.0, 1.0]]))
probe(reference.softmax_vjp, _P[:4], _dP[:4])  # m = K
probe(reference.softmax_vjp, _P[4:5], _dP[4:5])

# A single Jacobian of 6,000,000 classes has 144 TB in float32, which is more than the 2^47 bytes that a process can
# address. So asking for it fails at once, before any memory is used, even where systems promise more memory than they
# have. The right answer needs a few times 24 MB.
_MANY = 6_000_000
_many_P, _many_dP = np.zeros((1, _MANY), dtype=np.float32), np.zeros((1, _MANY), dtype=np.float32)
_many_P[0, [0, 7, _MANY - 1]] = 0.5, 0.25, 0.25
_many_dP[0, [0, 7, 11, _MANY - 1]] = 4, 8, 3, -2
probe(reference.softmax_vjp, _many_P, _many_dP, costly=True)


@misconception(
    reference.softmax_vjp,
    "Jacobian built",
    "the K × K Jacobian of each sample is built before it is multiplied",
    "how many numbers has one Jacobian for K = 6,000,000, and what is left if you write its product with dP as a sum?",
)
def built_from_diagonal(P, dP):
    return np.stack([(np.diag(p) - np.outer(p, p)) @ g for p, g in zip(P, dP, strict=True)])


@misconception(
    reference.softmax_vjp,
    "Jacobian built",
    "the K × K Jacobian of each sample is built before it is multiplied",
    "how many numbers has one Jacobian for K = 6,000,000, and what is left if you write its product with dP as a sum?",
)
def built_from_identity(P, dP):
    K = P.shape[1]
    return np.stack([g @ (p[:, None] * (np.eye(K).astype(p.dtype) - p)) for p, g in zip(P, dP, strict=True)])


@misconception(
    reference.softmax_vjp,
    "Jacobian built",
    "the Jacobians of all samples are built before they are multiplied",
    "how many numbers has one Jacobian for K = 6,000,000, and what is left if you write its product with dP as a sum?",
)
def built_for_the_batch(P, dP):
    J = -P[:, :, None] * P[:, None, :]
    k = np.arange(P.shape[1])
    J[:, k, k] += P
    return np.einsum("sij,sj->si", J, dP)


@misconception(
    reference.softmax_vjp,
    "only diag(P)",
    "P * dP is returned, as if the Jacobian were diag(p)",
    "which second term has each entry of the Jacobian?",
)
def only_diag(P, dP):
    return P * dP


@misconception(
    reference.softmax_vjp,
    "diagonal only",
    "P (1 − P) dP is returned, as for a sigmoid",
    "which entries of the Jacobian does your product use?",
)
def vjp_diagonal_only(P, dP):
    return P * (1 - P) * dP


@misconception(
    reference.softmax_vjp,
    "plain mean",
    "the plain mean of each row of dP is subtracted",
    "with which weights does the product average dP over the classes?",
)
def plain_mean(P, dP):
    return P * (dP - dP.mean(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "sum without weights",
    "the sum of each row of dP is subtracted",
    "with which weights does the product average dP over the classes?",
)
def sum_without_weights(P, dP):
    return P * (dP - dP.sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "mean of the products",
    "the products P * dP of a row are averaged instead of summed",
    "the probabilities already are weights: what is left to divide by?",
)
def mean_of_products(P, dP):
    return P * (dP - (P * dP).mean(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "sum over the whole batch",
    "the products P * dP are summed over all samples",
    "does the gradient of one sample depend on the others?",
)
def vjp_over_batch(P, dP):
    return P * (dP - (P * dP).sum())


@misconception(
    reference.softmax_vjp,
    "wrong axis",
    "the products P * dP are summed down each column",
    "which axis runs along the classes of one sample?",
)
def vjp_wrong_axis(P, dP):
    return P * (dP - (P * dP).sum(axis=0))


@misconception(
    reference.softmax_vjp,
    "keepdims forgotten",
    "the row sums have shape (m,) and are spread along the columns",
    "which shape have the sums, and along which axis does NumPy spread them?",
)
def keepdims_forgotten(P, dP):
    return P * (dP - (P * dP).sum(axis=1))


@misconception(
    reference.softmax_vjp,
    "factor forgotten",
    "dP less its weighted mean is not multiplied by P",
    "how much can a logit matter whose class has probability 0?",
)
def vjp_factor_forgotten(P, dP):
    return dP - (P * dP).sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_vjp,
    "factor on one term only",
    "P multiplies dP, but not the sum that is subtracted",
    "where does the bracket in P (dP − sum) open?",
)
def factor_on_one_term(P, dP):
    return P * dP - (P * dP).sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_vjp,
    "sign turned",
    "dP is subtracted from its weighted mean",
    "if L grows with a single probability, should its logit's gradient be positive or negative?",
)
def vjp_sign_turned(P, dP):
    return P * ((P * dP).sum(axis=1, keepdims=True) - dP)


@misconception(
    reference.softmax_vjp,
    "sum added",
    "the weighted mean of dP is added instead of subtracted",
    "what must each row of dZ sum to, if softmax ignores a constant added to the logits?",
)
def sum_added(P, dP):
    return P * (dP + (P * dP).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "arguments exchanged",
    "dP multiplies P less the sum",
    "which of the two, P or dP, stands in front of the bracket?",
)
def vjp_exchanged(P, dP):
    return dP * (P - (P * dP).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "divided by m",
    "the gradient is divided by the number of samples",
    "dP is a gradient of L: which factor 1/m does it carry already?",
)
def divided_by_m(P, dP):
    return P * (dP - (P * dP).sum(axis=1, keepdims=True)) / len(P)


@misconception(
    reference.softmax_vjp,
    "summed over the samples",
    "the gradients of all samples are added up",
    "which shape has Z, and which must dL/dZ have?",
)
def summed_over_samples(P, dP):
    return (P * (dP - (P * dP).sum(axis=1, keepdims=True))).sum(axis=0)


@misconception(
    reference.softmax_vjp,
    "softmax once more",
    "P goes through softmax again",
    "are the entries of P logits or probabilities?",
)
def vjp_softmax_once_more(P, dP):
    P = np.exp(P) / np.exp(P).sum(axis=1, keepdims=True)
    return P * (dP - (P * dP).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which types have P and dP, and which has your result?",
)
def vjp_in_float64(P, dP):
    P = P.astype(np.float64)
    return P * (dP - (P * dP).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_vjp,
    "gradient changed in place",
    "the sum is subtracted from the caller's dP",
    "what does dP -= … do to the array that was passed in?",
)
def vjp_in_place(P, dP):
    dP -= (P * dP).sum(axis=1, keepdims=True)
    return P * dP


# relative_error

_a = _rng.normal(0, 1, (3, 5))
_b = _a + _rng.normal(0, 0.1, (3, 5))
_signs = np.array([3.0, -2.0, 0.0, 0.5]), np.array([2.0, -3.0, 0.0, 0.75])  # the worst entry is -2 for -3 and 3 for 2
probe(reference.relative_error, _a, _b)
probe(reference.relative_error, *_single(_a, _b))
probe(reference.relative_error, *_signs)
probe(reference.relative_error, np.array([1.0, -1.0, 2.0]), np.array([1.0, 1.0, 2.0]))  # opposite signs: exactly 1
probe(reference.relative_error, np.array([[1.0, 2.0]]), np.array([[1.5, 4.0]]))  # b is larger
probe(reference.relative_error, np.array([[-3.0], [1e3]]), np.array([[-1.0], [1.1e3]]))
probe(reference.relative_error, np.array([1e-9, 2.0, 0.0]), np.array([4e-9, 2.0, 0.0]))  # below the floor
probe(reference.relative_error, np.array([2e-8, 1.0]), np.array([3e-8, 1.0]))  # just above it
probe(reference.relative_error, np.array([1e-6, 1.0]), np.array([3e-6, 1.0]))
probe(reference.relative_error, np.array([0.0, 0.0]), np.array([0.0, 0.0]))
probe(reference.relative_error, np.array([1.0, 7.0]), np.array([1.0 + 1e-9, 7.0]))


@misconception(
    reference.relative_error,
    "mean instead of maximum",
    "the errors of the entries are averaged",
    "what does one wrong entry among a thousand do to a mean?",
)
def mean_error(a, b):
    return np.mean(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8))


@misconception(
    reference.relative_error,
    "absolute error",
    "the difference is not divided by anything",
    "is an error of 0.001 small, for entries of 0.001?",
)
def absolute_error(a, b):
    return np.max(np.abs(a - b))


@misconception(
    reference.relative_error,
    "no floor",
    "nothing keeps the denominator from being 0",
    "what is 0 / 0, and where do both arrays have a 0?",
)
def no_floor(a, b):
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b)))


@misconception(
    reference.relative_error,
    "floor added",
    "1e-8 is added to the denominator",
    "which two numbers does the maximum in the denominator compare?",
)
def floor_added(a, b):
    return np.max(np.abs(a - b) / (np.abs(a) + np.abs(b) + 1e-8))


@misconception(
    reference.relative_error,
    "another floor",
    "the floor is 1e-12",
    "which is the smallest denominator that the docstring allows?",
)
def floor_1e12(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-12))


@misconception(
    reference.relative_error,
    "another floor",
    "the floor is 1e-5",
    "which is the smallest denominator that the docstring allows?",
)
def floor_1e5(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-5))


@misconception(
    reference.relative_error,
    "minimum for maximum in the denominator",
    "the smaller of size and floor is taken",
    "how large is your denominator for entries of size 1?",
)
def floor_is_a_ceiling(a, b):
    return np.max(np.abs(a - b) / np.minimum(np.abs(a) + np.abs(b) + 1e-300, 1e-8))


@misconception(
    reference.relative_error,
    "signed difference",
    "a − b keeps its sign, so that an error below 0 is never the largest",
    "what does your code say of a = 1 and b = 2?",
)
def signed_difference(a, b):
    return np.max((a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8))


@misconception(
    reference.relative_error,
    "signed denominator",
    "a + b stands in the denominator, and negative entries fall to the floor",
    "what is max(a + b, 1e-8) for a = b = −1?",
)
def signed_denominator(a, b):
    return np.max(np.abs(a - b) / np.maximum(a + b, 1e-8))


@misconception(
    reference.relative_error,
    "size of the sum",
    "abs(a + b) stands in the denominator instead of abs(a) + abs(b)",
    "how large is your denominator where a and b have opposite signs?",
)
def size_of_sum(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.abs(a + b), 1e-8))


@misconception(
    reference.relative_error,
    "divided by one of the two",
    "only abs(b) stands in the denominator",
    "does your error change if a and b change places?",
)
def divided_by_b(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-8))


@misconception(
    reference.relative_error,
    "divided by one of the two",
    "only abs(a) stands in the denominator",
    "does your error change if a and b change places?",
)
def divided_by_a(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.abs(a), 1e-8))


@misconception(
    reference.relative_error,
    "divided by the larger",
    "the larger of abs(a) and abs(b) stands in the denominator instead of their sum",
    "what should the error of a = 1 and b = 0 be, and of a = 1 and b = −1?",
)
def divided_by_larger(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-8))


@misconception(
    reference.relative_error,
    "divided by the mean size",
    "half of abs(a) + abs(b) stands in the denominator",
    "can your error be larger than 1?",
)
def divided_by_mean_size(a, b):
    return np.max(np.abs(a - b) / np.maximum((np.abs(a) + np.abs(b)) / 2, 1e-8))


@misconception(
    reference.relative_error,
    "one error an entry",
    "the errors of all entries are returned without their maximum",
    "how many numbers should come back?",
)
def one_error_each(a, b):
    return np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)


@misconception(
    reference.relative_error,
    "one error a column",
    "the maximum is taken down each column only",
    "over how many axes does np.max go with axis=0?",
)
def one_error_a_column(a, b):
    return np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8), axis=0)


@misconception(
    reference.relative_error,
    "maxima divided",
    "the largest difference is divided by the largest size, from wherever in the arrays",
    "do numerator and denominator belong to the same entry?",
)
def maxima_divided(a, b):
    return np.max(np.abs(a - b)) / max(np.max(np.abs(a) + np.abs(b)), 1e-8)


@misconception(
    reference.relative_error,
    "norms divided",
    "the norm of the difference is divided by the sum of the norms",
    "what does one wrong small entry among large ones do to a norm?",
)
def norms_divided(a, b):
    return np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), 1e-8)


@misconception(
    reference.relative_error,
    "error in percent",
    "the error is multiplied by 100",
    "is a fraction promised or a percentage?",
)
def in_percent(a, b):
    return 100 * np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8))
