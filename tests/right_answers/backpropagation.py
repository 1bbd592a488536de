"""Right answers to notebook 5, written differently from the reference; each stands alone, as a cell does."""

import numpy as np


def cross_entropy_backward_loop(P, Y):
    dP = np.zeros(P.shape, dtype=np.result_type(P, Y))
    with np.errstate(divide="ignore"):
        for i in range(len(P)):
            for k in range(P.shape[1]):
                if Y[i, k] > 0:
                    dP[i, k] = -Y[i, k] / P[i, k] / len(P)
    return dP


def cross_entropy_backward_divide_where(P, Y):
    dP = np.zeros_like(Y, dtype=np.result_type(P, Y))
    with np.errstate(divide="ignore"):
        np.divide(-Y, P * P.shape[0], out=dP, where=Y != 0)
    return dP


def cross_entropy_backward_where(P, Y):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(Y == 0, 0, -Y / (len(P) * P))


def cross_entropy_backward_mask(P, Y):
    counts = Y > 0
    dP = np.zeros(P.shape, np.result_type(P, Y))
    with np.errstate(divide="ignore"):
        dP[counts] = -(Y[counts] / P[counts]) / len(Y)
    return dP


def softmax_cross_entropy_backward_loop(Z, Y):
    dZ = np.zeros(Z.shape, dtype=np.result_type(Z, Y))
    for i, z in enumerate(Z):
        e = np.exp(z - np.max(z))
        dZ[i] = (e / np.sum(e) - Y[i]) / len(Z)
    return dZ


def softmax_cross_entropy_backward_through_logarithms(Z, Y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return np.exp(log_P) / len(Z) - Y / len(Z)


def softmax_cross_entropy_backward_subtracting_in_place(Z, Y):
    dZ = np.exp(Z - np.amax(Z, axis=-1)[:, np.newaxis])
    dZ /= dZ.sum(-1)[:, np.newaxis]
    dZ = dZ - Y
    return np.divide(dZ, Z.shape[0])


def softmax_cross_entropy_backward_logaddexp(Z, Y):
    P = np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None])
    return -(Y - P) * (1 / len(Z))


def softmax_cross_entropy_backward_columns(Z, Y):
    E = np.exp(Z.T - Z.max(axis=1))
    return ((E / E.sum(axis=0)).T - Y) / Z.shape[0]


def linear_backward_einsum(X, W, dZ):
    return np.einsum("ik,jk->ij", dZ, W), np.einsum("ij,ik->jk", X, dZ), np.einsum("ik->k", dZ)


def linear_backward_loop(X, W, dZ):
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros_like(W[0])
    for i in range(len(X)):
        dX[i] = W @ dZ[i]
        dW += np.outer(X[i], dZ[i])
        db += dZ[i]
    return dX, dW, db


def linear_backward_list(X, W, dZ):
    return [np.dot(dZ, W.transpose()), np.dot(np.transpose(X), dZ), np.sum(dZ, 0)]


def linear_backward_ones(X, W, dZ):
    db = np.ones(len(X), dtype=dZ.dtype) @ dZ
    dW = (dZ.T @ X).T
    dX = (W @ dZ.T).T
    return dX, dW, db


def gradient_check_permutation(f, grad, x, rng, samples=20):
    h = 1e-5
    x = x.astype(np.float64)
    worst = 0.0
    for index in rng.permutation(x.size)[:samples]:
        i = np.unravel_index(index, x.shape)
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        n = (f(up) - f(down)) / (2 * h)
        worst = max(worst, abs(n - grad[i]) / max(abs(n) + abs(grad[i]), 1e-8))
    return float(worst)


def gradient_check_shuffle(f, grad, x, rng, samples=20):
    order = np.arange(x.size)
    rng.shuffle(order)
    errors = []
    for i in order[: min(samples, x.size)]:
        e = np.zeros(x.size)
        e[i] = 1e-5
        e = e.reshape(x.shape)
        n = (f(x.astype(float) + e) - f(x.astype(float) - e)) / 2e-5
        g = float(grad.ravel()[i])
        errors.append(abs(n - g) / max(abs(n) + abs(g), 1e-8))
    return max(errors)


def gradient_check_all_where_few(f, grad, x, rng, samples=20):
    if x.size <= samples:
        entries = list(np.ndindex(x.shape))
    else:
        chosen = rng.choice(x.size, size=samples, replace=False)
        entries = [tuple(each) for each in np.argwhere(np.ones(x.shape))[chosen]]
    x = np.array(x, dtype=np.float64)
    numerical = []
    for i in entries:
        old = x[i]
        x[i] = old + 1e-5
        plus = f(x)
        x[i] = old - 1e-5
        minus = f(x)
        x[i] = old
        numerical.append((plus - minus) / (2 * 1e-5))
    a, b = np.array(numerical), np.array([grad[i] for i in entries], dtype=np.float64)
    return np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8))


def gradient_check_until_enough(f, grad, x, rng, samples=20):
    seen, worst, x64 = set(), 0, np.float64(x)
    while len(seen) < min(samples, x.size):
        i = tuple(int(rng.integers(n)) for n in x.shape)
        if i in seen:
            continue
        seen.add(i)
        step = np.zeros_like(x64)
        step[i] = 1e-5
        difference = f(x64 + step) - f(x64 - step)
        slope = difference / 2e-5
        worst = np.maximum(worst, np.abs(slope - grad[i]) / np.maximum(np.abs(slope) + np.abs(grad[i]), 1e-8))
    return worst


def sgd_step_loop(params, grads, learning_rate):
    new = {}
    for name, value in params.items():
        new[name] = value - learning_rate * grads[name]
    return new


def sgd_step_copies(params, grads, learning_rate):
    new = {name: value.copy() for name, value in params.items()}
    for name in grads:
        new[name] -= learning_rate * grads[name]
    return new


def sgd_step_sorted(params, grads, learning_rate):
    return dict((name, np.subtract(params[name], grads[name] * learning_rate)) for name in sorted(params))


def sgd_step_deepcopy(params, grads, learning_rate):
    import copy

    params = copy.deepcopy(params)
    for name, gradient in grads.items():
        params[name] += -learning_rate * gradient
    return params


def train_softmax_classifier_lists(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    m, d = X.shape
    W = np.zeros((d, num_classes), dtype=X.dtype)
    b = np.zeros(num_classes, dtype=X.dtype)
    Y = np.zeros((m, num_classes), dtype=X.dtype)
    Y[np.arange(m), y] = 1
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        index = np.arange(m)
        rng.shuffle(index)
        for i in range(0, m, batch_size):
            part = index[i : i + batch_size]
            S = X[part] @ W + b
            S -= S.max(axis=1, keepdims=True)
            P = np.exp(S)
            P /= P.sum(axis=1, keepdims=True)
            dZ = (P - Y[part]) / len(part)
            W -= learning_rate * X[part].T @ dZ
            b -= learning_rate * dZ.sum(axis=0)
        S = X @ W + b
        S = S - S.max(axis=1, keepdims=True)
        log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        history["loss"].append(float(-log_P[np.arange(m), y].mean()))
        history["accuracy"].append(float((log_P.argmax(axis=1) == y).mean()))
    return {"W": W, "b": b}, history


def train_softmax_classifier_bias_as_a_feature(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """A column of ones makes b the last row of the weights; loss and accuracy are gathered in chunks."""
    m = len(X)
    A = np.concatenate([X, np.ones((m, 1), dtype=X.dtype)], axis=1)
    theta = np.zeros((A.shape[1], num_classes), dtype=X.dtype)
    losses, accuracies = np.zeros(epochs), np.zeros(epochs)
    for epoch in range(epochs):
        order = rng.choice(m, size=m, replace=False)
        for part in np.split(order, np.arange(batch_size, m, batch_size)):
            E = A[part] @ theta
            E = np.exp(E - E.max(1)[:, None])
            dZ = E / E.sum(1)[:, None]
            dZ[np.arange(len(part)), y[part]] -= 1
            theta = theta - (learning_rate / len(part)) * (A[part].T @ dZ)
        total, right = 0.0, 0
        for i in range(0, m, 7):
            S = A[i : i + 7] @ theta
            total += (np.logaddexp.reduce(S, axis=1) - S[np.arange(len(S)), y[i : i + 7]]).sum()
            right += int((S.argmax(axis=1) == y[i : i + 7]).sum())
        losses[epoch], accuracies[epoch] = total / m, right / m
    return {"W": theta[:-1].copy(), "b": theta[-1].copy()}, {"loss": losses, "accuracy": accuracies}


def train_softmax_classifier_columns(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """In the layout of one sample a column, and with orders drawn for all epochs beforehand."""
    m = len(X)
    Y = np.eye(num_classes, dtype=X.dtype)[:, y]
    W, b = np.zeros((num_classes, X.shape[1]), X.dtype), np.zeros((num_classes, 1), X.dtype)
    history = {"accuracy": [], "loss": []}
    for order in [np.argsort(rng.random(m)) for _ in range(epochs)]:
        A, T = X[order].T, Y[:, order]
        start = 0
        while start < m:
            stop = min(start + batch_size, m)
            E = W @ A[:, start:stop] + b
            E = np.exp(E - E.max(axis=0))
            dZ = (E / E.sum(axis=0) - T[:, start:stop]) / (stop - start)
            W = W - learning_rate * (dZ @ A[:, start:stop].T)
            b = b - learning_rate * dZ.sum(axis=1, keepdims=True)
            start = stop
        Z = W @ X.T + b
        top = Z.max(axis=0)
        loss = np.mean(np.log(np.exp(Z - top).sum(axis=0)) + top - (Z * Y).sum(axis=0))
        history["loss"].append(loss)
        history["accuracy"].append(np.mean(Z.argmax(axis=0) == y))
    return {"b": b[:, 0], "W": W.T}, history


def train_softmax_classifier_short_batch_first(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """The batches of an epoch come in reverse; the step is scaled, not the gradient."""
    params = dict(W=np.zeros((X.shape[1], num_classes), X.dtype), b=np.zeros((num_classes,), X.dtype))
    loss, accuracy = [], []
    for _ in range(epochs):
        order = rng.permuted(np.arange(len(y)))
        for start in reversed(range(0, len(y), batch_size)):
            Xb, yb = X[order[start:][:batch_size]], y[order[start:][:batch_size]]
            Z = Xb @ params["W"] + params["b"]
            P = np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))
            G = P - (yb[:, None] == np.arange(num_classes)).astype(P.dtype)
            rate = learning_rate / len(yb)
            params = {"W": params["W"] - rate * np.dot(Xb.T, G), "b": params["b"] - rate * np.sum(G, axis=0)}
        Z = X @ params["W"] + params["b"]
        loss.append(np.mean(np.logaddexp.reduce(Z, axis=1) - Z[np.arange(len(y)), y]))
        accuracy.append(np.count_nonzero(np.argmax(Z, axis=1) == y) / len(y))
    return [params, {"loss": np.array(loss), "accuracy": np.array(accuracy)}]


def corrected_backward_minimal(Z, Y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / len(P)


def corrected_backward_loop(Z, Y):
    rows = []
    for z, t in zip(Z, Y, strict=True):
        p = np.exp(z - z.max())
        rows.append(p / p.sum() - t)
    return np.array(rows) / len(rows)


def corrected_backward_ratio_kept_finite(Z, Y):
    """The Jacobian stays, and meets −Y/P with P cancelled: Jᵀ(−Y/P) = P ΣY − Y."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return (P * Y.sum(axis=1, keepdims=True) - Y) / Z.shape[0]


def corrected_backward_two_terms(Z, Y):
    P = np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))
    m = Z.shape[0]
    return P / m - Y / m
