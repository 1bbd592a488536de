"""Notebook 6, the MLP: layers in a row, any number of them, and the chain rule from the last one to the first.

A network of depth L has the weights W1 … WL and the biases b1 … bL. Every function finds them by name and counts the
layers in the dict, so none of them needs to be told the depth. Depth 1 is the softmax classifier of notebook 5.
"""

import numpy as np

from shared.reference.cross_entropy import cross_entropy_from_logits
from shared.reference.data_preparation import accuracy, minibatches, one_hot
from shared.reference.softmax import linear_forward, softmax


def relu(Z):
    """The rectified linear unit, entry by entry.

    .. math:: A_{ij} = \\max(Z_{ij}, 0)

    Parameters
    ----------
    Z : ndarray, shape (m, n)

    Returns
    -------
    A : ndarray, shape (m, n)
        Activations: Z where it is positive, else 0.

    References
    ----------
    V. Nair, G. E. Hinton, *Rectified linear units improve restricted Boltzmann machines*, ICML 2010.

    Examples
    --------
    >>> relu(np.array([[-2.0, 0.0, 3.0]]))
    array([[0., 0., 3.]])
    """
    return np.maximum(Z, 0)  # (m, n)


def relu_backward(dA, Z):
    """The gradient of a loss with respect to what went into a ReLU.

    .. math:: \\mathrm{d}Z_{ij} = \\mathrm{d}A_{ij} \\text{ where } Z_{ij} > 0, \\text{ else } 0

    Parameters
    ----------
    dA : ndarray, shape (m, n)
        The loss's gradient with respect to relu(Z).
    Z : ndarray, shape (m, n)
        What went forward.

    Returns
    -------
    dZ : ndarray, shape (m, n)
        ReLU has no derivative at 0; the course takes 0.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, section 6.3, on what is not
    differentiable at all points.

    Examples
    --------
    >>> relu_backward(np.array([[5.0, 6.0, -7.0]]), np.array([[-2.0, 0.0, 3.0]]))
    array([[ 0.,  0., -7.]])
    """
    return dA * (Z > 0)  # (m, n); a mask of truth values counts as ones and zeros


def he_init(sizes, rng):
    """Random weights whose size keeps activations as large as what goes in, from ReLU layer to ReLU layer.

    .. math:: W^{(l)}_{ij} \\sim \\mathcal N(0, 2 / n_{l-1}), \\qquad b^{(l)} = 0

    Parameters
    ----------
    sizes : list of int
        Features, then the width of each layer; the last one is K.
    rng : numpy.random.Generator

    Returns
    -------
    params : dict of ndarray
        "W1", shape (sizes[0], sizes[1]), "b1", shape (sizes[1],), and so on, float32.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, *Delving deep into rectifiers*, ICCV 2015, equation 10.

    Examples
    --------
    >>> params = he_init([784, 128, 10], np.random.default_rng(0))
    >>> {name: value.shape for name, value in params.items()}
    {'W1': (784, 128), 'b1': (128,), 'W2': (128, 10), 'b2': (10,)}
    >>> bool(abs(params["W1"].std() - (2 / 784) ** 0.5) < 1e-3)
    True
    """
    params = {}
    for layer in range(1, len(sizes)):
        fan_in, fan_out = sizes[layer - 1], sizes[layer]
        W = rng.standard_normal((fan_in, fan_out), dtype=np.float32)  # variance 1
        params[f"W{layer}"] = W * np.float32(np.sqrt(2 / fan_in))  # variance 2 / fan_in
        params[f"b{layer}"] = np.zeros(fan_out, dtype=np.float32)
    return params


def mlp_forward(X, params):
    """The probabilities that a network gives, and all that its backward pass needs.

    .. math:: A^{(0)} = X, \\quad Z^{(l)} = A^{(l-1)} W^{(l)} + b^{(l)}, \\quad A^{(l)} = \\operatorname{relu}(Z^{(l)}),
        \\quad A^{(L)} = \\operatorname{softmax}(Z^{(L)})

    Parameters
    ----------
    X : ndarray, shape (m, d)
    params : dict of ndarray
        "W1", "b1", …, "WL", "bL", in any order; W of shape (fan_in, fan_out).

    Returns
    -------
    P : ndarray, shape (m, K)
        Probabilities.
    cache : dict of ndarray
        "A0" (which is X), "Z1", "A1", …, "ZL", "AL" (which is P).

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, algorithm 6.3.

    Examples
    --------
    >>> params = {"W1": np.array([[1.0, -1.0]]), "b1": np.zeros(2), "W2": np.eye(2), "b2": np.zeros(2)}
    >>> P, cache = mlp_forward(np.array([[0.0], [1000.0]]), params)
    >>> P
    array([[0.5, 0.5],
           [1. , 0. ]])
    >>> list(cache)
    ['A0', 'Z1', 'A1', 'Z2', 'A2']
    """
    depth = len(params) // 2
    A = X  # (m, d)
    cache = {"A0": A}
    for layer in range(1, depth + 1):
        Z = linear_forward(A, params[f"W{layer}"], params[f"b{layer}"])  # (m, fan_in) -> (m, fan_out)
        A = relu(Z) if layer < depth else softmax(Z)  # (m, fan_out)
        cache[f"Z{layer}"], cache[f"A{layer}"] = Z, A
    return A, cache


def mlp_backward(cache, params, Y):
    """The gradients of the mean cross-entropy with respect to all weights and biases.

    .. math:: \\mathrm{d}Z^{(L)} = \\frac{P - Y}{m}, \\quad \\mathrm{d}W^{(l)} = A^{(l-1)T}\\,\\mathrm{d}Z^{(l)},
        \\quad \\mathrm{d}b^{(l)} = \\sum_i \\mathrm{d}Z^{(l)}_i,
        \\quad \\mathrm{d}Z^{(l-1)} = \\mathrm{d}Z^{(l)} W^{(l)T} \\odot [Z^{(l-1)} > 0]

    Parameters
    ----------
    cache : dict of ndarray
        What `mlp_forward` returned with these parameters. It is only read: another call gives the same.
    params : dict of ndarray
    Y : ndarray of floats, shape (m, K)
        One-hot labels, or soft ones; each row sums to 1.

    Returns
    -------
    grads : dict of ndarray
        For every name in params the gradient, of the same shape.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, algorithm 6.4.

    Examples
    --------
    >>> params = {"W1": np.zeros((3, 2)), "b1": np.zeros(2)}
    >>> _, cache = mlp_forward(np.array([[1.0, 2.0, 3.0]]), params)
    >>> mlp_backward(cache, params, np.array([[1.0, 0.0]]))["W1"]
    array([[-0.5,  0.5],
           [-1. ,  1. ],
           [-1.5,  1.5]])
    """
    depth = len(params) // 2
    grads = {}
    dZ = (cache[f"A{depth}"] - Y) / len(Y)  # (m, K); the only 1/m
    for layer in range(depth, 0, -1):
        A = cache[f"A{layer - 1}"]  # (m, fan_in): what came into this layer
        grads[f"W{layer}"] = A.T @ dZ  # (fan_in, m) @ (m, fan_out) -> (fan_in, fan_out)
        grads[f"b{layer}"] = dZ.sum(axis=0)  # (fan_out,)
        if layer > 1:  # before the first layer there is nothing to train
            dA = dZ @ params[f"W{layer}"].T  # (m, fan_out) @ (fan_out, fan_in) -> (m, fan_in)
            dZ = relu_backward(dA, cache[f"Z{layer - 1}"])  # (m, fan_in): the fan_out of the layer before
    return grads


def momentum_step(params, grads, velocity, learning_rate, beta):
    """One step of gradient descent with momentum: part of the step before goes on.

    .. math:: v \\leftarrow \\beta v - \\eta \\, \\mathrm{d}\\theta, \\qquad \\theta \\leftarrow \\theta + v

    Parameters
    ----------
    params, grads, velocity : dict of ndarray
        The same names in all, in any order. At the beginning the velocity is 0.
    learning_rate : float
        η.
    beta : float
        β, how much of the velocity is kept; 0 gives `sgd_step`.

    Returns
    -------
    params, velocity : dict of ndarray
        New arrays in new dicts.

    References
    ----------
    I. Sutskever, J. Martens, G. Dahl, G. Hinton, *On the importance of initialization and momentum in deep learning*,
    ICML 2013, equations 1 and 2.

    Examples
    --------
    >>> params, velocity = momentum_step({"b": np.ones(1)}, {"b": np.ones(1)}, {"b": np.full(1, 2.0)}, 0.5, 0.75)
    >>> params, velocity
    ({'b': array([2.])}, {'b': array([1.])})
    """
    # As Python floats the two numbers leave the type of the parameters alone.
    velocity = {name: float(beta) * velocity[name] - float(learning_rate) * grads[name] for name in params}
    return {name: params[name] + velocity[name] for name in params}, velocity


def train_mlp(X, y, sizes, learning_rate, batch_size, epochs, rng):
    """A network with ReLU layers and a softmax, trained by plain stochastic gradient descent.

    Parameters
    ----------
    X : ndarray, shape (m, d)
    y : ndarray of int, shape (m,)
        Labels 0 … K − 1.
    sizes : list of int
        d, then the width of each layer; the last one is K.
    learning_rate : float
    batch_size : int
        Samples in a batch; the last one of an epoch may be smaller.
    epochs : int
        How often every sample is used.
    rng : numpy.random.Generator
        Draws the first weights, then the order of the samples, afresh for every epoch.

    Returns
    -------
    params : dict of ndarray
        As `he_init` names them, of X's type.
    history : dict
        "loss" and "accuracy", shape (epochs,): the mean loss and the accuracy on all of X after each epoch.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, algorithm 8.1 and section 6.5.

    Examples
    --------
    >>> X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    >>> params, history = train_mlp(X, y, [2, 8, 2], 0.5, 2, 200, np.random.default_rng(0))
    >>> params["W1"].shape, float(history["accuracy"][-1])  # exclusive or, which no softmax classifier can do
    ((2, 8), 1.0)
    """
    Y = one_hot(y, sizes[-1]).astype(X.dtype)  # (m, K)
    params = {name: value.astype(X.dtype) for name, value in he_init(sizes, rng).items()}
    history = {"loss": np.empty(epochs), "accuracy": np.empty(epochs)}
    for epoch in range(epochs):
        for Xb, Yb in minibatches(X, Y, batch_size, rng):
            _, cache = mlp_forward(Xb, params)
            for name, gradient in mlp_backward(cache, params, Yb).items():
                gradient *= float(learning_rate)  # as sgd_step, but in place: these arrays are nobody else's
                params[name] -= gradient
        P, cache = mlp_forward(X, params)
        # From the logits: a probability may be too small for its type, and its logarithm −inf.
        history["loss"][epoch] = cross_entropy_from_logits(cache[f"Z{len(sizes) - 1}"], y)
        history["accuracy"][epoch] = accuracy(y, P)
    return params, history
