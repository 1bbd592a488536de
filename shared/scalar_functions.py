"""Functions of an array that give one number: something to differentiate, with the gradients that paper gives.

A test cell hands them to `gradient_check`. They are importable by name, so that they can be sent to another process.
"""

import numpy as np


def sum_of_cubes(x):
    """The sum of all entries cubed; its gradient is 3x².

    Examples
    --------
    >>> float(sum_of_cubes(np.array([1.0, -2.0])))
    -7.0
    """
    return (x**3).sum()


def sum_of_exponentials(x):
    """The sum of e to four times each entry; its gradient is four times that power. Curved enough to show any haste.

    Examples
    --------
    >>> float(sum_of_exponentials(np.zeros((2, 3))))
    6.0
    """
    return np.exp(4 * x).sum()


def sum_of_log_sum_exp(Z):
    """The logarithms of the sums of exponentials of all rows, added up; the gradient is the softmax of each row.

    Examples
    --------
    >>> round(float(sum_of_log_sum_exp(np.zeros((2, 3)))), 4)
    2.1972
    """
    top = Z.max(axis=1, keepdims=True)
    return (top[:, 0] + np.log(np.exp(Z - top).sum(axis=1))).sum()
