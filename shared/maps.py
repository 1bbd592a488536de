"""Maps from a vector to a vector, for differentiating: what `numerical_jacobian` is tried on.

Test cells pass functions by their importable names, so these stand in a module. NumPy has more of them: np.tanh and
np.cumprod give as many numbers as they take, np.diff one fewer, np.poly one more.
"""

import numpy as np

from shared.reference.softmax import softmax


def softmax_of_vector(z):
    """Softmax of one sample: (K,) -> (K,).

    Parameters
    ----------
    z : ndarray, shape (K,)
        Logits.

    Returns
    -------
    p : ndarray, shape (K,)
        Probabilities.

    Examples
    --------
    >>> softmax_of_vector(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    return softmax(z[np.newaxis, :])[0]  # (K,) -> (1, K) -> (K,)


def log_sum_exp(z):
    """The logarithm of softmax's denominator, a single number: (K,) -> (1,). Its Jacobian is softmax, as one row.

    Parameters
    ----------
    z : ndarray, shape (K,)
        Logits.

    Returns
    -------
    s : ndarray, shape (1,)

    Examples
    --------
    >>> log_sum_exp(np.array([1000.0, 1000.0])).round(4)
    array([1000.6931])
    """
    return np.logaddexp.reduce(z, keepdims=True)  # (K,) -> (1,)


def products_of_pairs(z):
    """The product of every two coordinates: (K,) -> (K(K − 1)/2,), in the order 01, 02, …, 12, ….

    Parameters
    ----------
    z : ndarray, shape (K,)

    Returns
    -------
    products : ndarray, shape (K(K − 1)/2,)

    Examples
    --------
    >>> products_of_pairs(np.array([2.0, 3.0, 5.0, 7.0]))
    array([ 6., 10., 14., 15., 21., 35.])
    """
    first, second = np.triu_indices(len(z), k=1)
    return z[first] * z[second]
