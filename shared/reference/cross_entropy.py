"""Notebook 3, cross-entropy: how wrong a prediction is, exactly, even when it is very wrong.

Every logarithm is natural, so losses and entropies are in nats. Where a weight is 0 its logarithm does not count:
0 log 0 is 0. Where a weight is above 0 and its probability is 0, the result is inf, which is the truth.
"""

import numpy as np

from shared.reference.softmax import log_softmax


def negative_log_likelihood(P, y):
    """The mean surprise at the true classes, from plain labels.

    .. math:: L = -\\frac1m \\sum_{i=1}^m \\log P_{i y_i}

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities.
    y : ndarray of int, shape (m,)
        Labels 0 … K − 1.

    Returns
    -------
    L : float
        What `cross_entropy` gives for the one-hot labels; inf where a true class has probability 0.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, equation 5.63, here with the sign turned
    and divided by m.

    Examples
    --------
    >>> float(negative_log_likelihood(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([0, 0])).round(4))
    0.3466
    """
    p = P[np.arange(len(y)), y]  # (m,), one entry of each row
    with np.errstate(divide="ignore"):  # log 0 = -inf is meant
        return 0 - np.log(p).mean()


def cross_entropy(P, Y):
    """The mean surprise at the true classes.

    .. math:: L = -\\frac1m \\sum_{i=1}^m \\sum_k Y_{ik} \\log P_{ik}

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities.
    Y : ndarray of floats, shape (m, K)
        One-hot labels, or soft ones: the true probabilities of the classes.

    Returns
    -------
    L : float
        At least 0; inf where a class with Y above 0 has probability 0.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006, equation 4.108, here divided by m.

    Examples
    --------
    >>> P = np.array([[0.5, 0.5], [1.0, 0.0]])
    >>> float(cross_entropy(P, np.array([[1.0, 0.0], [1.0, 0.0]])).round(4))
    0.3466
    >>> float(cross_entropy(P, np.array([[1.0, 0.0], [0.0, 1.0]])))
    inf
    """
    # 0 - x instead of -x: a perfect prediction costs 0.0, not -0.0.
    return 0 - _times_log(Y, P).sum(axis=1).mean()  # (m, K) -> (m,) -> scalar


def cross_entropy_from_logits(Z, y):
    """The mean surprise at the true classes, from logits of any size.

    .. math:: L = -\\frac1m \\sum_{i=1}^m \\bigl(\\log \\operatorname{softmax}(Z)\\bigr)_{i y_i}

    Parameters
    ----------
    Z : ndarray, shape (m, K)
        Logits, as for `shared.reference.softmax.softmax`.
    y : ndarray of int, shape (m,)
        Labels 0 … K − 1.

    Returns
    -------
    L : float
        Finite where the probability of a true class is too small for its type; inf only where its logit is −inf.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, MIT Press 2016, equation 6.30.

    Examples
    --------
    >>> float(cross_entropy_from_logits(np.array([[0.0, 1e4]]), np.array([0])))
    10000.0
    """
    return 0 - log_softmax(Z)[np.arange(len(y)), y].mean()  # (m, K) -> (m,) -> scalar


def entropy(P):
    """How uncertain each row of probabilities is.

    .. math:: H(p) = -\\sum_k p_k \\log p_k

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities.

    Returns
    -------
    H : ndarray, shape (m,)
        In nats: 0 for a certain row, log K for a uniform one.

    References
    ----------
    T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley 2006, equation 2.1.

    Examples
    --------
    >>> entropy(np.array([[1.0, 0.0], [0.5, 0.5]])).round(4)
    array([0.    , 0.6931])
    """
    return 0 - _times_log(P, P).sum(axis=1)  # (m, K) -> (m,)


def kl_divergence(P, Q):
    """How much more surprise each row of P costs somebody who believes in Q: cross-entropy less entropy.

    .. math:: D(p \\,\\|\\, q) = \\sum_k \\bigl(p_k \\log p_k - p_k \\log q_k\\bigr)

    Parameters
    ----------
    P, Q : ndarray, shape (m, K)
        Probabilities: the true ones and the believed ones.

    Returns
    -------
    D : ndarray, shape (m,)
        In nats: exactly 0 where the rows are equal; inf where Q has a 0 and P does not.

    References
    ----------
    T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd edition, Wiley 2006, equation 2.26.

    Examples
    --------
    >>> P, Q = np.array([[0.5, 0.5, 0.0]]), np.array([[0.25, 0.75, 0.0]])
    >>> kl_divergence(P, Q).round(4), kl_divergence(P, P), kl_divergence(np.array([[0.0, 0.0, 1.0]]), P)
    (array([0.1438]), array([0.]), array([inf]))
    """
    # Entry by entry: equal entries then cancel exactly. P / Q would overflow for a subnormal Q.
    return (_times_log(P, P) - _times_log(P, Q)).sum(axis=1)  # (m, K) -> (m,)


def mean_squared_error(P, Y):
    """The mean over all m · K entries of the squared error.

    .. math:: E = \\frac1{mK} \\sum_{i=1}^m \\sum_k (P_{ik} - Y_{ik})^2

    Parameters
    ----------
    P, Y : ndarray, shape (m, K)
        Probabilities, and labels as for `cross_entropy`.

    Returns
    -------
    E : float
        Between 0 and 2 / K.

    References
    ----------
    G. W. Brier, *Verification of forecasts expressed in terms of probability*, Monthly Weather Review 78 (1950),
    equation 2, which is K times this.

    Examples
    --------
    >>> float(mean_squared_error(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])))
    0.125
    """
    return ((P - Y) ** 2).mean()


def _times_log(A, B):
    """A log B, entry by entry: 0 where A is 0, whatever B is."""
    with np.errstate(divide="ignore"):  # log 0 = -inf is meant where A is above 0
        return A * np.log(np.where(A > 0, B, 1))  # log 1 = 0 stands in where A is 0
