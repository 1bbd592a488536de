"""Right answers to notebook 6, written differently from the reference; each stands alone, as a cell does."""

import numpy as np


def relu_where(Z):
    return np.where(Z > 0, Z, np.zeros_like(Z))


def relu_copy(Z):
    A = Z.copy()
    A[A < 0] = 0
    return A


def relu_product(Z):
    return Z * (Z > 0)


def relu_half_of_the_sum(Z):
    return Z / 2 + abs(Z) / 2


def relu_clip(Z):
    return Z.clip(min=0)


def relu_backward_product(dA, Z):
    return dA * (Z > 0)


def relu_backward_copy(dA, Z):
    dZ = np.array(dA)
    dZ[Z <= 0] = 0
    return dZ


def relu_backward_heaviside(dA, Z):
    return dA * np.heaviside(Z, 0)


def relu_backward_loop(dA, Z):
    dZ = np.zeros_like(dA)
    for i, j in np.ndindex(Z.shape):
        if Z[i, j] > 0:
            dZ[i, j] = dA[i, j]
    return dZ


def he_init_normal(sizes, rng):
    params = {}
    for i in range(len(sizes) - 1):
        W = rng.normal(0.0, np.sqrt(2.0 / sizes[i]), size=(sizes[i], sizes[i + 1]))
        params["W" + str(i + 1)] = W.astype(np.float32)
        params["b" + str(i + 1)] = np.zeros(sizes[i + 1], dtype="float32")
    return params


def he_init_pairs_biases_first(sizes, rng):
    params = {f"b{i}": np.zeros((n,), np.float32) for i, n in enumerate(sizes[1:], 1)}
    for i, (fan_in, fan_out) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), 1):
        params[f"W{i}"] = np.float32(rng.standard_normal((fan_in, fan_out)) / np.sqrt(fan_in / 2))
    return params


def he_init_one_draw_for_all(sizes, rng):
    count = sum(a * b for a, b in zip(sizes, sizes[1:], strict=False))
    numbers, params = rng.standard_normal(count, dtype=np.float32), {}
    for i, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        params[f"W{i}"] = numbers[: a * b].reshape(a, b) * np.float32((2 / a) ** 0.5)
        params[f"b{i}"] = np.zeros(b, np.float32)
        numbers = numbers[a * b :]
    return params


def he_init_box_and_muller(sizes, rng):
    """Normal numbers out of uniform ones, the last layer first."""
    params = {}
    for i in reversed(range(1, len(sizes))):
        shape = sizes[i - 1], sizes[i]
        radius, angle = np.sqrt(-2 * np.log(1 - rng.random(shape))), 2 * np.pi * rng.random(shape)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * radius * np.cos(angle)).astype(np.float32)
    return params


def mlp_forward_while(X, params):
    cache, i = {"A0": X}, 1
    while f"W{i}" in params:
        cache[f"Z{i}"] = np.dot(cache[f"A{i - 1}"], params[f"W{i}"]) + params[f"b{i}"]
        if f"W{i + 1}" in params:
            cache[f"A{i}"] = np.maximum(cache[f"Z{i}"], 0)
        else:
            E = np.exp(cache[f"Z{i}"] - cache[f"Z{i}"].max(axis=1, keepdims=True))
            cache[f"A{i}"] = E / np.sum(E, axis=1, keepdims=True)
        i += 1
    return cache[f"A{i - 1}"], cache


def mlp_forward_last_by_itself(X, params):
    L = sum(name.startswith("W") for name in params)
    cache = dict([("A0", X)])
    for i in range(1, L):
        Z = cache["A" + str(i - 1)] @ params["W" + str(i)] + params["b" + str(i)]
        cache["Z" + str(i)] = Z
        cache["A" + str(i)] = Z * (Z > 0)
    Z = cache[f"A{L - 1}"] @ params[f"W{L}"] + params[f"b{L}"]
    P = np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None])
    cache[f"Z{L}"] = Z
    cache[f"A{L}"] = P
    return P, cache


def mlp_forward_columns(X, params):
    """One sample a column on the way, and turned back for the cache."""
    numbers = sorted(int(name[1:]) for name in params if name[0] == "W")
    A, cache = X.T, {"A0": X.copy()}
    for i in numbers:
        Z = params[f"W{i}"].T @ A + params[f"b{i}"][:, None]
        if i == numbers[-1]:
            A = np.exp(Z - Z.max(axis=0))
            A = A / A.sum(axis=0)
        else:
            A = np.where(Z > 0, Z, 0)
        cache |= {f"Z{i}": Z.T.copy(), f"A{i}": A.T.copy()}
    return [cache[f"A{numbers[-1]}"], cache]


def mlp_backward_recursive(cache, params, Y):
    L = max(int(name[1:]) for name in params)

    def back(i, dZ):
        if i == 0:
            return {}
        grads = {f"W{i}": np.dot(cache[f"A{i - 1}"].T, dZ), f"b{i}": np.sum(dZ, axis=0)}
        if i > 1:
            dZ = np.dot(dZ, params[f"W{i}"].T) * (cache[f"A{i - 1}"] > 0)
        return grads | back(i - 1, dZ)

    return back(L, (cache[f"A{L}"] - Y) / Y.shape[0])


def mlp_backward_to_the_input(cache, params, Y):
    """With 1/m at the end, with a gradient for X that nobody needs, and in the order of params."""
    depth = len(params) // 2
    dZ, all_grads = cache["A" + str(depth)] - Y, {}
    for i in range(depth, 0, -1):
        all_grads["W" + str(i)] = np.einsum("ij,ik->jk", cache["A" + str(i - 1)], dZ) / len(Y)
        all_grads["b" + str(i)] = np.ones(len(Y), dZ.dtype) @ dZ / len(Y)
        dA = np.einsum("ik,jk->ij", dZ, params["W" + str(i)])
        dZ = np.where(cache["A" + str(i - 1)] > 0, dA, np.zeros_like(dA))
    return {name: all_grads[name] for name in params}


def mlp_backward_stored_first(cache, params, Y):
    """All dZ first, then all gradients."""
    L = len([name for name in params if name[0] == "b"])
    dZ = {L: (cache[f"A{L}"] - Y) / len(Y)}
    for i in range(L - 1, 0, -1):
        dZ[i] = dZ[i + 1] @ params[f"W{i + 1}"].transpose()
        dZ[i][cache[f"Z{i}"] <= 0] = 0
    grads = {}
    for i in dZ:
        grads[f"b{i}"] = dZ[i].sum(0)
        grads[f"W{i}"] = (dZ[i].T @ cache[f"A{i - 1}"]).T
    return grads


def momentum_step_loop(params, grads, velocity, learning_rate, beta):
    new_params, new_velocity = {}, {}
    for name, value in params.items():
        new_velocity[name] = beta * velocity[name] - learning_rate * grads[name]
        new_params[name] = value + new_velocity[name]
    return new_params, new_velocity


def momentum_step_deepcopy(params, grads, velocity, learning_rate, beta):
    import copy

    params, velocity = copy.deepcopy(params), copy.deepcopy(velocity)
    for name in grads:
        velocity[name] *= beta
        velocity[name] -= learning_rate * grads[name]
        params[name] += velocity[name]
    return params, velocity


def momentum_step_sorted(params, grads, velocity, learning_rate, beta):
    names = sorted(grads)
    v = [np.subtract(velocity[name] * beta, grads[name] * learning_rate) for name in names]
    return [
        dict(zip(names, (params[name] + each for name, each in zip(names, v, strict=True)), strict=True)),
        dict(zip(names, v, strict=True)),
    ]


def train_mlp_lists(X, y, sizes, learning_rate, batch_size, epochs, rng):
    """Weights in a list, changed where they stand."""
    layers = []
    for a, b in zip(sizes[:-1], sizes[1:], strict=True):
        layers.append([rng.normal(0, np.sqrt(2 / a), (a, b)).astype(X.dtype), np.zeros(b, dtype=X.dtype)])
    history = {"loss": [], "accuracy": []}
    for _ in range(epochs):
        index = np.arange(len(X))
        rng.shuffle(index)
        for i in range(0, len(X), batch_size):
            part = index[i : i + batch_size]
            inputs = [X[part]]
            for W, b in layers:
                inputs.append(np.maximum(inputs[-1] @ W + b, 0) if W is not layers[-1][0] else inputs[-1] @ W + b)
            S = inputs.pop()
            P = np.exp(S - S.max(axis=1, keepdims=True))
            P /= P.sum(axis=1, keepdims=True)
            P[np.arange(len(part)), y[part]] -= 1
            dZ = P / len(part)
            for (W, b), A in zip(reversed(layers), reversed(inputs), strict=True):
                dA = dZ @ W.T
                W -= learning_rate * A.T @ dZ
                b -= learning_rate * dZ.sum(axis=0)
                dZ = dA * (A > 0)
        A = X
        for W, b in layers[:-1]:
            A = np.maximum(A @ W + b, 0)
        S = A @ layers[-1][0] + layers[-1][1]
        log_P = S - np.logaddexp.reduce(S, axis=1, keepdims=True)
        history["loss"].append(float(-log_P[np.arange(len(y)), y].mean()))
        history["accuracy"].append(float((log_P.argmax(axis=1) == y).mean()))
    params = {f"W{i}": W for i, (W, b) in enumerate(layers, 1)} | {f"b{i}": b for i, (W, b) in enumerate(layers, 1)}
    return params, history


def train_mlp_columns(X, y, sizes, learning_rate, batch_size, epochs, rng):
    """In the layout of one sample a column, with the orders of all epochs drawn before the weights."""
    m, L, T = len(X), len(sizes) - 1, X.dtype
    orders = [np.argsort(rng.random(m)) for _ in range(epochs)]
    W = [(rng.standard_normal((n, k)) * (2 / k) ** 0.5).astype(T) for k, n in zip(sizes, sizes[1:], strict=False)]
    b = [np.zeros((n, 1), T) for n in sizes[1:]]
    Y = np.eye(sizes[-1], dtype=T)[:, y]
    losses, accuracies = np.zeros(epochs), np.zeros(epochs)

    def forward(A):
        As = [A]
        for i in range(L):
            Z = W[i] @ As[i] + b[i]
            As.append(np.where(Z > 0, Z, 0) if i < L - 1 else np.exp(Z - np.logaddexp.reduce(Z, axis=0)))
        return As, Z

    for epoch, order in enumerate(orders):
        for part in np.split(order, np.arange(batch_size, m, batch_size)):
            As, _ = forward(X[part].T)
            dZ = (As[-1] - Y[:, part]) / part.size
            for i in range(L - 1, -1, -1):
                dW, db = dZ @ As[i].T, dZ.sum(axis=1, keepdims=True)
                dZ = (W[i].T @ dZ) * (As[i] > 0)
                W[i], b[i] = W[i] - learning_rate * dW, b[i] - learning_rate * db
        _, Z = forward(X.T)
        losses[epoch] = np.mean(np.logaddexp.reduce(Z, axis=0) - Z[y, np.arange(m)])
        accuracies[epoch] = np.count_nonzero(Z.argmax(axis=0) == y) / m
    params = {}
    for i in range(L):
        params |= {f"b{i + 1}": b[i].ravel(), f"W{i + 1}": W[i].T.copy()}
    return [params, {"accuracy": accuracies, "loss": losses}]


def train_mlp_short_batch_first(X, y, sizes, learning_rate, batch_size, epochs, rng):
    """The batches of an epoch come in reverse; the step is scaled, not the gradient; chunks are measured."""
    m, L = len(y), len(sizes) - 1
    params = {}
    for i in range(L, 0, -1):
        params[f"W{i}"] = np.array(rng.normal(size=(sizes[i - 1], sizes[i])) * np.sqrt(2 / sizes[i - 1]), dtype=X.dtype)
        params[f"b{i}"] = np.zeros(sizes[i], X.dtype)
    loss, accuracy = [], []
    for _ in range(epochs):
        order = rng.choice(m, size=m, replace=False)
        for start in reversed(range(0, m, batch_size)):
            part = order[start:][:batch_size]
            A, rate = {0: X[part]}, learning_rate / len(part)
            for i in range(1, L + 1):
                A[i] = A[i - 1] @ params[f"W{i}"] + params[f"b{i}"]
                if i < L:
                    A[i] = A[i].clip(0)
            G = np.exp(A[L] - np.logaddexp.reduce(A[L], axis=1, keepdims=True))
            G = G - (y[part][:, None] == np.arange(sizes[-1])).astype(X.dtype)
            new = {}
            for i in range(L, 0, -1):
                new[f"W{i}"] = params[f"W{i}"] - rate * (A[i - 1].T @ G)
                new[f"b{i}"] = params[f"b{i}"] - rate * G.sum(axis=0)
                G = np.where(A[i - 1] > 0, G @ params[f"W{i}"].T, 0)
            params = new
        total, right = 0.0, 0
        for start in range(0, m, 7):
            Z = X[start : start + 7]
            for i in range(1, L + 1):
                Z = (Z if i == 1 else np.maximum(Z, 0)) @ params[f"W{i}"] + params[f"b{i}"]
            labels = y[start : start + 7]
            total += (np.logaddexp.reduce(Z, axis=1) - Z[np.arange(len(Z)), labels]).sum()
            right += int((Z.argmax(axis=1) == labels).sum())
        loss.append(total / m)
        accuracy.append(right / m)
    return params, {"loss": np.array(loss), "accuracy": np.array(accuracy)}
