"""What random functions promise, for `shared.checks.holds`: which draws they make is free, the rest is not.

A promise takes what a call returned and the arguments of the call. It gives None where it is kept, else a sentence
that goes on after the function's call. A sentence names what is wrong, not what happened to be drawn, so that the
same mistake made in two ways breaks a promise in the same words; it counts only what follows from the sizes.

Some promises take more than one call to see: `repeatable` and `afresh`. They get the results of all calls in a list,
and say which generators to call with; `calls` makes the calls. Every call gets a generator of its own, made on this
side, because a student's function may run in another process, which works on a copy: whether a generator was advanced
in place cannot be seen from here. So the second call of `afresh` gets the generator as a first one would leave it.
"""

import copy
import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterable

import numpy as np

from shared.wording import describe, kind

UNLIKELY = 1_000_000  # what happens by chance in one of so many cases is no accident
MOST_ITEMS = 100_000


# Promises about one call


def own_array(array, raw):
    """`parse_idx` gives an array that its caller can work with: writable, in this machine's byte order.

    From a function in another process it sees what was sent: most ways of sending make an array writable.

    Examples
    --------
    >>> own_array(np.frombuffer(b"ab", dtype=np.uint8), b"")
    'gives a read-only array, in which nobody can change an entry.'
    """
    if type(array) is not np.ndarray:
        return f"should give a NumPy array, but gives {_a(array)}."
    if not array.dtype.isnative:
        return f"gives entries in foreign byte order ({array.dtype.str}), which slows down all that follows."
    if not array.flags.writeable:
        return "gives a read-only array, in which nobody can change an entry."
    return None


def split(result, X, y, validation_fraction, rng):
    """`train_validation_split` deals every sample once, with its label, at random, into parts of the right size.

    Examples
    --------
    >>> X = y = np.arange(5)
    >>> split((X[:3], y[:3], X[4:], y[4:]), X, y, 0.2, None)
    'loses 1 of 5 samples.'
    """
    names = "X_train", "y_train", "X_val", "y_val"
    if not isinstance(result, tuple | list):
        return f"should return 4 arrays ({', '.join(names)}), but returns {_a(result)}."
    if len(result) != 4:
        return f"should return 4 arrays ({', '.join(names)}), but returns {len(result)} values."
    dimensions = [getattr(part, "ndim", None) for part in result]
    if X.ndim != y.ndim and dimensions == [X.ndim, X.ndim, y.ndim, y.ndim]:
        return "returns X_train, X_val, y_train, y_val; the order is X_train, y_train, X_val, y_val."
    for part, name, whole, whole_name in zip(result, names, (X, y, X, y), "XyXy", strict=True):
        if sentence := _unlike(part, name, whole, whole_name):
            return sentence

    X_train, y_train, X_val, y_val = result
    for name, X_part, y_part in ("train", X_train, y_train), ("val", X_val, y_val):
        if len(X_part) != len(y_part):
            return f"gives {len(X_part)} rows in X_{name}, but {len(y_part)} labels in y_{name}."
    m = len(X)
    cut = round(m * validation_fraction)
    if len(X_val) != cut:
        if (len(X_val), len(X_train)) == (m - cut, cut):
            return f"swaps the parts: it gives {m - cut} samples for validation and {cut} for training."
        return f"gives {len(X_val)} samples for validation; round(m * validation_fraction) is {cut}."

    in_training, in_validation = Counter(_rows(X_train)), Counter(_rows(X_val))
    if _distinct(X) and in_training & in_validation:
        if in_validation <= in_training:
            return "leaves every validation sample in the training part too."
        return "puts some samples into both parts."
    if sentence := _misdealt([(X_train, y_train), (X_val, y_val)], X, y, "y"):
        return sentence
    if _distinct(X) and _many_ways([cut, m - cut]):
        for where, rows in ("first", X[:cut]), ("last", X[m - cut :]):
            if in_validation == Counter(_rows(rows)):
                return f"does not shuffle: the validation part is the {where} {cut} rows of X."
    return None


def batches(result, X, Y, batch_size, rng):
    """`minibatches` gives every sample once, with its label, in a random order, in batches of the right size.

    Examples
    --------
    >>> X = Y = np.arange(5)
    >>> batches([(X[:2], Y[:2]), (X[2:4], Y[2:4])], X, Y, 2, None)
    'drops the last batch: 1 of 5 samples is lost.'
    """
    if isinstance(result, tuple | list) and len(result) == 2:
        if all(isinstance(part, np.ndarray) for part in result):
            return "returns a single batch, not one after the other."
        if all(isinstance(part, list) and part and isinstance(part[0], np.ndarray) for part in result):
            return "returns the batches of X and those of Y apart; each Xb goes with its Yb."
    if not isinstance(result, Iterable):
        return f"should give batches one after the other, but returns {_a(result)}."
    result = list(itertools.islice(result, MOST_ITEMS))
    for batch in result:
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            return f"should give pairs (Xb, Yb), but gives {_a(batch)}."
        for part, name, whole, whole_name in zip(batch, ("Xb", "Yb"), (X, Y), "XY", strict=True):
            if sentence := _unlike(part, name, whole, whole_name):
                return sentence
        if len(batch[0]) != len(batch[1]):
            return f"gives a batch with {len(batch[0])} rows of X, but {len(batch[1])} of Y."

    m = len(X)
    if sentence := _wrong_sizes([len(Xb) for Xb, _ in result], m, batch_size):
        return sentence
    if sentence := _misdealt(result, X, Y, "Y"):
        return sentence
    if not _distinct(X) or not _many_ways([1] * m):
        return None
    drawn = np.concatenate([Xb for Xb, _ in result])
    if _same(drawn, X):
        return "does not shuffle: the samples come in the order of X."
    if _many_ways([len(Xb) for Xb, _ in result]):
        slices = [Counter(_rows(X[start : start + batch_size])) for start in range(0, m, batch_size)]
        found = [Counter(_rows(Xb)) for Xb, _ in result]
        if found == slices:
            return "shuffles inside the batches only: which samples share a batch is not random."
        # With the shorter batch somewhere else, sizes would be wrong.
        if batch_size > 1 and all(each in slices for each in found):
            return "shuffles the batches, not the samples: neighbours in X stay together."
    return None


# Promises about several calls


def over(generators):
    """Decorate a promise about several calls; `generators(rng)` are those that the calls get, one each."""

    def decorate(promise):
        promise.generators = generators
        return promise

    return decorate


def calls(promise, function):
    """What to call for a promise: the function itself or, where it takes several calls to see, all of them at once.

    Parameters
    ----------
    promise : callable
    function : callable
        It is only called, with a generator of its own each time; so it may stand for one in another process.

    Returns
    -------
    function : callable
        It takes the same arguments, and for a promise about several calls returns the list of their results.

    Examples
    --------
    >>> draw = lambda rng: int(rng.integers(100))
    >>> first, second = calls(repeatable, draw)(np.random.default_rng(0))
    >>> first == second
    True
    """
    generators = getattr(promise, "generators", None)
    if generators is None:
        return function

    @functools.wraps(function, updated=())
    def all_calls(*args):
        (rng,) = (arg for arg in args if isinstance(arg, np.random.Generator))
        return [_drained(function(*(each if arg is rng else arg for arg in args))) for each in generators(rng)]

    return all_calls


def _equal(rng):
    return copy.deepcopy(rng), copy.deepcopy(rng)


def _advanced(rng):
    later = copy.deepcopy(rng)
    later.permutation(1000)
    return copy.deepcopy(rng), later


@over(_equal)
def repeatable(results, *args):
    """Equal generators give equal results: all randomness comes from `rng`.

    Examples
    --------
    >>> repeatable([np.arange(3), np.arange(3)])
    >>> repeatable([np.arange(3), np.ones(3)])
    'gives different results with equal generators: some randomness does not come from rng.'
    """
    first, second = results
    if _same(first, second):
        return None
    return "gives different results with equal generators: some randomness does not come from rng."


@over(_advanced)
def afresh(results, X, *args):
    """A call with the generator as an earlier call left it deals the samples differently.

    The result is that of `train_validation_split`, where only the parts count, or that of `minibatches`.

    Examples
    --------
    >>> X = np.arange(20)
    >>> afresh([[(X[::2], X[::2]), (X[1::2], X[1::2])]] * 2, X)
    'draws nothing: two calls give the same result, and every part is in the order of X.'
    """
    if not _distinct(X):
        return None
    is_split = all(len(result) == 4 and all(isinstance(part, np.ndarray) for part in result) for result in results)
    first, second = ([rows for rows, _ in _parts(result, is_split)] for result in results)
    many_parts = _many_ways([len(rows) for rows in first])
    many_results = many_parts if is_split else _many_ways([1] * len(X))
    if many_results and _same(first, second):
        place = {row: i for i, row in enumerate(_rows(X))}
        places = [[place[row] for row in _rows(part)] for part in first]
        if all(part == sorted(part) for part in places):
            return "draws nothing: two calls give the same result, and every part is in the order of X."
        return "draws nothing afresh: two calls, with different generators, give the same result."
    if many_parts and [set(_rows(part)) for part in first] == [set(_rows(part)) for part in second]:
        return "deals the samples into the same parts at every call: only their order inside the parts is drawn."
    return None


def _parts(result, is_split):
    return [result[:2], result[2:]] if is_split else result


def _drained(result):
    """An iterable as the list of what it yields; it must be used up before the next call."""
    if isinstance(result, tuple | list | np.ndarray) or not isinstance(result, Iterable):
        return result
    return [item for item in itertools.islice(result, MOST_ITEMS)]


# What they share


def _a(value):
    """A value in a few words; sentences must not depend on what was drawn."""
    return describe(value) if value is None else f"a value of type {type(value).__name__}"


def _unlike(part, name, whole, whole_name):
    """How a part differs from the whole in anything but its length."""
    if type(part) not in (np.ndarray, np.memmap):
        return f"should give {name} as a NumPy array, but gives {_a(part)}."
    if part.dtype != whole.dtype:
        return f"gives {name} as {part.dtype}, but {whole_name} is {whole.dtype}."
    if part.ndim != whole.ndim or part.shape[1:] != whole.shape[1:]:
        return f"gives {name} as {kind(part)}, but {whole_name} is {kind(whole)}."
    return None


def _wrong_sizes(sizes, m, batch_size):
    whole, rest = divmod(m, batch_size)
    expected = [batch_size] * whole + [rest] * (rest > 0)
    if sizes == expected:
        return None
    if sizes and sizes[-1] == 0 and sizes[:-1] == expected:
        return "ends with an empty batch."
    if 0 in sizes:
        return "gives an empty batch."
    if rest and sizes == expected[:-1]:
        return f"drops the last batch: {rest} of {m} samples {'is' if rest == 1 else 'are'} lost."
    if rest and sizes == [batch_size] * len(expected):
        return f"fills the last batch up to {batch_size} samples, though no more than {rest} should be left for it."
    if rest and whole and sizes == [*expected[:-2], batch_size + rest]:
        return f"adds what is left to the last batch, which then has {batch_size + rest} samples, above batch_size."
    if sorted(sizes) == sorted(expected):
        return f"gives the shorter batch, of {rest}, before the end; it comes last."
    if sizes and sum(sizes) == m and len(sizes) == batch_size:
        return f"gives batch_size batches ({batch_size}), not batches of that size."
    if sizes and len(set(sizes[:-1] or sizes)) == 1 and sizes[0] != expected[0]:
        return f"gives batches of {sizes[0]} samples instead of {expected[0]}."
    if sizes and len(sizes) == len(expected) and sum(sizes) == m:
        return f"gives batches of {min(sizes)} to {max(sizes)} samples; all but the last have {batch_size}."
    return f"gives {len(sizes)} batches with {sum(sizes)} samples; {len(expected)} with {m} are right."


def _misdealt(parts, X, Y, labels):
    """What is wrong where not every sample comes once with its label; `labels` is what Y is called."""
    m = len(X)
    if not m:
        return None
    found_X = np.concatenate([rows for rows, _ in parts])
    found_Y = np.concatenate([rows for _, rows in parts])
    wanted, found = Counter(_rows(X)), Counter(_rows(found_X))
    lost, extra = wanted - found, found - wanted
    if any(row not in wanted for row in extra):
        return "gives rows that X does not have."
    if lost and extra:
        return "gives some samples more than once and loses others."
    if extra:
        return "gives some samples more than once."
    if lost:
        return f"loses {lost.total()} of {m} samples."

    if Counter(zip(_rows(X), _rows(Y), strict=True)) == Counter(zip(_rows(found_X), _rows(found_Y), strict=True)):
        return None
    if Counter(_rows(Y)) != Counter(_rows(found_Y)):
        return f"gives other labels than {labels} holds."
    turned = parts[::-1] if len(parts) == 2 else parts  # a split may cut its validation part off the front
    for order in parts, turned:
        if _same(np.concatenate([rows for _, rows in order]), Y):
            return f"shuffles X, but leaves {labels} in its order: labels come to the wrong rows."
        if _same(np.concatenate([rows for rows, _ in order]), X):
            return f"shuffles {labels}, but leaves X in its order: labels come to the wrong rows."
    return f"tears the pairs apart: X and {labels} come in different orders."


def _rows(array):
    """The rows as something that can be counted."""
    return [row.tobytes() for row in array]


def _distinct(X):
    """Whether the order of the samples can be seen."""
    return len(set(_rows(X))) == len(X)


def _many_ways(sizes):
    """Whether samples can be dealt into parts of these sizes in so many ways that the same one twice is no accident."""
    logarithm = math.lgamma(sum(sizes) + 1) - sum(math.lgamma(size + 1) for size in sizes)
    return logarithm >= math.log(UNLIKELY)


def _same(one, other):
    """Whether two results are the same to the last bit."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)
