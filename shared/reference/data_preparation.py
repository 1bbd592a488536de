"""Notebook 1, data preparation: from raw bytes to batches you can trust.

Rows are samples everywhere, until `to_columns` and `one_hot_columns` turn to the other layout.
"""

import math

import numpy as np

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def parse_idx(raw):
    """The array that the bytes of an IDX file hold.

    Parameters
    ----------
    raw : bytes
        Two zero bytes, a type code, the number of dimensions n, then n sizes of four bytes each, then the
        entries in C order; every number is big-endian. With n = 0 there is one entry.

    Returns
    -------
    array : ndarray
        The stored array, of the stored type, writable and in this machine's byte order.

    Raises
    ------
    ValueError
        If the first four bytes are not an IDX magic number, if the header is cut inside its sizes, or if the
        body is shorter or longer than the header says.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges, *The MNIST database of handwritten digits*, section "File formats".

    Examples
    --------
    >>> parse_idx(bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 7, 2, 1]))
    array([7, 2, 1], dtype=uint8)
    """
    if len(raw) < 4:
        raise ValueError(f"an IDX file begins with a magic number of 4 bytes, got {len(raw)} bytes in all")
    zeros, type_code, ndim = raw[:2], raw[2], raw[3]
    if zeros != b"\x00\x00":
        raise ValueError(f"an IDX magic number begins with two zero bytes, got {bytes(zeros).hex(' ')}")
    if type_code not in IDX_TYPES:
        known = ", ".join(f"0x{code:02X}" for code in IDX_TYPES)
        raise ValueError(f"the IDX type code must be one of {known}, got 0x{type_code:02X}")

    header = 4 + 4 * ndim
    if len(raw) < header:
        raise ValueError(f"an IDX header with {ndim} dimensions takes {header} bytes, got {len(raw)} in all")
    shape = tuple(int.from_bytes(raw[start : start + 4], "big") for start in range(4, header, 4))
    dtype = np.dtype(IDX_TYPES[type_code])
    expected = math.prod(shape) * dtype.itemsize
    if len(raw) - header != expected:
        raise ValueError(f"the IDX header says {shape} of {expected} bytes, got {len(raw) - header} bytes")

    # The buffer is read-only and big-endian; astype copies it into a native array.
    return np.frombuffer(raw[header:], dtype).reshape(shape).astype(dtype.newbyteorder("="))


def scale_and_flatten(images):
    """Images as rows of numbers between 0 and 1.

    Parameters
    ----------
    images : ndarray of uint8, shape (m, h, w)

    Returns
    -------
    X : ndarray of float32, shape (m, h * w)
        Every pixel divided by 255, row by row of the image (C order).

    Examples
    --------
    >>> scale_and_flatten(np.array([[[0, 51], [102, 255]]], dtype=np.uint8))
    array([[0. , 0.2, 0.4, 1. ]], dtype=float32)
    """
    m, h, w = images.shape
    return images.reshape(m, h * w).astype(np.float32) / 255  # (m, d)


def one_hot(y, num_classes):
    """Labels as rows with a single one.

    Parameters
    ----------
    y : ndarray of int, shape (m,)
        Labels 0 … num_classes − 1.
    num_classes : int
        K. It is given, not read off y: a batch need not contain every class.

    Returns
    -------
    Y : ndarray of float32, shape (m, K)

    Raises
    ------
    ValueError
        If a label lies outside 0 … num_classes − 1.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    y = np.asarray(y)
    outside = np.flatnonzero((y < 0) | (y >= num_classes))
    if outside.size:
        first = outside[0]
        raise ValueError(f"labels must lie in 0…{num_classes - 1}, got {y[first]} at index {first}")
    Y = np.zeros((len(y), num_classes), dtype=np.float32)  # (m, K)
    Y[np.arange(len(y)), y] = 1
    return Y


def train_validation_split(X, y, validation_fraction, rng):
    """Samples dealt at random into a training and a validation part.

    Parameters
    ----------
    X : ndarray, shape (m, …)
    y : ndarray, shape (m,)
    validation_fraction : float
        The share of the validation part, in [0, 1]; it gets ``round(m * validation_fraction)`` samples.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    X_train, y_train, X_val, y_val : ndarray
        Every sample once, each with its own label.

    Raises
    ------
    ValueError
        If the fraction lies outside [0, 1] or X and y have different lengths.

    Examples
    --------
    >>> X, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> X_train, y_train, X_val, y_val = train_validation_split(X, y, 0.4, np.random.default_rng(0))
    >>> len(y_train), len(y_val), sorted([*y_train, *y_val]) == [0, 1, 2, 3, 4]
    (3, 2, True)
    """
    if len(X) != len(y):
        raise ValueError(f"X and y must have the same length, got {len(X)} and {len(y)}")
    if not 0 <= validation_fraction <= 1:
        raise ValueError(f"validation_fraction must lie in [0, 1], got {validation_fraction}")
    order = rng.permutation(len(X))
    cut = round(len(X) * validation_fraction)
    val, train = order[:cut], order[cut:]
    return X[train], y[train], X[val], y[val]


def minibatches(X, Y, batch_size, rng):
    """One epoch: every sample once, in a fresh order, a batch at a time.

    Parameters
    ----------
    X, Y : ndarray, shapes (m, …)
        Samples and their labels, plain or one-hot.
    batch_size : int
        Samples in a batch; the last batch holds what is left.
    rng : numpy.random.Generator
        Each call draws a new order from it.

    Returns
    -------
    batches : iterator of (Xb, Yb)

    Raises
    ------
    ValueError
        If batch_size is less than 1 or X and Y have different lengths.

    Examples
    --------
    >>> X = np.arange(7)
    >>> [len(Xb) for Xb, Yb in minibatches(X, X, 3, np.random.default_rng(0))]
    [3, 3, 1]
    """
    if len(X) != len(Y):
        raise ValueError(f"X and Y must have the same length, got {len(X)} and {len(Y)}")
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    order = rng.permutation(len(X))
    batches = (order[start : start + batch_size] for start in range(0, len(X), batch_size))
    return ((X[batch], Y[batch]) for batch in batches)


def to_columns(X):
    """The same samples, one a column.

    Parameters
    ----------
    X : ndarray, shape (m, d)

    Returns
    -------
    columns : ndarray, shape (d, m)

    Examples
    --------
    >>> to_columns(np.array([[1, 2, 3], [4, 5, 6]]))
    array([[1, 4],
           [2, 5],
           [3, 6]])
    """
    return X.T  # (d, m)


def one_hot_columns(y, num_classes):
    """Labels as columns with a single one; arguments and errors as in `one_hot`.

    Returns
    -------
    columns : ndarray of float32, shape (K, m)

    Examples
    --------
    >>> one_hot_columns(np.array([2, 0]), 3)
    array([[0., 1.],
           [0., 0.],
           [1., 0.]], dtype=float32)
    """
    return one_hot(y, num_classes).T  # (K, m)


def accuracy(y, P):
    """The share of samples whose most probable class is their label.

    Parameters
    ----------
    y : ndarray of int, shape (m,)
        The labels of the very samples that P was computed from.
    P : ndarray, shape (m, K)

    Returns
    -------
    fraction : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If y and P have different lengths.

    Examples
    --------
    >>> accuracy(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]]))
    0.6666666666666666
    """
    if len(y) != len(P):
        raise ValueError(f"y and P must have the same length, got {len(y)} and {len(P)}")
    return float(np.mean(P.argmax(axis=1) == y))
