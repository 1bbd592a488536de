"""Notebook 4, the softmax Jacobian: derive it, code it, check it, and then avoid building it.

The Jacobian of a map from K to n numbers is the (n, K) array of all its derivatives. Softmax has a square one, whose
entries need nothing but the probabilities themselves. Backpropagation never asks for it: it asks for its product with
one vector, and that has a formula without a matrix.
"""

import numpy as np


def softmax_jacobian(p):
    """How each probability of one sample changes with each of its logits.

    .. math:: J_{ij} = \\frac{\\partial p_i}{\\partial z_j} = p_i (\\delta_{ij} - p_j)

    Parameters
    ----------
    p : ndarray, shape (K,)
        Probabilities: softmax of the logits z at which the derivatives are taken.

    Returns
    -------
    J : ndarray, shape (K, K)
        Symmetric; every row and every column sums to 0.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006, equation 4.106.

    Examples
    --------
    >>> softmax_jacobian(np.array([0.5, 0.25, 0.25]))
    array([[ 0.25  , -0.125 , -0.125 ],
           [-0.125 ,  0.1875, -0.0625],
           [-0.125 , -0.0625,  0.1875]])
    """
    delta = np.eye(len(p), dtype=p.dtype)  # (K, K), in the type of p: np.eye alone gives float64
    return p[:, np.newaxis] * (delta - p)  # (K, 1) * ((K, K) - (K,)): p_i down the rows, p_j along them


def batch_softmax_jacobian(P):
    """The Jacobians of all samples of a batch at once.

    .. math:: J_{sij} = P_{si} (\\delta_{ij} - P_{sj})

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities, one sample a row.

    Returns
    -------
    J : ndarray, shape (m, K, K)
        J[s] is `softmax_jacobian` of row s.

    References
    ----------
    C. M. Bishop, *Pattern Recognition and Machine Learning*, Springer 2006, equation 4.106, for every sample.

    Examples
    --------
    >>> batch_softmax_jacobian(np.array([[0.5, 0.5], [0.75, 0.25]]))
    array([[[ 0.25  , -0.25  ],
            [-0.25  ,  0.25  ]],
    <BLANKLINE>
           [[ 0.1875, -0.1875],
            [-0.1875,  0.1875]]])
    """
    delta = np.eye(P.shape[1], dtype=P.dtype)  # (K, K), shared by all samples
    return P[:, :, np.newaxis] * (delta - P[:, np.newaxis, :])  # (m, K, 1) * ((K, K) - (m, 1, K))


def numerical_jacobian(f, z, h=1e-5):
    """The Jacobian of any map, by central differences: without a formula for its derivatives.

    .. math:: J_{ij} = \\frac{f_i(z + h e_j) - f_i(z - h e_j)}{2h} + O(h^2)

    Parameters
    ----------
    f : callable
        A map from arrays of shape (K,) to arrays of shape (n,), for any n.
    z : ndarray, shape (K,)
        Where to differentiate. The steps are taken in float64, whatever the type of z: just above 1 the next float32
        is 1.2e-7 away, which spoils a step of 1e-5 in its third digit.
    h : float
        Step. A longer one leaves out more of the curvature, a shorter one loses more digits in the difference.

    Returns
    -------
    J : ndarray of float64, shape (n, K)
        One row for each result, one column for each coordinate of z.

    References
    ----------
    W. H. Press et al., *Numerical Recipes*, 3rd edition, Cambridge 2007, equation 5.7.7.

    Examples
    --------
    >>> numerical_jacobian(np.square, np.array([1.0, 3.0])).round(6)
    array([[2., 0.],
           [0., 6.]])
    >>> numerical_jacobian(np.diff, np.array([1.0, 4.0, 9.0])).round(6)
    array([[-1.,  1.,  0.],
           [ 0., -1.,  1.]])
    """
    steps = h * np.eye(len(z))  # (K, K) of float64: each row moves one coordinate, and z itself is never written to
    columns = [(f(z + step) - f(z - step)) / (2 * h) for step in steps]  # K of shape (n,)
    return np.stack(columns, axis=1, dtype=np.float64)  # (n, K)


def softmax_vjp(P, dP):
    """From dL/dP back to dL/dZ: the product of each gradient with its sample's Jacobian, which is never built.

    .. math:: dZ_{sj} = \\sum_i dP_{si} J_{sij} = P_{sj} \\Bigl(dP_{sj} - \\sum_i P_{si}\\, dP_{si}\\Bigr)

    Such a product is called a vector–Jacobian product. Here it takes time and memory for m · K numbers; all the
    Jacobians together hold m · K².

    Parameters
    ----------
    P : ndarray, shape (m, K)
        Probabilities: softmax of the rows of Z.
    dP : ndarray, shape (m, K)
        The gradient dL/dP of some scalar L.

    Returns
    -------
    dZ : ndarray, shape (m, K)
        The gradient dL/dZ; every row sums to 0.

    References
    ----------
    A. F. T. Martins, R. F. Astudillo, *From softmax to sparsemax*, ICML 2016, section 2.5.

    Examples
    --------
    >>> P, dP = np.array([[0.5, 0.25, 0.25]]), np.array([[4.0, 0.0, 8.0]])
    >>> softmax_vjp(P, dP)
    array([[ 0., -1.,  1.]])
    >>> dP @ softmax_jacobian(P[0])
    array([[ 0., -1.,  1.]])
    """
    mean = (P * dP).sum(axis=1, keepdims=True)  # (m, 1): the average of each row of dP, weighted by its probabilities
    return P * (dP - mean)  # (m, K) * ((m, K) - (m, 1))


def relative_error(a, b):
    """How far two arrays are apart, measured by the size of their entries.

    .. math:: \\max_i \\; \\frac{|a_i - b_i|}{\\max(|a_i| + |b_i|,\\; 10^{-8})}

    Parameters
    ----------
    a, b : ndarray, of one shape
        Such as a gradient from a formula and the same from differences.

    Returns
    -------
    error : float
        Between 0 and 1: that of the worst entry. The floor of 1e-8 keeps entries that are both 0 from giving 0/0.

    References
    ----------
    Stanford University, *CS231n*, assignment 1, where the function is called ``rel_error``.

    Examples
    --------
    >>> float(relative_error(np.array([1.0, 0.0, -3.0]), np.array([1.0, 0.0, -1.0])))
    0.5
    """
    size = np.maximum(np.abs(a) + np.abs(b), 1e-8)
    return np.max(np.abs(a - b) / size)
