"""What goes wrong in notebook 5, backpropagation."""

import numpy as np

from shared import promises, scalar_functions
from shared.misconceptions import misconception, probe
from shared.reference import backpropagation as reference
from shared.reference.data_preparation import one_hot
from shared.reference.softmax import softmax

_rng = np.random.default_rng(5)
_Z = _rng.normal(0, 3, (6, 4))
_P = softmax(_Z)
_Y = one_hot(np.array([0, 3, 1, 2, 3, 1]), 4)  # float32
_soft = _rng.dirichlet(np.ones(4), 6)


def _single(*arrays):
    return [array.astype(np.float32) for array in arrays]


# cross_entropy_backward

_zeros = np.array([[1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.5, 0.5], [0.5, 0.25, 0.25]])
_possible = one_hot(np.array([0, 1, 2, 0]), 3).astype(np.float64)  # no true class with probability 0
probe(reference.cross_entropy_backward, _P, _Y)  # float64 and float32
probe(reference.cross_entropy_backward, *_single(_P, _Y))
probe(reference.cross_entropy_backward, _P, _soft)
probe(reference.cross_entropy_backward, _zeros, _possible)
probe(reference.cross_entropy_backward, _zeros, 0.5 * _zeros + 0.5 * _possible)
probe(reference.cross_entropy_backward, np.array([[1e-12, 1.0], [0.5, 0.5], [1.0, 1e-9]]), np.eye(2)[[0, 0, 1]])
probe(reference.cross_entropy_backward, np.array([[0.0, 1.0], [0.5, 0.5], [0.25, 0.75]]), np.eye(2)[[0, 0, 1]])


@misconception(
    reference.cross_entropy_backward,
    "1/m forgotten",
    "the gradient is not divided by the number of samples",
    "should the gradient of a mean over the batch double when the batch is doubled?",
)
def dp_not_averaged(P, Y):
    return -Y / np.where(Y > 0, P, 1)


@misconception(
    reference.cross_entropy_backward,
    "divided by the number of classes",
    "the gradient is divided by K instead of m",
    "does shape[0] or shape[1] count the samples?",
)
def dp_by_classes(P, Y):
    return -Y / np.where(Y > 0, P, 1) / P.shape[1]


@misconception(
    reference.cross_entropy_backward,
    "mean over all entries",
    "the gradient is divided by all m · K entries",
    "over how many samples is the loss a mean?",
)
def dp_by_entries(P, Y):
    return -Y / np.where(Y > 0, P, 1) / P.size


@misconception(
    reference.cross_entropy_backward,
    "sign forgotten",
    "the minus sign is missing",
    "does the loss grow or fall when the probability of the true class grows?",
)
def dp_sign(P, Y):
    return Y / (len(P) * np.where(Y > 0, P, 1))


@misconception(
    reference.cross_entropy_backward,
    "quotient upside down",
    "Y is multiplied by P instead of divided by it",
    "what is the derivative of log p?",
)
def dp_upside_down(P, Y):
    return -P * Y / len(P)


@misconception(
    reference.cross_entropy_backward,
    "derivative of the logarithm forgotten",
    "the gradient is −Y / m, as if the loss held no logarithm",
    "what is the derivative of log p?",
)
def dp_no_logarithm(P, Y):
    return -Y / len(P)


@misconception(
    reference.cross_entropy_backward,
    "logarithm not differentiated",
    "the logarithm itself is returned instead of its derivative",
    "what is the derivative of log p?",
)
def dp_logarithm(P, Y):
    return -Y * np.log(np.where(Y > 0, P, 1)) / len(P)


@misconception(
    reference.cross_entropy_backward,
    "square in the denominator",
    "P is squared, as in the derivative of 1/p",
    "what is the derivative of log p?",
)
def dp_square(P, Y):
    return -Y / (len(P) * np.where(Y > 0, P, 1) ** 2)


@misconception(
    reference.cross_entropy_backward,
    "gradient of the logits",
    "P − Y is returned, divided by m",
    "is P − Y the gradient with respect to P or to Z?",
)
def dp_of_logits(P, Y):
    return (P - Y) / len(P)


@misconception(
    reference.cross_entropy_backward,
    "zero divided by zero",
    "0/0 gives nan where Y and P are both 0",
    "what should stand where Y is 0, and what is 0/0?",
)
def dp_zero_by_zero(P, Y):
    return -Y / (len(P) * P)


@misconception(
    reference.cross_entropy_backward,
    "epsilon in the denominator",
    "1e-5 is added to the probabilities",
    "which entries are divided by 0 at all, and does their quotient count?",
)
def dp_epsilon_1e5(P, Y):
    return -Y / (len(P) * (P + 1e-5))


@misconception(
    reference.cross_entropy_backward,
    "epsilon in the denominator",
    "1e-8 is added to the probabilities",
    "which entries are divided by 0 at all, and does their quotient count?",
)
def dp_epsilon_1e8(P, Y):
    return -Y / (len(P) * (P + 1e-8))


@misconception(
    reference.cross_entropy_backward,
    "epsilon in the denominator",
    "1e-12 is added to the probabilities",
    "which entries are divided by 0 at all, and does their quotient count?",
)
def dp_epsilon_1e12(P, Y):
    return -Y / (len(P) * (P + 1e-12))


@misconception(
    reference.cross_entropy_backward,
    "probabilities clipped",
    "the probabilities are kept above 1e-7",
    "how steep is the loss at a probability of 1e-12?",
)
def dp_clipped(P, Y):
    return -Y / (len(P) * np.maximum(P, 1e-7))


@misconception(
    reference.cross_entropy_backward,
    "nan painted over",
    "nan_to_num also turns −inf into the lowest number of its type",
    "what does nan_to_num make of −inf?",
)
def dp_painted_over(P, Y):
    return np.nan_to_num(-Y / (len(P) * P))


@misconception(
    reference.cross_entropy_backward,
    "impossible classes left out",
    "the gradient is 0 wherever P is 0, for a true class too",
    "in which of Y and P does a 0 make the gradient 0?",
)
def dp_impossible_left_out(P, Y):
    return np.where(P > 0, -Y / (len(P) * np.where(P > 0, P, 1)), 0)


@misconception(
    reference.cross_entropy_backward,
    "both outcomes of every class",
    "each class adds (1 − Y) / (1 − P), as if it were a yes-or-no question of its own",
    "which entries of P does the loss use where Y is one-hot?",
)
def dp_both_outcomes(P, Y):
    other = np.where(Y < 1, (1 - Y) / np.where(P < 1, 1 - P, 1), 0)
    return (other - Y / np.where(Y > 0, P, 1)) / len(P)


@misconception(
    reference.cross_entropy_backward,
    "soft labels rounded",
    "only the class with the largest Y counts",
    "what does Y = (0.6, 0.4) say that Y = (1, 0) does not?",
)
def dp_rounded(P, Y):
    dP = np.zeros_like(P)
    rows, k = np.arange(len(P)), Y.argmax(axis=1)
    dP[rows, k] = -1 / (len(P) * P[rows, k])
    return dP


@misconception(
    reference.cross_entropy_backward,
    "always float64",
    "the gradient is written into an array without a type",
    "which type does np.zeros give by default?",
)
def dp_in_float64(P, Y):
    dP = np.zeros(P.shape)
    np.divide(-Y, len(P) * P, out=dP, where=Y > 0)
    return dP


@misconception(
    reference.cross_entropy_backward,
    "one number a sample",
    "the gradient is summed over the classes",
    "which shape has the gradient with respect to P?",
)
def dp_one_each(P, Y):
    return (-Y / (len(P) * np.where(Y > 0, P, 1))).sum(axis=1)


@misconception(
    reference.cross_entropy_backward,
    "probabilities changed in place",
    "the caller's P is overwritten on the way",
    "what does P[…] = … do to the array that was passed in?",
)
def dp_in_place(P, Y):
    P[Y == 0] = 1
    return -Y / (len(P) * P)


# softmax_cross_entropy_backward

_far = np.array([[1e4, 0.0, -1e4], [-1e4, 9999.0, 1e4], [0.0, 0.0, -1e4]])
_ruled_out = np.array([[0.0, -np.inf, 1.0, 0.5], [-np.inf, -np.inf, 2.0, 1.0]])
for _function in reference.softmax_cross_entropy_backward, reference.corrected_backward:
    probe(_function, _Z, _Y)  # float64 and float32
    probe(_function, *_single(_Z, _Y))
    probe(_function, _Z, _soft)
    probe(_function, _far, one_hot(np.array([2, 1, 0]), 3))
    probe(_function, *_single(_far[::2], np.eye(3)[[1, 2]]))  # 9999 and 1e4 are too close for log-sum-exp in float32
    probe(_function, _ruled_out, np.eye(4)[[2, 2]])
    probe(_function, np.zeros((1, 10)), one_hot(np.array([7]), 10))


@misconception(
    reference.softmax_cross_entropy_backward,
    "1/m forgotten",
    "P − Y is not divided by the number of samples",
    "should the gradient of a mean over the batch double when the batch is doubled?",
)
def dz_not_averaged(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return P - Y


@misconception(
    reference.softmax_cross_entropy_backward,
    "divided by the number of classes",
    "P − Y is divided by K instead of m",
    "does shape[0] or shape[1] count the samples?",
)
def dz_by_classes(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / Z.shape[1]


@misconception(
    reference.softmax_cross_entropy_backward,
    "mean over all entries",
    "P − Y is divided by all m · K entries",
    "over how many samples is the loss a mean?",
)
def dz_by_entries(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / Z.size


@misconception(
    reference.softmax_cross_entropy_backward,
    "divided twice",
    "1/m is there twice",
    "where does 1/m come from, and how often does it come?",
)
def dz_twice(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / len(Z) ** 2


@misconception(
    reference.softmax_cross_entropy_backward,
    "wrong sign",
    "Y − P stands for P − Y",
    "does the loss grow or fall when the logit of a wrong class grows?",
)
def dz_sign(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (Y - P) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "Jacobian once more",
    "P − Y is multiplied by the softmax Jacobian, which it holds already",
    "what is left of your gradient when the model is sure and wrong?",
)
def dz_jacobian(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dZ = (P - Y) / len(Z)
    return P * (dZ - (dZ * P).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_cross_entropy_backward,
    "Jacobian once more, 1/m forgotten",
    "P − Y is multiplied by the softmax Jacobian, which it holds already, and not divided by m",
    "of which loss is P − Y the gradient, and with respect to what?",
)
def dz_jacobian_not_averaged(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dZ = P - Y
    return P * (dZ - (dZ * P).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_cross_entropy_backward,
    "Jacobian's diagonal once more",
    "P − Y is multiplied by P (1 − P), as if each probability depended on its own logit alone",
    "what is left of your gradient when the model is sure and wrong?",
)
def dz_diagonal(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) * P * (1 - P) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "by way of dL/dP",
    "Y / P is computed first, which is 1/0 or 0/0 where a probability is 0",
    "what is −Y/P where softmax gives 0, and do you need P in a denominator?",
)
def dz_through_dp(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dP = -Y / (len(Z) * P)
    return P * (dP - (dP * P).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax_cross_entropy_backward,
    "no softmax",
    "the labels are subtracted from the logits themselves",
    "what are the entries of Z, and what those of P?",
)
def dz_no_softmax(Z, Y):
    return (Z - Y) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "wrong axis",
    "softmax runs down each column",
    "which axis runs along the classes of one sample?",
)
def dz_axis(Z, Y):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return (E / E.sum(axis=0, keepdims=True) - Y) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp(1000)?",
)
def dz_no_shift(Z, Y):
    E = np.exp(Z)
    return (E / E.sum(axis=1, keepdims=True) - Y) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "gradient of the true class alone",
    "all classes but the true one get the gradient 0",
    "does a wrong class's logit change the probability of the true one?",
)
def dz_true_class(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return np.where(Y > 0, (P - Y) / len(Z), 0)


@misconception(
    reference.softmax_cross_entropy_backward,
    "epsilon in the denominator",
    "1e-5 is added to the sum of the exponentials",
    "what does each row of your gradient sum to?",
)
def dz_epsilon(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (E / (E.sum(axis=1, keepdims=True) + 1e-5) - Y) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "gradient of a sum",
    "every entry is 1, the gradient of the sum of Z",
    "which function of Z is to be differentiated?",
)
def dz_ones(Z, Y):
    return np.ones_like(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "zero",
    "every entry is 0",
    "at which logits only may a gradient be 0?",
)
def dz_zero(Z, Y):
    return np.zeros_like(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "gradient of the mean squared error",
    "2 (P − Y) / (m K) is returned, or the same for the logits",
    "of which loss is this the gradient?",
)
def dz_mean_squared_error(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return 2 * (P - Y) / P.size


@misconception(
    reference.softmax_cross_entropy_backward,
    "summed over the batch",
    "the rows are summed into one",
    "which shape has the gradient with respect to Z?",
)
def dz_summed(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True) - Y).mean(axis=0)


@misconception(
    reference.softmax_cross_entropy_backward,
    "labels rounded",
    "only the class with the largest Y counts",
    "what does Y = (0.6, 0.4) say that Y = (1, 0) does not?",
)
def dz_rounded(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    dZ = E / E.sum(axis=1, keepdims=True)
    dZ[np.arange(len(Z)), Y.argmax(axis=1)] -= 1
    return dZ / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "logits changed in place",
    "the caller's Z is overwritten on the way",
    "what do Z -= … and np.exp(Z, out=Z) do to the array that was passed in?",
)
def dz_in_place(Z, Y):
    Z -= Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    return (E / E.sum(axis=1, keepdims=True) - Y) / len(Z)


@misconception(
    reference.softmax_cross_entropy_backward,
    "always float64",
    "the probabilities are written into an array without a type",
    "which type does np.zeros give by default?",
)
def dz_in_float64(Z, Y):
    P = np.zeros(Z.shape)
    P[:] = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (P / P.sum(axis=1, keepdims=True) - Y) / len(Z)


# linear_backward

_X, _W, _dZ = _rng.normal(0, 1, (7, 5)), _rng.normal(0, 1, (5, 3)), _rng.normal(0, 1, (7, 3))
probe(reference.linear_backward, _X, _W, _dZ)
probe(reference.linear_backward, *_single(_X, _W, _dZ))
probe(reference.linear_backward, _X[:1], _W, _dZ[:1])
probe(reference.linear_backward, _X[:4], _W[:, :2], _dZ[:4, :2])
probe(reference.linear_backward, _X[:3, :3], _W[:3], _dZ[:3])  # all square: a transposition more or less goes unnoticed


@misconception(
    reference.linear_backward,
    "dX with W not transposed",
    "dZ is multiplied by W itself",
    "which shapes have dZ, W and dX, and which product fits them for any d and K?",
)
def lb_w_not_transposed(X, W, dZ):
    dX = dZ @ W
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dX with W reshaped",
    "W is reshaped to (K, d), not transposed",
    "where does reshape put the entry W[0, 1]?",
)
def lb_w_reshaped(X, W, dZ):
    dX = dZ @ W.reshape(W.shape[1], W.shape[0])
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dX of another product",
    "dX is computed as X @ dZ, or with some other pair of the three",
    "which of X, W and dZ does dX depend on, if Z is linear in X?",
)
def lb_x_times_dz(X, W, dZ):
    dX = X @ dZ.T @ dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dW transposed",
    "dW is dZᵀX, of shape (K, d)",
    "which shape must dW have, so that it can be subtracted from W?",
)
def lb_dw_transposed(X, W, dZ):
    dX = dZ @ W.T
    dW = dZ.T @ X
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dW with X not transposed",
    "X is multiplied by dZ as it is",
    "which shapes have X, dZ and dW, and which product fits them for any m, d and K?",
)
def lb_x_not_transposed(X, W, dZ):
    dX = dZ @ W.T
    dW = X @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dW reshaped",
    "X is reshaped to (d, m), not transposed",
    "where does reshape put the entry X[0, 1]?",
)
def lb_x_reshaped(X, W, dZ):
    dX = dZ @ W.T
    dW = X.reshape(X.shape[1], X.shape[0]) @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dW divided by m again",
    "dW is divided by the number of samples, though dZ carries 1/m",
    "does dZ carry the 1/m already?",
)
def lb_dw_by_m(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ / len(X)
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dW and db divided by m again",
    "dW and db are divided by the number of samples, though dZ carries 1/m",
    "does dZ carry the 1/m already?",
)
def lb_dw_db_by_m(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ / len(X)
    db = dZ.mean(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "everything divided by m again",
    "all three are divided by the number of samples, though dZ carries 1/m",
    "does dZ carry the 1/m already?",
)
def lb_all_by_m(X, W, dZ):
    dX = dZ @ W.T / len(X)
    dW = X.T @ dZ / len(X)
    db = dZ.mean(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dX divided by m again",
    "dX is divided by the number of samples, though dZ carries 1/m",
    "does dZ carry the 1/m already?",
)
def lb_dx_by_m(X, W, dZ):
    dX = dZ @ W.T / len(X)
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db divided by m again",
    "db is the mean of the rows of dZ, which carry 1/m already",
    "does dZ carry the 1/m already?",
)
def lb_db_mean(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.mean(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db not summed",
    "dZ itself is returned as db",
    "which shape has b, and how many rows did it go into?",
)
def lb_db_unsummed(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.copy()
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db summed over the classes",
    "db is the sum of each row of dZ, one number a sample",
    "how many numbers has b, and which axis is to disappear?",
)
def lb_db_classes(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=1)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db with two dimensions",
    "keepdims leaves db as (1, K)",
    "which shape has b?",
)
def lb_db_keepdims(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0, keepdims=True)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db a single number",
    "dZ is summed over both axes",
    "how many numbers has b?",
)
def lb_db_number(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum()
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db of ones",
    "db is all ones, the derivative of Z alone",
    "what does the chain rule multiply the derivative of Z by?",
)
def lb_db_ones(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = np.ones_like(dZ[0])
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "db of the last sample",
    "only the last row of dZ counts",
    "what does every row of Z add to the loss by way of b?",
)
def lb_db_last(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ[-1].copy()
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "chain not multiplied",
    "dX and dW are W and X themselves, summed, without dZ",
    "what does the chain rule multiply the derivative of Z by?",
)
def lb_no_chain(X, W, dZ):
    dX = np.tile(W.sum(axis=1), (len(X), 1))
    dW = np.tile(X.sum(axis=0)[:, None], (1, W.shape[1]))
    db = dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "values in another order",
    "dW comes first",
    "in which order does the docstring name the three values?",
)
def lb_order(X, W, dZ):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dW, db, dX


@misconception(
    reference.linear_backward,
    "dX left out",
    "only dW and db are returned",
    "how many names does the caller write to the left of the equals sign?",
)
def lb_two(X, W, dZ):
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dW, db


@misconception(
    reference.linear_backward,
    "sign turned",
    "all three come with a minus sign",
    "who subtracts: the gradient or the step?",
)
def lb_sign(X, W, dZ):
    dX = -dZ @ W.T
    dW = -X.T @ dZ
    db = -dZ.sum(axis=0)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "always float64",
    "the gradients are turned into float64",
    "which type does X have, and which dW?",
)
def lb_float64(X, W, dZ):
    dX = (dZ @ W.T).astype(np.float64)
    dW = (X.T @ dZ).astype(np.float64)
    db = dZ.sum(axis=0, dtype=np.float64)
    return dX, dW, db


@misconception(
    reference.linear_backward,
    "dZ changed in place",
    "the caller's dZ is divided on the way",
    "what does dZ /= m do to the array that was passed in?",
)
def lb_in_place(X, W, dZ):
    dZ /= len(X)
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db


# gradient_check

# In these every error is planted: beside rounding, of which no two right answers have the same, it is all that shows.
_x = _rng.normal(0, 0.5, (4, 3))
_steep = 4 * np.exp(4 * _x)
_odd = _rng.normal(0, 1, (3, 5))
_cubes, _exponentials, _rows = (
    scalar_functions.sum_of_cubes,
    scalar_functions.sum_of_exponentials,
    scalar_functions.sum_of_log_sum_exp,
)
_one_wrong = _steep.copy()
_one_wrong[2, 1] *= 1.5
for _args in (
    (_exponentials, promises.off_by_steps(_steep), _x),
    (_exponentials, _one_wrong, _x),
    (_exponentials, promises.off_by_steps(_steep), _x.astype(np.float32)),
    (_exponentials, -_steep, _x),
    (_exponentials, 0 * _steep, _x),
    (_exponentials, 1e-3 + _steep, _x),
    (_rows, 1.2 * softmax(_odd), _odd),
    (_cubes, 3 * _odd**2 + 0.1, _odd),
    (_cubes, np.full((2, 2), 0.0), np.zeros((2, 2))),  # nothing but rounding: the floor of 1e-8 shows
    # All entries alike, so that it does not matter which are drawn.
    (_cubes, np.full(30, 3.3), np.ones(30)),
    (np.prod, np.full((2, 3), 1.5e-5), np.full((2, 3), 0.1)),  # each slope depends on all other entries
    (_exponentials, np.full((3, 4), 6 * np.exp(1.2)), np.full((3, 4), 0.3), 5),
):
    _f, _grad, _at, *_samples = _args
    probe(reference.gradient_check, _f, _grad, _at, np.random.default_rng(7), *_samples, rtol=1e-6)
# Where a promise is looked at, the numbers hang on rounding or on what is drawn: nobody is to compare them.
_ANY = 1e12
for _f, _grad, _at in ((_exponentials, _steep, _x), (_rows, softmax(_odd), _odd), (_cubes, 3 * _odd**2, _odd)):
    probe(reference.gradient_check, _f, _grad, _at, np.random.default_rng(8), rtol=_ANY, promise=promises.confirms)
_many = _rng.uniform(0.5, 1, (3, 7))
for _at, _count, _seed in ((_many, 2, 9), (_many[:2, :3], 5, 10)):  # 2 of 21, and 5 of 6
    _args = _cubes, promises.off_by_steps(3 * _at**2), _at, np.random.default_rng(_seed), _count
    probe(reference.gradient_check, *_args, rtol=_ANY, promise=promises.sampled)


@misconception(
    reference.gradient_check,
    "forward differences",
    "the difference f(x + h) − f(x) is divided by h",
    "how does the error shrink with h, on one side and on both sides?",
)
def gc_forward(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        numerical[n] = (f(moved) - f(x)) / h
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "divided by h, not 2h",
    "f(x + h) − f(x − h) is divided by h",
    "how far apart are the two points?",
)
def gc_h(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / h
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "not divided at all",
    "the difference is not divided by the distance of the points",
    "is a difference a slope?",
)
def gc_undivided(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = above - below
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "ends exchanged",
    "f(x + h) is subtracted from f(x − h)",
    "what sign has the slope of a growing function?",
)
def gc_exchanged(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (below - above) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "step in float32",
    "x keeps its float32, in which x + h is rounded",
    "how many digits of 1 + 1e-5 does a float32 keep?",
)
def gc_float32(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.copy()
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "step too small",
    "h is 1e-12, where rounding drowns the difference",
    "how exact is f(x + h) − f(x − h) if both agree in twelve digits?",
)
def gc_small(f, grad, x, rng, samples=20):
    h = 1e-12
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "step too large",
    "h is 0.01, where the curve is not straight",
    "by how much does the slope change over a distance of 2h?",
)
def gc_large(f, grad, x, rng, samples=20):
    h = 1e-2
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "mean instead of maximum",
    "the errors of the entries are averaged",
    "what does one wrong entry among twenty do to the mean?",
)
def gc_mean(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.mean(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "smallest error",
    "the best entry counts instead of the worst",
    "what should one wrong entry among twenty do to the result?",
)
def gc_min(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.min(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "sum of the errors",
    "the errors of the entries are added up",
    "can the result be larger than 1?",
)
def gc_sum(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.sum(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "absolute error",
    "the differences are not divided by the size of the gradients",
    "is 0.001 a large error for a gradient of 1,000, and for one of 0.001?",
)
def gc_absolute(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    return float(np.max(np.abs(claimed - numerical)))


@misconception(
    reference.gradient_check,
    "relative to one side",
    "the differences are divided by the numerical gradient alone",
    "which two numbers does the relative error add in its denominator?",
)
def gc_one_side(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    return float(np.max(np.abs(claimed - numerical) / np.maximum(np.abs(numerical), 1e-8)))


@misconception(
    reference.gradient_check,
    "norms instead of entries",
    "one quotient of norms stands for all entries",
    "how much does a small wrong entry count beside large right ones?",
)
def gc_norms(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.linalg.norm(claimed) + np.linalg.norm(numerical)
    return float(np.linalg.norm(claimed - numerical) / max(size, 1e-8))


@misconception(
    reference.gradient_check,
    "no floor",
    "nothing keeps the denominator away from 0",
    "what is the relative error of two gradients that are 0 but for rounding?",
)
def gc_no_floor(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.abs(claimed) + np.abs(numerical)
    return float(np.max(np.abs(claimed - numerical) / np.where(size > 0, size, 1)))


@misconception(
    reference.gradient_check,
    "signs lost",
    "the differences keep their sign, so that negative ones are not seen",
    "which is worse, an error of −0.5 or one of 0.01?",
)
def gc_signed(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max((claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "yes or no",
    "the error is compared with a threshold, and the answer returned",
    "what is promised: a verdict or a number?",
)
def gc_bool(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return bool(np.max(np.abs(claimed - numerical) / size) < 1e-5)


@misconception(
    reference.gradient_check,
    "one error an entry",
    "all errors are returned, not the largest",
    "how many numbers are promised?",
)
def gc_all_errors(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return np.abs(claimed - numerical) / size


@misconception(
    reference.gradient_check,
    "gradient compared with itself",
    "the claimed gradient takes the place of the numerical one",
    "where in your code is f called?",
)
def gc_itself(f, grad, x, rng, samples=20):
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed = numerical = grad.ravel()[entries]
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "all entries moved at once",
    "every entry of x is moved by h, not one after the other",
    "whose slope is (f(x + h) − f(x − h)) / 2h if x is an array?",
)
def gc_at_once(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed = grad.ravel()[entries]
    numerical = (f(x + h) - f(x - h)) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "whole rows moved",
    "x[i] is a row of x, all of which is moved",
    "what is x[0] if x has two dimensions?",
)
def gc_rows(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    claimed, numerical = grad[:, 0], np.zeros(len(x))
    for i in range(len(x)):
        moved = x.copy()
        moved[i] += h
        above = f(moved)
        moved[i] -= 2 * h
        numerical[i] = (above - f(moved)) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "x flattened for f",
    "f gets x as one long row",
    "which shape does f expect?",
)
def gc_flattened(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64).ravel()
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "other entries compared",
    "the n-th drawn entry is compared with entry n of the gradient",
    "to which entry of x does numerical[n] belong?",
)
def gc_wrong_entries(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[: len(entries)], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        numerical[n] = (above - f(moved)) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "x left changed",
    "x itself is moved, and not put back exactly",
    "what does x[i] += h do to the array that was passed in, and is (x + h) − 2h + h the same as x?",
)
def gc_changes_x(f, grad, x, rng, samples=20):
    h = 1e-5
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        x.flat[i] += h
        above = f(x)
        x.flat[i] -= 2 * h
        below = f(x)
        x.flat[i] += h
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "entries not put back",
    "an entry stays moved while the next ones are looked at",
    "where is x when the second entry is moved?",
)
def gc_not_restored(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        x.flat[i] += h
        above = f(x)
        x.flat[i] -= 2 * h
        below = f(x)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "first entries only",
    "the first entries are looked at, not random ones",
    "which mistakes can hide where nobody ever looks?",
)
def gc_first(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = np.arange(min(samples, x.size))
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "all entries",
    "every entry is looked at, however many there are",
    "how long does that take for weights of 784 × 10?",
)
def gc_all(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = np.arange(x.size)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "drawn with replacement",
    "the same entry can be drawn twice, and others never",
    "what does the argument replace of rng.choice mean, and what is its default?",
)
def gc_replacement(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(samples, x.size))
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "drawn with replacement",
    "the same entry can be drawn twice, and others never",
    "can rng.integers draw a number twice?",
)
def gc_integers(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.integers(0, x.size, samples)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "always twenty",
    "20 entries are looked at, whatever samples says",
    "where in your code does samples stand?",
)
def gc_twenty(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, min(20, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "a single entry",
    "one random entry is looked at",
    "how many entries are to be drawn?",
)
def gc_single(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = rng.choice(x.size, 1)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "seed of its own",
    "a generator with a fixed seed takes the place of rng",
    "which entries do two checks look at, then?",
)
def gc_own_seed(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = np.random.default_rng(0).choice(x.size, min(samples, x.size), replace=False)
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


@misconception(
    reference.gradient_check,
    "randomness not from rng",
    "the entries are drawn from np.random, not from rng",
    "why does the caller pass a generator?",
)
def gc_global(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    entries = np.random.permutation(x.size)[:samples]  # noqa: NPY002
    claimed, numerical = grad.ravel()[entries], np.zeros(len(entries))
    for n, i in enumerate(entries):
        moved = x.copy()
        moved.flat[i] += h
        above = f(moved)
        moved.flat[i] -= 2 * h
        below = f(moved)
        numerical[n] = (above - below) / (2 * h)
    size = np.maximum(np.abs(claimed) + np.abs(numerical), 1e-8)
    return float(np.max(np.abs(claimed - numerical) / size))


# sgd_step

_params = {"W": _rng.normal(0, 1, (4, 3)), "b": _rng.normal(0, 1, 3)}
_grads = {"b": _rng.normal(0, 1, 3), "W": _rng.normal(0, 1, (4, 3))}  # in another order
_deep = {f"{name}{i}": _rng.normal(0, 1, (i + 1, 2) if name == "W" else 2) for i in (1, 2) for name in "Wb"}
_deep_grads = {name: _rng.normal(0, 1, value.shape) for name, value in _deep.items()}
probe(reference.sgd_step, _params, _grads, 0.1)
probe(reference.sgd_step, *({name: each[name].astype(np.float32) for name in each} for each in (_params, _grads)), 0.5)
probe(reference.sgd_step, _deep, _deep_grads, 3.0)
probe(reference.sgd_step, {"W": np.ones(2)}, {"W": np.zeros(2)}, 0.1)
probe(reference.sgd_step, {"a": _params["b"], "c": -_params["b"]}, {"c": _grads["b"], "a": 2 * _grads["b"]}, 0.1)


@misconception(
    reference.sgd_step,
    "changed in place",
    "the caller's own parameters are changed",
    "what does params[name] -= … do to the arrays that were passed in?",
)
def sgd_in_place(params, grads, learning_rate):
    for name in params:
        params[name] -= learning_rate * grads[name]
    return params


@misconception(
    reference.sgd_step,
    "changed in place",
    "a new dict holds the caller's own arrays, which are changed",
    "does dict(params) copy the arrays or only their names?",
)
def sgd_shallow_copy(params, grads, learning_rate):
    new = dict(params)
    for name in new:
        new[name] -= learning_rate * grads[name]
    return new


@misconception(
    reference.sgd_step,
    "caller's dict filled again",
    "new arrays are put into the caller's own dict",
    "what does params[name] = … do to the dict that was passed in?",
)
def sgd_same_dict(params, grads, learning_rate):
    for name in params:
        params[name] = params[name] - learning_rate * grads[name]
    return params


@misconception(
    reference.sgd_step,
    "gradients changed in place",
    "the gradients are multiplied by the rate where they stand",
    "what does grads[name] *= … do to the arrays that were passed in?",
)
def sgd_grads_in_place(params, grads, learning_rate):
    for name in grads:
        grads[name] *= learning_rate
    return {name: params[name] - grads[name] for name in params}


@misconception(
    reference.sgd_step,
    "uphill",
    "the step is added",
    "where does the loss grow: along its gradient or against it?",
)
def sgd_plus(params, grads, learning_rate):
    return {name: params[name] + learning_rate * grads[name] for name in params}


@misconception(
    reference.sgd_step,
    "learning rate forgotten",
    "the whole gradient is subtracted",
    "where in your code does learning_rate stand?",
)
def sgd_no_rate(params, grads, learning_rate):
    return {name: params[name] - grads[name] for name in params}


@misconception(
    reference.sgd_step,
    "divided by the rate",
    "the gradient is divided by the learning rate",
    "by how much should a parameter change for a gradient of 1 and a rate of 0.1?",
)
def sgd_divided(params, grads, learning_rate):
    return {name: params[name] - grads[name] / learning_rate for name in params}


@misconception(
    reference.sgd_step,
    "rate applied twice",
    "the learning rate is squared",
    "by how much should a parameter change for a gradient of 1 and a rate of 0.1?",
)
def sgd_squared(params, grads, learning_rate):
    return {name: params[name] - learning_rate**2 * grads[name] for name in params}


@misconception(
    reference.sgd_step,
    "parameters shrunk too",
    "the rate is multiplied with the difference of parameter and gradient",
    "by how much should a parameter change for a gradient of 1 and a rate of 0.1?",
)
def sgd_shrunk(params, grads, learning_rate):
    return {name: learning_rate * (params[name] - grads[name]) for name in params}


@misconception(
    reference.sgd_step,
    "step only",
    "the step is returned, not the parameter after it",
    "what is added to what?",
)
def sgd_step_only(params, grads, learning_rate):
    return {name: -learning_rate * grads[name] for name in params}


@misconception(
    reference.sgd_step,
    "weights only",
    "biases are copied, not updated",
    "which names does the loop pass over?",
)
def sgd_weights_only(params, grads, learning_rate):
    new = {}
    for name in params:
        new[name] = params[name] - learning_rate * grads[name] if name.startswith("W") else params[name].copy()
    return new


@misconception(
    reference.sgd_step,
    "biases lost",
    "the new dict holds the weights alone",
    "which keys has your dict?",
)
def sgd_biases_lost(params, grads, learning_rate):
    return {name: params[name] - learning_rate * grads[name] for name in params if name.startswith("W")}


@misconception(
    reference.sgd_step,
    "two names only",
    "only W and b are known",
    "which names have the parameters of a network with two layers?",
)
def sgd_two_names(params, grads, learning_rate):
    W = params["W"] - learning_rate * grads["W"]
    b = params["b"] - learning_rate * grads["b"]
    return {"W": W, "b": b}


@misconception(
    reference.sgd_step,
    "paired by position",
    "the first parameter takes the first gradient, whatever their names",
    "is the order of the names the same in both dicts?",
)
def sgd_by_position(params, grads, learning_rate):
    pairs = zip(params.items(), grads.values(), strict=True)
    return {name: value - learning_rate * gradient for (name, value), gradient in pairs}


@misconception(
    reference.sgd_step,
    "no dict",
    "the arrays are returned without their names",
    "what is promised: a dict or a list?",
)
def sgd_list(params, grads, learning_rate):
    return [params[name] - learning_rate * grads[name] for name in params]


@misconception(
    reference.sgd_step,
    "nothing returned",
    "the function ends without a return",
    "what does a function give that has no return?",
)
def sgd_none(params, grads, learning_rate):
    new = {}
    for name in params:
        new[name] = params[name] - learning_rate * grads[name]


@misconception(
    reference.sgd_step,
    "always float64",
    "the rate is a NumPy float64, which makes float64 of all it meets",
    "which type has np.float64(0.1) times an array of float32?",
)
def sgd_float64(params, grads, learning_rate):
    return {name: params[name] - np.float64(learning_rate) * grads[name] for name in params}


@misconception(
    reference.sgd_step,
    "gradient averaged",
    "one mean over all entries is subtracted",
    "does each entry of W go its own way?",
)
def sgd_mean(params, grads, learning_rate):
    return {name: params[name] - learning_rate * grads[name].mean() for name in params}


@misconception(
    reference.sgd_step,
    "sign of the gradient only",
    "every entry moves by the learning rate",
    "does a steep slope move a parameter further than a gentle one?",
)
def sgd_sign(params, grads, learning_rate):
    return {name: params[name] - learning_rate * np.sign(grads[name]) for name in params}


# train_softmax_classifier

_centres = _rng.normal(0, 1, (4, 6))
_labels = _rng.permutation(np.arange(26) % 4)
_samples = (_centres[_labels] + _rng.normal(0, 0.7, (26, 6))).astype(np.float32)
_without_last = np.where(_labels == 3, 0, _labels)  # a batch without the last class
_identity = np.eye(40)
_types = _rng.integers(0, 5, 40)
_train = reference.train_softmax_classifier


def _probe(promise, *args):
    probe(_train, *args, np.random.default_rng(11), promise=promise)


# The form; a history that is true; batches of 5 leave a batch of one.
_probe(promises.trained, _samples, _labels, 4, 0.3, 5, 3)
_probe(promises.trained, _samples.astype(np.float64), _without_last.astype(np.uint8), 4, 0.3, 8, 2)
_probe(promises.trained, _samples, _labels, 4, 0.3, 26, 1)
# One batch: nothing is left to chance.
_probe(promises.full_batch, _samples, _labels, 4, 0.3, 26, 1)
_probe(promises.full_batch, _samples, _labels, 4, 0.3, 30, 4)
_probe(promises.full_batch, _samples.astype(np.float64), _labels, 4, 0.05, 26, 3)
_probe(promises.full_batch, 1000 * _samples, _labels, 4, 0.3, 26, 2)  # logits of ±800,000 after the first step
# What each sample counts: 40 = 33 + 7, and 7 of 40 can be chosen in 18,643,560 ways.
_probe(promises.each_sample_counts, _identity, _types, 5, 1e-5, 33, 2)
_probe(promises.each_sample_counts, _identity.astype(np.float32), _types, 5, 1e-5, 33, 3)
_probe(promises.each_sample_counts, _identity, _types, 5, 1e-5, 8, 1)
# The generator
_probe(promises.repeatable, _identity, _types, 5, 0.1, 33, 2)
_probe(promises.follows_rng, _identity, _types, 5, 1e-5, 33, 2)


@misconception(
    reference.train_softmax_classifier,
    "gradient summed, not averaged",
    "a step is against the sum of the samples' gradients",
    "what should happen to the step when a batch is doubled?",
)
def train_summed(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = P - Yb
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "divided by the number of classes",
    "P − Y is divided by K instead of the samples in the batch",
    "does shape[0] or shape[1] count the samples?",
)
def train_by_classes(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / num_classes
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "mean over all entries",
    "P − Y is divided by all entries of the batch",
    "over how many samples is the loss a mean?",
)
def train_by_entries(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / Yb.size
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "divided by all samples",
    "P − Y is divided by the samples in X, not by those in the batch",
    "how many samples is a step's mean over?",
)
def train_by_all(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(X)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "short batch divided by batch_size",
    "P − Y is always divided by batch_size",
    "how many samples has the last batch?",
)
def train_by_batch_size(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / batch_size
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "uphill",
    "the gradient is added",
    "where does the loss grow: along its gradient or against it?",
)
def train_uphill(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W + learning_rate * Xb.T @ dZ
            b = b + learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "uphill",
    "Y − P is taken for the gradient, and subtracted",
    "does the loss grow or fall when the logit of a wrong class grows?",
)
def train_sign(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (Yb - P) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "Jacobian once more",
    "P − Y is multiplied by the softmax Jacobian, which it holds already",
    "what is left of your gradient when the model is sure and wrong?",
)
def train_jacobian(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            dZ = P * (dZ - (dZ * P).sum(axis=1, keepdims=True))
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "no softmax",
    "the labels are subtracted from the logits themselves",
    "what are the entries of Z, and what those of P?",
)
def train_no_softmax(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            dZ = (Z - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "wrong axis",
    "softmax runs down each column",
    "which axis runs along the classes of one sample?",
)
def train_wrong_axis(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=0))
            P = E / E.sum(axis=0)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp(1000)?",
)
def train_no_shift(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            E = np.exp(Xb @ W + b)
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "learning rate ignored",
    "the whole gradient is subtracted",
    "where in your code does learning_rate stand?",
)
def train_no_rate(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - Xb.T @ dZ
            b = b - dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "bias never trained",
    "b stays at 0",
    "which of the two parameters does a step change?",
)
def train_no_bias(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "bias divided by m again",
    "the step of b is the mean of the rows of dZ, which carry 1/m already",
    "does dZ carry the 1/m already?",
)
def train_bias_mean(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.mean(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "bias a single number",
    "dZ is summed over both axes, so that all classes get the same bias",
    "what does each row of dZ sum to?",
)
def train_bias_number(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum()
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "last batch dropped",
    "only whole batches are used",
    "103 samples in batches of 10: which samples does an epoch never see?",
)
def train_last_dropped(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "no shuffle",
    "the samples are taken in the order of X, epoch after epoch",
    "what is in the first batch if X is sorted by class?",
)
def train_no_shuffle(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = np.arange(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "shuffled once",
    "one order is drawn before the first epoch, and kept",
    "in what do two epochs differ then?",
)
def train_shuffled_once(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    order = rng.permutation(len(X))
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "batches shuffled, not samples",
    "the samples are cut into batches first, and the batches are shuffled",
    "can the first and the last sample of X ever come into one batch?",
)
def train_batches_shuffled(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        for start in rng.permutation(np.arange(0, len(X), batch_size)):
            Xb, Yb = X[start : start + batch_size], Y[start : start + batch_size]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "seed of its own",
    "a generator with a fixed seed takes the place of rng",
    "what does the caller have to do to get other batches?",
)
def train_own_seed(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "seed of its own, in every epoch",
    "a generator with a fixed seed is made anew in every epoch",
    "in what do two epochs differ then?",
)
def train_same_seed(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = np.random.default_rng(0).permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "randomness not from rng",
    "the order comes from np.random, not from rng",
    "why does the caller pass a generator?",
)
def train_global(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = np.random.permutation(len(X))  # noqa: NPY002
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "labels not shuffled",
    "the order is applied to X alone",
    "which label does the first sample of a batch have?",
)
def train_labels_left(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[start : start + batch_size]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "drawn with replacement",
    "each batch is drawn from all samples again",
    "can a sample come twice in an epoch, and can one never come?",
)
def train_replacement(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):
            batch = rng.integers(0, len(X), min(batch_size, len(X) - start))
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "one random batch a step",
    "each batch is drawn from all samples again, without a place for the short one",
    "can a sample come twice in an epoch, and can one never come?",
)
def train_random_batches(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        for _ in range(0, len(X), batch_size):
            batch = rng.choice(len(X), min(batch_size, len(X)), replace=False)
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "batch size ignored",
    "every step uses all of X",
    "how many steps does an epoch take?",
)
def train_one_batch(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        for Xb, Yb in [(X, Y)]:
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "a step for each sample",
    "every sample makes a step of its own",
    "how many samples share a step?",
)
def train_sample_by_sample(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(len(X)):
            batch = order[start : start + 1]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "one epoch only",
    "return stands inside the loop, so that the first epoch is the last",
    "what happens to a loop when return is reached in it?",
)
def train_one_epoch(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
        return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "batches used up",
    "the batches are made once, before the epochs, and nothing is left of them after the first",
    "how often can you loop over a generator, and where must minibatches be called?",
)
def train_batches_used_up(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    order = rng.permutation(len(X))
    batches = iter([order[start : start + batch_size] for start in range(0, len(X), batch_size)])
    for _ in range(epochs):
        for batch in batches:
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "started anew in every epoch",
    "W and b are set to 0 at the beginning of each epoch",
    "what is left of the first epoch after the second one has begun?",
)
def train_anew(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "random start",
    "W starts from random numbers",
    "what is promised about W before the first step?",
)
def train_random_start(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W = rng.normal(0, 0.01, (X.shape[1], num_classes)).astype(X.dtype)
    b = np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "classes counted in y",
    "the number of classes is read off the labels that happen to be there",
    "how many columns has W if no sample of the last class is there?",
)
def train_classes_from_y(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    num_classes = int(y.max()) + 1
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "always float64",
    "np.zeros is called without a type",
    "which type does np.zeros give by default?",
)
def train_float64(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes)), np.zeros(num_classes)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "bias with two dimensions",
    "b is made as a row of shape (1, K)",
    "which shape is promised for b?",
)
def train_bias_row(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros((1, num_classes), X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "measured before the steps",
    "loss and accuracy are those of the parameters before each epoch",
    "which parameters, and which samples, does an entry of the history speak of?",
)
def train_measured_before(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "measured on the last batch",
    "loss and accuracy are those of the last batch",
    "which parameters, and which samples, does an entry of the history speak of?",
)
def train_last_batch(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = Xb @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), Yb.argmax(axis=1)]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == Yb.argmax(axis=1)))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "measured on the way",
    "loss and accuracy are averaged over the batches of the epoch, each before its step",
    "which parameters, and which samples, does an entry of the history speak of?",
)
def train_on_the_way(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        losses, hits = [], []
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
            losses.append(-np.mean(np.log(P[Yb == 1])))
            hits.append(np.mean(P.argmax(axis=1) == Yb.argmax(axis=1)))
        history["loss"].append(np.mean(losses))
        history["accuracy"].append(np.mean(hits))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "means of batches averaged",
    "the means of all batches are averaged, the short one's too",
    "how much does a sample of the short batch count, and how much any other?",
)
def train_mean_of_means(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(np.mean([losses[i : i + batch_size].mean() for i in range(0, len(y), batch_size)]))
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "loss summed",
    "the losses of the samples are summed",
    "should the loss double when X is doubled?",
)
def train_loss_summed(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.sum())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "loss over all entries",
    "the loss is divided by all m · K entries",
    "over how many samples is the loss a mean?",
)
def train_loss_by_entries(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean() / num_classes)
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "percentage",
    "the accuracy is multiplied by 100",
    "how large can a fraction be?",
)
def train_percentage(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(100 * np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "count instead of fraction",
    "the right answers are counted, but not divided by the number of samples",
    "how large can a fraction be?",
)
def train_count(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.sum(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "error rate",
    "the wrong answers are counted",
    "what should a perfect model get?",
)
def train_error_rate(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) != y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "untrained model recorded too",
    "the history begins before the first epoch",
    "how many numbers are promised for three epochs?",
)
def train_untrained_too(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [np.log(num_classes)], "accuracy": [np.mean(y == 0)]}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "one entry a batch",
    "the history gets a number after every step, not after every epoch",
    "how many numbers are promised for three epochs?",
)
def train_entry_a_batch(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
            Z = X @ W + b
            Z = Z - Z.max(axis=1, keepdims=True)
            losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
            history["loss"].append(losses.mean())
            history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "last numbers only",
    "the history holds one number each, that of the last epoch",
    "how many numbers are promised for three epochs?",
)
def train_last_numbers(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history = {"loss": losses.mean(), "accuracy": np.mean(Z.argmax(axis=1) == y)}
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "history of the loss alone",
    "the accuracy is missing",
    "which keys are promised?",
)
def train_no_accuracy(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
    return {"W": W, "b": b}, history


@misconception(
    reference.train_softmax_classifier,
    "values in another order",
    "the history is returned first",
    "in which order does the docstring name the two values?",
)
def train_order(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return history, {"W": W, "b": b}


@misconception(
    reference.train_softmax_classifier,
    "parameters without names",
    "W and b are returned as a pair",
    "is params a dict?",
)
def train_pair(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return (W, b), history


@misconception(
    reference.train_softmax_classifier,
    "parameters alone",
    "the history is not returned",
    "how many names does the caller write to the left of the equals sign?",
)
def train_no_history(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            Xb, Yb = X[batch], Y[batch]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}


@misconception(
    reference.train_softmax_classifier,
    "X shuffled in place",
    "the caller's own X and y are put into a new order",
    "what does rng.shuffle(X) or X[:] = … do to the array that was passed in?",
)
def train_in_place(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    Y = np.eye(num_classes, dtype=X.dtype)[y]
    W, b = np.zeros((X.shape[1], num_classes), X.dtype), np.zeros(num_classes, X.dtype)
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        X[:], y[:], Y = X[order], y[order], Y[order]
        for start in range(0, len(X), batch_size):
            Xb, Yb = X[start : start + batch_size], Y[start : start + batch_size]
            Z = Xb @ W + b
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            P = E / E.sum(axis=1, keepdims=True)
            dZ = (P - Yb) / len(Xb)
            W = W - learning_rate * Xb.T @ dZ
            b = b - learning_rate * dZ.sum(axis=0)
        Z = X @ W + b
        Z = Z - Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
        history["loss"].append(losses.mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return {"W": W, "b": b}, history


# corrected_backward; its probes are those of softmax_cross_entropy_backward


@misconception(
    reference.corrected_backward,
    "1/m forgotten",
    "P − Y is not divided by the number of samples",
    "should the gradient of a mean over the batch double when the batch is doubled?",
)
def fix_not_averaged(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return P - Y


@misconception(
    reference.corrected_backward,
    "divided by the number of classes",
    "P − Y is divided by K instead of m",
    "does shape[0] or shape[1] count the samples?",
)
def fix_by_classes(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / Z.shape[1]


@misconception(
    reference.corrected_backward,
    "mean over all entries",
    "P − Y is divided by all m · K entries",
    "over how many samples is the loss a mean?",
)
def fix_by_entries(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / Z.size


@misconception(
    reference.corrected_backward,
    "divided twice",
    "1/m is there twice",
    "where does 1/m come from, and how often does it come?",
)
def fix_twice(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / len(Z) ** 2


@misconception(
    reference.corrected_backward,
    "wrong sign",
    "Y − P stands for P − Y",
    "does the loss grow or fall when the logit of a wrong class grows?",
)
def fix_sign(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (Y - P) / len(Z)


@misconception(
    reference.corrected_backward,
    "Jacobian once more",
    "P − Y is multiplied by the softmax Jacobian, which it holds already",
    "what is left of your gradient when the model is sure and wrong?",
)
def fix_jacobian(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dZ = (P - Y) / len(Z)
    return P * (dZ - (dZ * P).sum(axis=1, keepdims=True))


@misconception(
    reference.corrected_backward,
    "Jacobian once more, 1/m forgotten",
    "P − Y is multiplied by the softmax Jacobian, which it holds already, and not divided by m",
    "of which loss is P − Y the gradient, and with respect to what?",
)
def fix_jacobian_not_averaged(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dZ = P - Y
    return P * (dZ - (dZ * P).sum(axis=1, keepdims=True))


@misconception(
    reference.corrected_backward,
    "Jacobian's diagonal once more",
    "P − Y is multiplied by P (1 − P), as if each probability depended on its own logit alone",
    "what is left of your gradient when the model is sure and wrong?",
)
def fix_diagonal(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) * P * (1 - P) / len(Z)


@misconception(
    reference.corrected_backward,
    "by way of dL/dP",
    "Y / P is computed first, which is 1/0 or 0/0 where a probability is 0",
    "what is −Y/P where softmax gives 0, and do you need P in a denominator?",
)
def fix_through_dp(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dP = -Y / (len(Z) * P)
    return P * (dP - (dP * P).sum(axis=1, keepdims=True))


@misconception(
    reference.corrected_backward,
    "no softmax",
    "the labels are subtracted from the logits themselves",
    "what are the entries of Z, and what those of P?",
)
def fix_no_softmax(Z, Y):
    return (Z - Y) / len(Z)


@misconception(
    reference.corrected_backward,
    "wrong axis",
    "softmax runs down each column",
    "which axis runs along the classes of one sample?",
)
def fix_axis(Z, Y):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return (E / E.sum(axis=0, keepdims=True) - Y) / len(Z)


@misconception(
    reference.corrected_backward,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp(1000)?",
)
def fix_no_shift(Z, Y):
    E = np.exp(Z)
    return (E / E.sum(axis=1, keepdims=True) - Y) / len(Z)


@misconception(
    reference.corrected_backward,
    "gradient of the true class alone",
    "all classes but the true one get the gradient 0",
    "does a wrong class's logit change the probability of the true one?",
)
def fix_true_class(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return np.where(Y > 0, (P - Y) / len(Z), 0)


@misconception(
    reference.corrected_backward,
    "probabilities normalised over the batch",
    "softmax is divided by the sum of all its exponentials",
    "what does each row of P sum to?",
)
def fix_whole_batch(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (E / E.sum() - Y) / len(Z)


@misconception(
    reference.corrected_backward,
    "Jacobian by twos",
    "the Jacobian stays, and 2 / m takes the place of 1/m",
    "of which loss is this the gradient?",
)
def fix_twos(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dZ = 2 * (P - Y) / len(Z)
    return P * (dZ - (dZ * P).sum(axis=1, keepdims=True))


@misconception(
    reference.corrected_backward,
    "Jacobian of dL/dP without its sign",
    "Y / P goes through the Jacobian without its minus sign",
    "does the loss grow or fall when the probability of the true class grows?",
)
def fix_dp_without_sign(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    dP = np.divide(Y, len(Z) * P, out=np.zeros_like(P), where=Y > 0)
    return P * (dP - (dP * P).sum(axis=1, keepdims=True))
