"""Right answers to notebook 3, written differently from the reference."""

import numpy as np


def cross_entropy_loop(P, Y):
    total = 0.0
    for p, t in zip(P, Y, strict=True):
        for p_k, t_k in zip(p, t, strict=True):
            if t_k > 0:
                total -= t_k * np.log(p_k)
    return total / len(P)


def cross_entropy_einsum(P, Y):
    with np.errstate(divide="ignore"):
        log_P = np.where(Y == 0, 0, np.log(P))
    return -np.einsum("ij,ij->", Y, log_P) / P.shape[0]


def cross_entropy_of_what_counts(P, Y):
    counts = Y > 0
    with np.errstate(divide="ignore"):
        return -(Y[counts] * np.log(P[counts])).sum() / len(Y)


def cross_entropy_log_with_out(P, Y):
    log_P = np.log(P, out=np.zeros_like(P), where=Y > 0)
    return -np.mean(np.sum(Y * log_P, axis=1))


def cross_entropy_nansum(P, Y):
    return -np.nansum(Y * np.log(P), axis=1).mean()


def cross_entropy_base_two_turned_back(P, Y):
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        terms = np.where(Y > 0, -Y * np.log2(P) * np.log(2), 0)
    return terms.sum() / P.shape[0]


def cross_entropy_scalar_product(P, Y):
    with np.errstate(divide="ignore"):
        return float(-np.vdot(Y, np.log(np.where(Y == 0, 1, P))) / len(P))


def negative_log_likelihood_loop(P, y):
    return -sum(np.log(P[i, k]) for i, k in enumerate(y)) / len(y)


def negative_log_likelihood_take_along_axis(P, y):
    p = np.take_along_axis(P, y[:, None].astype(int), axis=1)
    with np.errstate(divide="ignore"):
        return float(-np.log(p).mean())


def negative_log_likelihood_mask(P, y):
    true = y[:, None] == np.arange(P.shape[1])
    with np.errstate(divide="ignore"):
        return -np.log(P[true]).mean()


def negative_log_likelihood_where(P, y):
    Y = np.eye(P.shape[1])[y]
    with np.errstate(divide="ignore"):
        return -np.where(Y == 1, np.log(P), 0).sum() / len(y)


def negative_log_likelihood_choose(P, y):
    p = (P * np.eye(P.shape[1], dtype=P.dtype)[y]).sum(axis=1)
    return np.mean(-np.log(p))


def cross_entropy_from_logits_logaddexp(Z, y):
    return (np.logaddexp.reduce(Z, axis=1) - Z[np.arange(len(y)), y]).mean()


def cross_entropy_from_logits_loop(Z, y):
    losses = []
    for z, k in zip(Z, y, strict=True):
        s = z - z.max()
        losses.append(np.log(np.exp(s).sum()) - s[k])
    return sum(losses) / len(losses)


def cross_entropy_from_logits_log_softmax(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(np.take_along_axis(log_P, y[:, None].astype(int), axis=1))


def cross_entropy_from_logits_one_hot(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.where(np.eye(Z.shape[1])[y] == 1, log_P, 0).sum() / len(y)


def cross_entropy_from_logits_relative_to_the_true_class(Z, y):
    D = Z - np.take_along_axis(Z, y[:, None].astype(int), axis=1)
    top = D.max(axis=1)
    with np.errstate(invalid="ignore"):
        losses = top + np.log(np.exp(D - top[:, None]).sum(axis=1))
    return np.where(np.isneginf(Z[np.arange(len(y)), y]), np.inf, losses).mean()


def cross_entropy_from_logits_textbook(Z, y):
    c = Z.max(axis=1)
    log_sum_exp = np.log(np.sum(np.exp(Z - c[:, None]), axis=1))
    return float(np.mean(log_sum_exp + (c - Z[range(len(y)), y])))


def entropy_loop(P):
    rows = [-sum(p * np.log(p) for p in row if p > 0) + 0.0 for row in P]
    return np.array(rows, dtype=P.dtype)


def entropy_einsum(P):
    return -np.einsum("ij,ij->i", P, np.log(np.where(P == 0, 1, P)))


def entropy_log_with_out(P):
    log_P = np.log(P, out=np.zeros_like(P), where=P != 0)
    return (-P * log_P).sum(axis=1)


def entropy_nan_to_num(P):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.nan_to_num(P * np.log(P)).sum(axis=1)


def entropy_smallest_number(P):
    return -(P * np.log(np.maximum(P, np.finfo(P.dtype).tiny))).sum(axis=1)


def entropy_log_of_powers(P):
    return -np.log(P**P).sum(axis=1)


def entropy_less_than_uniform(P):
    K = P.shape[1]
    relative = P * np.log(np.where(P > 0, P, 1) * K)
    return (np.log(P.dtype.type(K)) - relative.sum(axis=1)).astype(P.dtype)


def kl_divergence_loop(P, Q):
    D = np.zeros(len(P), dtype=np.result_type(P, Q))
    for i in range(len(P)):
        for p, q in zip(P[i], Q[i], strict=True):
            if p > 0:
                D[i] += p * (np.log(p) - np.log(q))
    return D


def kl_divergence_quotient(P, Q):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(P > 0, P * np.log(P / Q), 0).sum(axis=1)


def kl_divergence_cross_entropy_less_entropy(P, Q):
    with np.errstate(divide="ignore"):
        cross = -(P * np.log(np.where(P == 0, 1, Q))).sum(axis=1)
    own = -(P * np.log(np.where(P == 0, 1, P))).sum(axis=1)
    return cross - own


def kl_divergence_nansum(P, Q):
    return np.nansum(P * np.log(P / Q), axis=1)


def kl_divergence_einsum(P, Q):
    counts = P > 0
    with np.errstate(divide="ignore"):
        surprise = np.log(P, out=np.zeros_like(P), where=counts) - np.log(Q, out=np.zeros_like(Q), where=counts)
    return np.einsum("ij,ij->i", P, surprise)


def kl_divergence_of_positive_terms(P, Q):
    """Every p log(p/q) − p + q is at least 0; over a row the p and q sum to 1 and cancel."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(P > 0, P * np.log(P / Q), 0) - P + Q
    return terms.sum(axis=1)


def mean_squared_error_loop(P, Y):
    squares = [(p - t) ** 2 for row_p, row_t in zip(P, Y, strict=True) for p, t in zip(row_p, row_t, strict=True)]
    return sum(squares) / len(squares)


def mean_squared_error_einsum(P, Y):
    E = P - Y
    return np.einsum("ij,ij->", E, E) / E.size


def mean_squared_error_norm(P, Y):
    return float(np.linalg.norm(P - Y) ** 2 / np.prod(P.shape))


def mean_squared_error_axis_by_axis(P, Y):
    return np.square(np.subtract(P, Y)).mean(axis=1).mean()


def mean_squared_error_dot(P, Y):
    e = (P - Y).ravel()
    return e @ e / e.size
