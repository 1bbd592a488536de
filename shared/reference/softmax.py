"""Notebook 2, the softmax forward pass: from logits to probabilities that never overflow.

One trick carries the module: softmax does not change when a constant is added to a row, so each row is shifted
until its largest logit is 0. Then every exponential lies in [0, 1], and every sum of a row in [1, K].
"""

import numpy as np


def linear_forward(X, W, b):
    """The logits of a linear model.

    Parameters
    ----------
    X : ndarray, shape (m, d)
        A batch, one sample a row.
    W : ndarray, shape (d, K)
        Weights, one class a column.
    b : ndarray, shape (K,)
        Biases; NumPy adds them to every row.

    Returns
    -------
    Z : ndarray, shape (m, K)
        Logits.

    Examples
    --------
    >>> X = np.array([[1.0, 2.0]])
    >>> W = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 3.0]])
    >>> linear_forward(X, W, np.array([0.5, 0.0, 0.0]))
    array([[1.5, 2. , 9. ]])
    """
    return X @ W + b  # (m, d) @ (d, K) + (K,) -> (m, K)


def softmax(Z):
    """Probabilities from logits, row by row.

    .. math:: P_{ij} = e^{Z_{ij} - \\max_k Z_{ik}} \\Big/ \\sum_l e^{Z_{il} - \\max_k Z_{ik}}

    Parameters
    ----------
    Z : ndarray, shape (m, K)
        Logits; integers are taken as float64. A logit of −inf rules a class out; a row needs one that is finite.

    Returns
    -------
    P : ndarray, shape (m, K)
        Probabilities; every row sums to 1.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, equation 4.1 and section 6.2.2.3.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [1000.0, -np.inf]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    E = np.exp(_shifted(Z))  # (m, K), each in [0, 1]
    return E / E.sum(axis=1, keepdims=True)  # (m, K) / (m, 1)


def log_softmax(Z):
    """Logarithms of the probabilities, never computed from the probabilities.

    .. math:: \\log P_{ij} = S_{ij} - \\log \\sum_l e^{S_{il}}, \\qquad S_{ij} = Z_{ij} - \\max_k Z_{ik}

    Parameters
    ----------
    Z : ndarray, shape (m, K)
        Logits, as for `softmax`.

    Returns
    -------
    log_P : ndarray, shape (m, K)
        Log-probabilities: exact where a probability is too small for its type, −inf where the logit is.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham, *Accurately computing the log-sum-exp and softmax functions*,
    IMA Journal of Numerical Analysis 41 (2021), equation 1.4.

    Examples
    --------
    >>> log_softmax(np.array([[0.0, 1000.0]]))
    array([[-1000.,     0.]])
    """
    S = _shifted(Z)  # (m, K), each at most 0
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))  # (m, K) - (m, 1)


def softmax_temperature(Z, temperature):
    """Softmax of Z / T: sharper for a temperature T below 1, flatter above.

    Parameters
    ----------
    Z : ndarray, shape (m, K)
        Logits, as for `softmax`.
    temperature : float
        T, positive.

    Returns
    -------
    P : ndarray, shape (m, K)
        Probabilities; every row sums to 1.

    Raises
    ------
    ValueError
        If the temperature is not positive.

    References
    ----------
    G. Hinton, O. Vinyals, J. Dean, *Distilling the knowledge in a neural network*, 2015, equation 1.

    Examples
    --------
    >>> softmax_temperature(np.array([[0.0, np.log(3.0)]]), 1.0).round(2)
    array([[0.25, 0.75]])
    >>> softmax_temperature(np.array([[0.0, np.log(3.0)]]), 0.5).round(2)
    array([[0.1, 0.9]])
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    # Shifted first, a quotient can only overflow to −inf, whose exponential is the right 0.
    # As a Python float the temperature leaves the type of the logits alone.
    with np.errstate(over="ignore"):
        return softmax(_shifted(Z) / float(temperature))


def softmax_columns(Z):
    """Softmax in the other layout, one sample a column.

    Parameters
    ----------
    Z : ndarray, shape (K, m)
        Logits.

    Returns
    -------
    P : ndarray, shape (K, m)
        Probabilities; every column sums to 1.

    Examples
    --------
    >>> softmax_columns(np.array([[0.0, 5.0], [0.0, 5.0]]))
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    return softmax(np.asarray(Z).T).T  # (K, m) -> (m, K) -> (K, m)


def predict(P):
    """The most probable class of every row.

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities, or anything with the same order, such as logits.

    Returns
    -------
    labels : ndarray of int, shape (m,)
        The lowest class where several are equally probable.

    Examples
    --------
    >>> predict(np.array([[0.2, 0.7, 0.1], [0.4, 0.2, 0.4]]))
    array([1, 0])
    """
    return np.asarray(P).argmax(axis=1)  # (m,)


def _shifted(Z):
    """Z as floating numbers, each row less its largest logit."""
    Z = np.asarray(Z)
    if not np.issubdtype(Z.dtype, np.floating):
        Z = Z.astype(np.float64)
    return Z - Z.max(axis=1, keepdims=True)  # (m, K) - (m, 1)
