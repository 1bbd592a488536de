"""Notebook 5, backpropagation: from the loss back to the weights, and training.

The loss is the mean over the batch, so its gradient carries 1/m. That factor enters once, where the loss is
differentiated; every later step of the chain rule passes it on and adds none of its own.
"""

import numpy as np

from shared.reference.cross_entropy import cross_entropy_from_logits
from shared.reference.data_preparation import accuracy, minibatches, one_hot
from shared.reference.softmax import linear_forward, softmax
from shared.reference.softmax_jacobian import relative_error


def cross_entropy_backward(P, Y):
    """The gradient of the mean cross-entropy with respect to the probabilities.

    .. math:: \\frac{\\partial L}{\\partial P_{ik}} = -\\frac{Y_{ik}}{m P_{ik}}

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities.
    Y : ndarray of floats, shape (m, K)
        One-hot labels, or soft ones.

    Returns
    -------
    dP : ndarray, shape (m, K)
        0 wherever Y is 0; −inf where a class with Y above 0 has probability 0.

    References
    ----------
    The derivative of C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006, equation 4.108, here
    divided by m.

    Examples
    --------
    >>> cross_entropy_backward(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    array([[ 0. , -1. ],
           [-0.5,  0. ]])
    """
    m = len(P)
    # Where Y is 0, a 1 stands in for P, which may be 0 there; where Y is above 0, −inf is meant.
    with np.errstate(divide="ignore", over="ignore"):
        return 0 - Y / (m * np.where(Y > 0, P, 1))  # (m, K); 0 − 0 is 0.0, not −0.0


def softmax_cross_entropy_backward(Z, Y):
    """The gradient of the mean cross-entropy of softmax(Z) with respect to the logits.

    .. math:: \\frac{\\partial L}{\\partial Z} = \\frac{P - Y}{m}, \\qquad P = \\operatorname{softmax}(Z)

    Parameters
    ----------
    Z : ndarray, shape (m, K)
        Logits, as for `shared.reference.softmax.softmax`.
    Y : ndarray of floats, shape (m, K)
        One-hot labels, or soft ones; each row sums to 1.

    Returns
    -------
    dZ : ndarray, shape (m, K)
        Every row sums to 0, and no entry is larger than 1/m.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006, equation 4.109 before it is multiplied
    by the features, here divided by m.

    Examples
    --------
    >>> softmax_cross_entropy_backward(np.array([[0.0, 0.0], [1e4, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([[-0.25,  0.25],
           [ 0.5 , -0.5 ]])
    """
    return (softmax(Z) - Y) / len(Z)  # (m, K)


def linear_backward(X, W, dZ):
    """The gradients of a loss with respect to all that goes into Z = XW + b.

    .. math:: \\mathrm{d}X = \\mathrm{d}Z\\,W^T, \\quad \\mathrm{d}W = X^T \\mathrm{d}Z,
        \\quad \\mathrm{d}b_k = \\sum_i \\mathrm{d}Z_{ik}

    Parameters
    ----------
    X : ndarray, shape (m, d)
        The batch that went forward.
    W : ndarray, shape (d, K)
        The weights that it met.
    dZ : ndarray, shape (m, K)
        The loss's gradient with respect to the logits. If it carries 1/m, so do the results.

    Returns
    -------
    dX : ndarray, shape (m, d)
    dW : ndarray, shape (d, K)
    db : ndarray, shape (K,)

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, section 6.5.6 on matrix products.

    Examples
    --------
    >>> X, W, dZ = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 3.0]]), np.array([[0.5, 0.0, -0.5]])
    >>> dX, dW, db = linear_backward(X, W, dZ)
    >>> dX
    array([[-1. , -1.5]])
    >>> dW
    array([[ 0.5,  0. , -0.5],
           [ 1. ,  0. , -1. ]])
    """
    dX = dZ @ W.T  # (m, K) @ (K, d) -> (m, d)
    dW = X.T @ dZ  # (d, m) @ (m, K) -> (d, K)
    db = dZ.sum(axis=0)  # (K,): b went into every row, so every row sends something back
    return dX, dW, db


def gradient_check(f, grad, x, rng, samples=20):
    """How far a claimed gradient is from central differences, at the worst of some random entries.

    .. math:: \\frac{\\partial f}{\\partial x_i} \\approx \\frac{f(x + h e_i) - f(x - h e_i)}{2h}, \\qquad h = 10^{-5}

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, gives a number.
    grad : ndarray, shape of x
        What is claimed to be the gradient of f at x.
    x : ndarray
    rng : numpy.random.Generator
        Draws the entries.
    samples : int
        How many different entries to look at; all of them if x has fewer.

    Returns
    -------
    error : float
        The largest relative error, between 0 and 1.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, section 11.5 on numerical derivatives.

    Examples
    --------
    >>> x, rng = np.array([[1.0, 2.0, 3.0]]), np.random.default_rng(0)
    >>> bool(gradient_check(lambda x: (x**3).sum(), 3 * x**2, x, rng) < 1e-7)
    True
    >>> float(gradient_check(lambda x: (x**3).sum(), x**2, x, rng).round(6))
    0.5
    """
    h = 1e-5
    x = np.array(x, dtype=np.float64)  # a copy: the caller's x stays as it is, and float32 cannot take such a step
    entries = rng.choice(x.size, min(samples, x.size), replace=False)
    numerical = np.empty(len(entries))
    for n, i in enumerate(entries):
        before = x.flat[i]
        x.flat[i] = before + h
        above = f(x)
        x.flat[i] = before - h
        below = f(x)
        x.flat[i] = before  # the next entry is to move alone
        numerical[n] = (above - below) / (2 * h)
    return relative_error(grad.flat[entries], numerical)


def sgd_step(params, grads, learning_rate):
    """One step of gradient descent: every parameter a little against its gradient.

    .. math:: \\theta \\leftarrow \\theta - \\eta \\, \\mathrm{d}\\theta

    Parameters
    ----------
    params, grads : dict of ndarray
        The same names in both, in any order.
    learning_rate : float
        η.

    Returns
    -------
    params : dict of ndarray
        New arrays in a new dict.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, algorithm 8.1.

    Examples
    --------
    >>> sgd_step({"W": np.array([1.0, 2.0])}, {"W": np.array([10.0, -10.0])}, 0.1)
    {'W': array([0., 3.])}
    """
    # As a Python float the rate leaves the type of the parameters alone.
    return {name: params[name] - float(learning_rate) * grads[name] for name in params}


def train_softmax_classifier(X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """Softmax regression, trained by plain stochastic gradient descent from zero.

    Parameters
    ----------
    X : ndarray, shape (m, d)
    y : ndarray of int, shape (m,)
        Labels 0 … num_classes − 1.
    num_classes : int
        K.
    learning_rate : float
    batch_size : int
        Samples in a batch; the last one of an epoch may be smaller.
    epochs : int
        How often every sample is used.
    rng : numpy.random.Generator
        Draws the order of the samples, afresh for every epoch.

    Returns
    -------
    params : dict
        "W", shape (d, K), and "b", shape (K,), of X's type.
    history : dict
        "loss" and "accuracy", shape (epochs,): the mean loss and the accuracy on all of X after each epoch.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006, section 4.3.4: the loss is convex, so
    zero is as good a start as any.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [3.0], [4.0]]), np.array([0, 0, 1, 1])
    >>> params, history = train_softmax_classifier(X, y, 2, 0.5, 2, 50, np.random.default_rng(0))
    >>> params["W"].shape, params["b"].shape, float(history["accuracy"][-1])
    ((1, 2), (2,), 1.0)
    """
    Y = one_hot(y, num_classes).astype(X.dtype)  # (m, K)
    params = {"W": np.zeros((X.shape[1], num_classes), X.dtype), "b": np.zeros(num_classes, X.dtype)}
    history = {"loss": np.empty(epochs), "accuracy": np.empty(epochs)}
    for epoch in range(epochs):
        for Xb, Yb in minibatches(X, Y, batch_size, rng):
            dZ = softmax_cross_entropy_backward(linear_forward(Xb, **params), Yb)
            # As linear_backward, without its dX: nothing before X is trained, and it costs as much as all the rest.
            grads = {"W": Xb.T @ dZ, "b": dZ.sum(axis=0)}
            params = sgd_step(params, grads, learning_rate)
        Z = linear_forward(X, **params)
        history["loss"][epoch] = cross_entropy_from_logits(Z, y)
        history["accuracy"][epoch] = accuracy(y, Z)  # the largest logit is the largest probability
    return params, history


def corrected_backward(Z, Y):
    """The bug hunt: dL/dZ, where the given code multiplied P − Y by the softmax Jacobian and dropped the 1/m.

    Parameters
    ----------
    Z : ndarray, shape (m, K)
        Logits.
    Y : ndarray of floats, shape (m, K)
        Labels, as for `softmax_cross_entropy_backward`.

    Returns
    -------
    dZ : ndarray, shape (m, K)

    Examples
    --------
    >>> corrected_backward(np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([[-0.25,  0.25],
           [ 0.25, -0.25]])
    """
    P = softmax(Z)  # (m, K)
    return (P - Y) / len(Z)  # the Jacobian is in P − Y already: it is what turns −Y/P into that


def predict_proba(X, params):
    """The probabilities that a trained classifier gives to new samples.

    Parameters
    ----------
    X : ndarray, shape (m, d)
    params : dict
        "W" and "b", as `train_softmax_classifier` returns them.

    Returns
    -------
    P : ndarray, shape (m, K)

    Examples
    --------
    >>> predict_proba(np.array([[1.0]]), {"W": np.zeros((1, 4)), "b": np.zeros(4)})
    array([[0.25, 0.25, 0.25, 0.25]])
    """
    return softmax(linear_forward(X, params["W"], params["b"]))
