"""Right answers to notebook 4, written differently from the reference."""

import numpy as np


def softmax_jacobian_diagonal_less_outer(p):
    return np.diag(p) - np.outer(p, p)


def softmax_jacobian_loop(p):
    K = len(p)
    J = np.empty((K, K), dtype=p.dtype)
    for i in range(K):
        for j in range(K):
            J[i, j] = p[i] * (1 - p[i]) if i == j else -p[i] * p[j]
    return J


def softmax_jacobian_einsum(p):
    return np.einsum("i,ij->ij", p, np.identity(p.size, p.dtype)) - np.einsum("i,j->ij", p, p)


def softmax_jacobian_column_vector(p):
    s = p.reshape(-1, 1)
    return np.diagflat(s) - np.dot(s, s.T)


def softmax_jacobian_fill_diagonal(p):
    J = np.multiply.outer(-p, p)
    np.fill_diagonal(J, p - p**2)
    return J


def softmax_jacobian_column_by_column(p):
    columns = []
    for j in range(p.shape[0]):
        column = -p * p[j]
        column[j] += p[j]
        columns.append(column)
    return np.column_stack(columns)


def softmax_jacobian_list_of_lists(p):
    J = [[float(a) * ((i == j) - float(b)) for j, b in enumerate(p)] for i, a in enumerate(p)]
    return np.array(J, dtype=p.dtype)


def softmax_jacobian_centering_matrix(p):
    """diag(p) times the matrix that subtracts from a vector its mean under p."""
    return np.diag(p) @ (np.eye(len(p), dtype=p.dtype) - np.tile(p, (len(p), 1)))


def batch_softmax_jacobian_index_arrays(P):
    J = -P[:, :, None] * P[:, None, :]
    k = np.arange(P.shape[1])
    J[:, k, k] += P
    return J


def batch_softmax_jacobian_einsum(P):
    delta = np.eye(P.shape[1], dtype=P.dtype)
    return np.einsum("si,ij->sij", P, delta) - np.einsum("si,sj->sij", P, P)


def batch_softmax_jacobian_writeable_diagonal(P):
    J = np.multiply(P[..., np.newaxis], -P[..., np.newaxis, :])
    diagonal = np.einsum("sii->si", J)
    diagonal[...] = P * (1 - P)
    return J


def batch_softmax_jacobian_matmul(P):
    m, K = P.shape
    outer = P.reshape(m, K, 1) @ P.reshape(m, 1, K)
    return np.where(np.eye(K, dtype=bool), P[:, :, None], P.dtype.type(0)) - outer


def batch_softmax_jacobian_loop_over_classes(P):
    m, K = P.shape
    J = np.zeros((m, K, K), P.dtype)
    for i in range(K):
        for j in range(K):
            J[:, i, j] = P[:, i] * (float(i == j) - P[:, j])
    return J


def batch_softmax_jacobian_flat_diagonal(P):
    m, K = P.shape
    J = (-P[:, :, None] * P[:, None, :]).reshape(m, K * K)
    J[:, :: K + 1] += P
    return J.reshape(m, K, K)


def batch_softmax_jacobian_samples_moved(P):
    p = P.T
    J = p[:, None] * (np.eye(len(p), dtype=P.dtype)[:, :, None] - p[None, :])
    return np.moveaxis(J, -1, 0)


def numerical_jacobian_filled_in(f, z, h=1e-5):
    z = np.array(z, dtype=float)
    J = np.zeros((len(f(z)), len(z)))
    for j in range(len(z)):
        above, below = z.copy(), z.copy()
        above[j] += h
        below[j] -= h
        J[:, j] = (f(above) - f(below)) / (2 * h)
    return J


def numerical_jacobian_moves_one_copy(f, z, h=1e-5):
    x = z.astype(np.float64)
    rows = []
    for j in range(x.size):
        here = x[j]
        x[j] = here + h
        above = f(x).copy()
        x[j] = here - h
        below = f(x).copy()
        x[j] = here
        rows.append((above - below) / 2 / h)
    return np.array(rows).T


def numerical_jacobian_apply_along_axis(f, z, h=1e-5):
    steps = h * np.identity(z.shape[0])
    difference = np.apply_along_axis(f, 1, z + steps) - np.apply_along_axis(f, 1, z - steps)
    return difference.T / (h + h)


def numerical_jacobian_column_stack(f, z, h=1e-5):
    z = np.asarray(z, dtype=np.float64)
    e = np.eye(z.size)
    return np.column_stack([(f(z + h * e_j) - f(z - h * e_j)) * (0.5 / h) for e_j in e])


def numerical_jacobian_by_the_step_that_was_taken(f, z, h=1e-5):
    z = z.astype("float64")
    columns = []
    for j in range(len(z)):
        above = np.where(np.arange(len(z)) == j, z + h, z)
        below = np.where(np.arange(len(z)) == j, z - h, z)
        columns.append((f(above) - f(below)) / (above[j] - below[j]))
    return np.transpose(columns)


def numerical_jacobian_mean_of_both_sides(f, z, h=1e-5):
    z = z.astype(np.float64)
    here = f(z)
    columns = [((f(z + step) - here) / h + (here - f(z - step)) / h) / 2 for step in np.eye(len(z)) * h]
    return np.stack(columns, axis=-1)


def numerical_jacobian_up_and_down(f, z, h=1e-5):
    """The step back is not exact: the two points are 2h apart to some 1e-16."""
    x = z.astype(np.float64).copy()
    columns = []
    for j in range(len(x)):
        x[j] += h
        above = np.array(f(x))
        x[j] -= 2 * h
        columns.append((above - f(x)) / (2 * h))
        x[j] = z[j]
    return np.stack(columns, axis=1)


def numerical_jacobian_entry_by_entry(f, z, h=1e-5):
    z = z.astype(np.float64)
    n, K = f(z).shape[0], z.shape[0]
    return np.array([[(f(z + s)[i] - f(z - s)[i]) / (2 * h) for s in h * np.eye(K)] for i in range(n)])


def softmax_vjp_einsum(P, dP):
    return P * (dP - np.einsum("ij,ij->i", P, dP)[:, None])


def softmax_vjp_multiplied_out(P, dP):
    G = P * dP
    return G - P * G.sum(axis=1, keepdims=True)


def softmax_vjp_row_by_row(P, dP):
    dZ = np.empty(P.shape, dtype=np.result_type(P, dP))
    for i in range(len(P)):
        dZ[i] = P[i] * (dP[i] - P[i] @ dP[i])
    return dZ


def softmax_vjp_list_of_rows(P, dP):
    return np.array([p * (g - np.vdot(p, g)) for p, g in zip(P, dP, strict=True)])


def softmax_vjp_matmul(P, dP):
    weighted = P[:, None, :] @ dP[:, :, None]
    return np.multiply(P, dP - weighted[:, 0])


def softmax_vjp_centred_first(P, dP):
    """A constant added to a row of dP does not matter, so its mean can go first."""
    D = dP - dP.mean(axis=1)[:, np.newaxis]
    return P * (D - np.sum(P * D, axis=1)[:, np.newaxis])


def softmax_vjp_transposed(P, dP):
    p, g = P.T, dP.T
    return (p * (g - (p * g).sum(axis=0))).T


def softmax_vjp_average(P, dP):
    weighted = [np.average(g, weights=p) for p, g in zip(P, dP, strict=True)]
    return P * (dP - np.array(weighted, dtype=np.result_type(P, dP)).reshape(-1, 1))


def relative_error_loop(a, b):
    worst = 0.0
    for x, y in zip(a.ravel(), b.ravel(), strict=True):
        worst = max(worst, abs(x - y) / max(abs(x) + abs(y), 1e-8))
    return worst


def relative_error_clip(a, b):
    return (np.abs(b - a) / np.clip(np.abs(a) + np.abs(b), 1e-8, None)).max()


def relative_error_where(a, b):
    size = abs(a) + abs(b)
    size = np.where(size < 1e-8, 1e-8, size)
    return float(np.amax(abs(a - b) / size))


def relative_error_in_float64(a, b):
    a, b = np.float64(a).ravel(), np.float64(b).ravel()
    return max(np.abs(a - b) / np.fmax(np.abs(a) + np.abs(b), 1e-8))


def relative_error_infinity_norm(a, b):
    quotient = (a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)
    return np.linalg.norm(quotient.ravel(), np.inf)


def relative_error_of_both_signs(a, b):
    quotient = (a - b) / np.maximum(np.hypot(a, 0) + np.sqrt(np.square(b)), 1e-8)
    return max(quotient.max(), -quotient.min())
