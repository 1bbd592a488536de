"""What random functions promise, for `shared.checks.holds`: which draws they make is free, the rest is not.

A promise takes what a call returned and the arguments of the call. It gives None where it is kept, else a sentence
that goes on after the function's call. A sentence names what is wrong, not what happened to be drawn, so that the
same mistake made in two ways breaks a promise in the same words; it counts only what follows from the sizes.

Some promises take more than one call to see, such as `repeatable`, `afresh` and `follows_rng`. They get the results of
all calls in a list, and say which generators to call with; `calls` makes the calls. The generators are made on this
side, because a student's function may run in another process, which works on copies.

Where a network is trained, the weights that training starts from are drawn, and nobody says which ones. The same call
with a learning rate of 0 and an equal generator gives them; what comes of them is then known.

`afresh` hands one generator to three calls, as a loop over epochs does: a function that draws from a copy of it gives
the same three times. By value that cannot be told from a right function in another process, unless the process sends
the generator's state back. What stands in for a function in a process that does not is to say so, by an attribute
`on_copies = True`: then `calls` advances the generator itself, and a draw from a copy goes unseen.
"""

import copy
import functools
import itertools
import math
from collections import Counter

import numpy as np

from shared.wording import describe, kind

UNLIKELY = 1_000_000  # what happens by chance in one of so many cases is no accident
MOST_ITEMS = 100_000
IDX_TYPES = {8: np.uint8, 9: np.int8, 11: np.int16, 12: np.int32, 13: np.float32, 14: np.float64}


# Promises about one call


def own_array(array, raw):
    """`parse_idx` gives an array that its caller can work with: the stored type, native byte order, writable.

    From a function in another process it sees what was sent: most ways of sending make an array writable.

    Examples
    --------
    >>> own_array(np.frombuffer(b"ab", dtype=np.uint8), b"")
    'gives a read-only array, in which nobody can change an entry.'
    >>> own_array(np.array([7, 2]), bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 2]))
    'gives entries of type int64, but the file holds uint8.'
    """
    if type(array) is not np.ndarray:
        return f"should give a NumPy array, but gives {_a(array)}."
    if not array.dtype.isnative:
        return f"gives entries in foreign byte order ({array.dtype.str}), which slows down all that follows."
    stored = IDX_TYPES.get(raw[2]) if len(raw) > 2 else None
    if stored and array.dtype != stored:
        return f"gives entries of type {array.dtype}, but the file holds {np.dtype(stored)}."
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
        return f"gives {_samples(len(X_val))} for validation; round(m * validation_fraction) is {cut}."

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
        place = _places(X)
        if _in_few_blocks({place[row] for row in _rows(X_val)}, m):
            return "keeps neighbours in X together: the validation part is a block of X or a few, wherever they begin."
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
            # Two batches, each a list, look alike; then the second of each is a part of Y.
            pairs = all(len(part) == 2 and not _unlike(part[1], "Yb", Y, "Y") for part in result)
            if not pairs:
                return "returns the batches of X and those of Y apart; each Xb goes with its Yb."
    if not _can_be_looped_over(result):
        return f"should give batches one after the other, but returns {_a(result)}."
    result = list(itertools.islice(iter(result), MOST_ITEMS))
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
    if 2 * batch_size <= m and _many_followers(drawn, X, batch_size):
        return "keeps neighbours in X together: most samples still come after the one before them in X."
    return None


# Promises about several calls


def over(generators, before=None):
    """Decorate a promise about several calls; `generators(rng)` are those that the calls get, one each.

    Where `before` is given, each call comes after another one, with an equal generator and the arguments that
    `before` makes of the call's own.
    """

    def decorate(promise):
        promise.generators, promise.before = generators, before
        return promise

    return decorate


def calls(promise, function):
    """What to call for a promise: the function itself or, where it takes several calls to see, all of them at once.

    Parameters
    ----------
    promise : callable
    function : callable
        It is only called; so it may stand for one in another process. See the module about `on_copies`.

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
        results = []
        for each in generators(rng):
            if before := getattr(promise, "before", None):
                equal = copy.deepcopy(each)
                results.append(_drained(function(*(equal if arg is rng else arg for arg in before(*args)))))
            results.append(_drained(function(*(each if arg is rng else arg for arg in args))))
            if getattr(function, "on_copies", False):
                _advance(each)
        return results

    return all_calls


def _equal(rng):
    return copy.deepcopy(rng), copy.deepcopy(rng)


def _advance(rng):
    """Leave a generator as a call might that has drawn from it, or spawned others from it."""
    rng.permutation(1000)
    rng.spawn(1)


def _advanced(rng):
    """The generator, and two as earlier calls might have left it: the next draws of one are low, of the other high.

    So the first draw of all three is not the same by accident, not even that of `rng.integers(2)`.
    """
    others = []
    for low, high in (0, 0.2), (0.8, 1):
        other = copy.deepcopy(rng)
        _advance(other)
        while not all(low <= draw < high for draw in _next_draws(other)):
            _advance(other)
        others.append(other)
    return copy.deepcopy(rng), *others


def _next_draws(rng):
    """What a generator would draw next, between 0 and 1: as a float and as an integer."""
    return copy.deepcopy(rng).random(), copy.deepcopy(rng).integers(10_000) / 10_000


def _handed_on(rng):
    """One generator three times, as a loop over epochs hands it on, and then the others of `_advanced`."""
    first, *others = _advanced(rng)
    return first, first, first, *others


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
    if _alike(first, second):
        return None
    return "gives different results with equal generators: some randomness does not come from rng."


@over(_handed_on)
def afresh(results, X, *args):
    """Each call deals the samples differently, be it with the same generator as the call before or with another one.

    The results are those of `train_validation_split`, where only the parts count, or those of `minibatches`.

    Examples
    --------
    >>> X = np.arange(20)
    >>> afresh([[(X[::2], X[::2]), (X[1::2], X[1::2])]] * 5, X)
    'draws nothing: every call gives the same result, and every part is in the order of X.'
    """
    if not _distinct(X):
        return None
    is_split = all(len(result) == 4 and all(isinstance(part, np.ndarray) for part in result) for result in results)
    first, second, third, *others = ([rows for rows, _ in _parts(result, is_split)] for result in results)
    many_parts = _many_ways([len(rows) for rows in first])
    many_results = many_parts if is_split else _many_ways([1] * len(X))
    if many_results and _same(first, second) and _same(first, third):
        if not all(_same(first, other) for other in others):
            return "deals the samples alike when it gets the same generator again: it draws from a copy of rng."
        place = _places(X)
        places = [[place[row] for row in _rows(part)] for part in first]
        if all(part == sorted(part) for part in places):
            return "draws nothing: every call gives the same result, and every part is in the order of X."
        return "draws nothing afresh: every call gives the same result, whatever the generator."
    sets = [[set(_rows(part)) for part in result] for result in (first, second, third, *others)]
    if many_parts and all(each == sets[0] for each in sets):
        return "deals the samples into the same parts at every call: only their order inside the parts is drawn."
    return None


def _parts(result, is_split):
    return [result[:2], result[2:]] if is_split else result


def _drained(result):
    """An iterable as the list of what it yields; it must be used up before the next call."""
    is_array = isinstance(result, np.ndarray) and result.dtype != object
    if is_array or isinstance(result, tuple | list | dict) or not _can_be_looped_over(result):
        return result
    return [item for item in itertools.islice(iter(result), MOST_ITEMS)]


def _can_be_looped_over(result):
    """Whether a for loop takes it: `iter` also knows what has no `__iter__`, but an item for each index."""
    try:
        iter(result)
    except TypeError:
        return False
    return True


# Promises about a gradient check


def _many(rng):
    """40 different generators, and then the first ten again."""
    many = copy.deepcopy(rng).spawn(40)
    return [*many, *copy.deepcopy(many[:10])]


@over(_many)
def sampled(results, f, grad, x, rng, samples=20):
    """`gradient_check` looks at `samples` different entries of x, random ones, and gives their largest relative error.

    In `grad` every entry should be off by an amount of its own, as `off_by_steps` makes them: then a result says which
    entry was the worst that was looked at, and 40 results say how many were. Ten more calls, with generators equal to
    the first ones, must give equal results.

    Examples
    --------
    >>> x = np.arange(1.0, 31.0)
    >>> sampled([0.5] * 50, np.sum, off_by_steps(np.ones(30)), x, None, 3)
    'looks at all 30 entries of x, not at 3 of them.'
    """
    errors = np.sort(_errors(f, grad, x))[::-1]  # the worst first
    n, k = x.size, min(samples, x.size)
    ranks = []
    for result in results:
        if isinstance(result, bool | np.bool_) or not isinstance(result, int | float | np.number):
            return f"should give a single number, but gives {_a(result)}."
        near = np.flatnonzero(np.abs(errors - result) <= 1e-5)
        if not near.size:
            return "gives a number that is the relative error at no entry of x."
        ranks.append(int(near[0]))
    ranks, again = ranks[:40], ranks[40:]
    worst = max(ranks)
    if worst > n - k // 2:
        return f"looks at fewer than {k // 2} different entries of x, not at {k}."
    if worst > n - k:  # more entries are worse than there are left over
        return f"looks at fewer than {k} different entries of x."
    if len(set(ranks)) == 1 and (k / n) ** (len(ranks) - 1) * UNLIKELY < 1:
        if worst == 0:
            return f"looks at all {n} entries of x, not at {k} of them."
        return "looks at the same entries of x, whatever rng draws."
    # The chance that, of k entries, one at least is among the worst, every time.
    chance = (1 - math.comb(n - worst - 1, k) / math.comb(n, k)) ** len(ranks)
    if chance * UNLIKELY < 1:
        return f"looks at more than {k} entries of x."
    if ranks[: len(again)] != again:
        return "gives different results with equal generators: some randomness does not come from rng."
    return None


def confirms(error, f, grad, x, rng, samples=20):
    """`gradient_check` finds next to nothing wrong with a gradient that is right.

    How little is a matter of rounding, so that it cannot be compared with a reference's number.

    Examples
    --------
    >>> confirms(2e-10, np.sum, np.ones(3), np.zeros(3), None)
    >>> confirms(1e-3, np.sum, np.ones(3), np.zeros(3), None)
    'finds a relative error of more than 1e-6 in a gradient that is right.'
    """
    if isinstance(error, bool | np.bool_) or not isinstance(error, int | float | np.number):
        return f"should give a single number, but gives {_a(error)}."
    if error < 0:
        return "gives a negative number, though an error has no sign."
    return None if error <= 1e-6 else "finds a relative error of more than 1e-6 in a gradient that is right."


def off_by_steps(gradient):
    """A gradient that is wrong everywhere, with relative errors from 0.02 to 0.5, a different one at each entry.

    Examples
    --------
    >>> off_by_steps(np.array([1.0, 1.0])).round(3)
    array([1.041, 3.   ])
    """
    # In neither the order of the entries nor its reverse, so that the first ones are nothing special.
    steps = np.random.default_rng(0).permutation(np.linspace(0.02, 0.5, gradient.size)).reshape(gradient.shape)
    return gradient * (1 + steps) / (1 - steps)


def _errors(f, grad, x):
    """The relative error of a claimed gradient at each entry, against central differences."""
    errors = []
    for i, claimed in enumerate(grad.flat):
        ends = []
        for step in (1e-5, -1e-5):
            moved = np.array(x, dtype=np.float64)
            moved.flat[i] += step
            ends.append(f(moved))
        slope = (ends[0] - ends[1]) / 2e-5
        errors.append(abs(claimed - slope) / max(abs(claimed) + abs(slope), 1e-8))
    return np.array(errors)


# Promises about training. Their arithmetic is their own, in float64.

_NEAR = 1e-4  # relative: room for float32 and for another order of summation


def trained(result, X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """`train_softmax_classifier` gives parameters of the right form, and a history whose last entries are true of them.

    Examples
    --------
    >>> X, y = np.eye(3), np.array([0, 1, 1])
    >>> params = {"W": np.zeros((3, 2)), "b": np.zeros(2)}
    >>> trained((params, {"loss": [0.6931, 0.6931], "accuracy": [1 / 3, 100 / 3]}), X, y, 2, 0.1, 2, 2, None)
    'gives the accuracy as a percentage; it is a fraction.'
    """
    if sentence := _malformed(result, X, num_classes):
        return sentence
    params, history = result
    return _untrue(history, _scores(params, X, y), num_classes, batch_size, epochs)


def full_batch(result, X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """With all samples in one batch nothing is left to chance: parameters and history are those of gradient descent.

    The batch size must be at least the number of samples.

    Examples
    --------
    >>> X, y = np.array([[1.0], [3.0]]), np.array([0, 1])
    >>> params = {"W": np.array([[-1.0, 1.0]]), "b": np.zeros(2)}
    >>> full_batch((params, {"loss": [0.5], "accuracy": [0.5]}), X, y, 2, 1.0, 2, 1, None)
    'sums the gradient over a batch; it is the mean.'
    """
    if sentence := _malformed(result, X, num_classes):
        return sentence
    params, history = result
    if sentence := _wrong_history(history, len(X), batch_size, epochs):
        return sentence

    def path(steps, factor=1.0):
        return _descent(X, y, num_classes, learning_rate * factor, steps)

    m, K = len(X), num_classes
    right = path(epochs)
    if not _same_params(params, right[-1]):
        return _wrong_steps(params, right, path, m, K, learning_rate, epochs)
    losses = np.array([_scores(each, X, y)[0].mean() for each in right])  # before the first step, after it, and so on
    found = np.asarray(history["loss"], dtype=np.float64)
    if not np.isfinite(found).all() or _near(found, losses[1:]).all():
        return None
    if _near(found, losses[:-1]).all():
        return "measures the loss before the steps of each epoch, not after them."
    if _near(found[-1], losses[-1]):
        return "gives other losses for the earlier epochs than the parameters had after them."
    return "gives other losses than the parameters have."


def each_sample_counts(result, X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """Every epoch uses every sample once, in batches of the right size, each averaged over its own samples.

    It can be read off W where X is the identity, so that row i of W is moved by sample i alone, and the rate is small
    (1e-5), so that the probabilities stay at 1/K: row i is then rate · (Y_i − 1/K), divided by the size of the batch,
    summed over the epochs. With a short last batch it shows too which samples came into it.

    Examples
    --------
    >>> X, y, rate = np.eye(3), np.array([0, 1, 1]), 1e-5
    >>> steps = rate * (np.eye(4)[y] - 0.25) / 2
    >>> params = {"W": steps, "b": steps.sum(axis=0)}
    >>> each_sample_counts((params, {"loss": [1.4], "accuracy": [1.0]}), X, y, 4, rate, 2, 1, None)
    'divides the gradient of the last batch, of 1, by 2 too.'
    """
    if sentence := _malformed(result, X, num_classes):
        return sentence
    W, b = (result[0][name].astype(np.float64) / learning_rate for name in "Wb")
    m, K = len(X), num_classes
    if np.abs(W).max() > 20 * epochs * m:
        return f"gives W larger than {epochs} epochs at this rate can make it from 0."
    if not W.any():
        return "leaves W at 0."
    weights, directions = _weights(W, y)
    if not np.abs(W - weights[:, None] * directions).max() <= 1e-3 * np.abs(W).max():
        if len(set(y)) > 1 and (W.argmax(axis=1) != y).any() and (np.abs(W.sum(axis=1)) < 1e-3 * np.abs(W).max()).all():
            return "moves samples towards other labels than their own."
        return "moves W in another direction than against dL/dW."
    step = W.sum(axis=0)
    # Where every class has as many samples, both are 0 but for rounding.
    if not np.abs(b - step).max() <= 1e-3 * max(np.abs(b).max(), np.abs(step).max(), 1e-2 * np.abs(W).max()):
        if not b.any():
            return "never trains b."
        return "steps b by something else than the sum of the rows of dZ."

    return _miscounted("W", weights, m, K, batch_size, epochs)


@over(_advanced)
def follows_rng(results, X, y, num_classes, learning_rate, batch_size, epochs, rng):
    """With another generator the samples come in another order, so that W is another one.

    X and the rate are best those of `each_sample_counts`: then the sentence tells orders that are drawn from elsewhere
    from such as are not drawn.

    Examples
    --------
    >>> same = {"W": np.ones((30, 2)), "b": np.zeros(2)}, {"loss": [1.0], "accuracy": [0.5]}
    >>> follows_rng([same, same, same], np.eye(30), np.zeros(30, dtype=int), 2, 1.0, 20, 1, None)
    'does the same with different generators: nothing is drawn.'
    """
    for result in results:
        if sentence := _malformed(result, X, num_classes):
            return sentence
    m, size = len(X), min(batch_size, len(X))
    first, *others = (params for params, _ in results)
    if not _many_ways([m % size, m - m % size]) or not all(_near_all(first["W"], other["W"]) for other in others):
        return None
    if X.shape == (m, m):
        weights, _ = _weights(first["W"].astype(np.float64) / learning_rate, y)
        if _usual(weights, m, size, epochs) and not _same_batches(weights, m, size, m % size, epochs):
            return "draws orders, but the same ones with different generators."
    return "does the same with different generators: nothing is drawn."


@functools.cache  # one promise for an accuracy, so that what was said for it is found again
def learns(accuracy):
    """A promise that the trained parameters put at least this share of X into the right classes.

    Examples
    --------
    >>> params = {"W": np.zeros((3, 2)), "b": np.array([1.0, 0.0])}
    >>> promise = learns(0.9)
    >>> promise((params, {"loss": [1.0], "accuracy": [1.0]}), np.eye(3), np.array([0, 1, 1]), 2, 0.1, 2, 1, None)
    'should learn to answer 90 % of X rightly; its parameters do for 33 %.'
    """

    def learned(result, X, y, num_classes, learning_rate, batch_size, epochs, rng):
        if sentence := _malformed(result, X, num_classes):
            return sentence
        share = _scores(result[0], X, y)[1].mean()
        if share >= accuracy:
            return None
        return f"should learn to answer {accuracy:.0%} of X rightly; its parameters do for {share:.0%}.".replace(
            "%", " %"
        )

    return learned


def _malformed(result, X, num_classes):
    """As `_ill_formed`, for a softmax classifier."""
    return _ill_formed(result, {"W": (X.shape[1], num_classes), "b": (num_classes,)}, X.dtype)


def _ill_formed(result, shapes, dtype):
    """What is wrong with the form of `params, history`; values are not looked at but for nan."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        return f"should return params and history, but returns {_a(result)}."
    params, history = result
    for name, value, keys in ("params", params, set(shapes)), ("history", history, {"loss", "accuracy"}):
        if not isinstance(value, dict):
            return f"should give {name} as a dict, but gives {_a(value)}."
        if set(value) != keys:
            if set(history) == set(shapes):
                return "returns history and params; the order is params, history."
            wanted, found = (", ".join(map(repr, sorted(map(str, each)))) for each in (keys, value))
            return f"should give {name} with the keys {wanted}, but gives {found or 'none'}."
    for name, shape in shapes.items():
        if type(params[name]) is not np.ndarray:
            return f"should give {name} as a NumPy array, but gives {_a(params[name])}."
        if params[name].shape != shape:
            return f"gives {name} in the shape {params[name].shape}; it is {shape}."
        if params[name].dtype != dtype:
            return f"gives {name} as {params[name].dtype}, but X is {dtype}."
        if not np.isfinite(params[name]).all():
            return f"gives {name} with nan or inf in it."
    return None


def _untrue(history, scores, num_classes, batch_size, epochs):
    """What is wrong with a history whose last entries are to be true of parameters with these `_scores`."""
    losses, hits, unsure = scores
    if sentence := _wrong_history(history, len(losses), batch_size, epochs):
        return sentence
    if not np.isfinite(losses.mean()):
        return None
    m, loss, last = len(losses), losses.mean(), float(history["loss"][-1])
    if not _near(last, loss):
        for wrong, sentence in (
            (loss * m, "sums the loss over the samples; it is the mean."),
            (loss / num_classes, "averages the loss over all m · K entries; it is the mean over the samples."),
            (-loss, "gives the loss with the wrong sign."),
            (
                _mean_of_means(losses, batch_size),
                "averages the means of batches, so that samples of the short batch count for more than others.",
            ),
        ):
            if _near(last, wrong):
                return sentence
        if m % batch_size == 1 and _near(last, losses).any():
            return "gives as the last loss that of a single sample: the last batch is not all of X."
        return "gives a last loss that the returned parameters do not have on all of X."
    share, last, room = hits.mean(), float(history["accuracy"][-1]), (unsure + 0.01) / m
    if abs(last - share) > room:
        for wrong, sentence in (
            (100 * share, "gives the accuracy as a percentage; it is a fraction."),
            (m * share, "counts the right answers; the accuracy is their share."),
            (1 - share, "gives the share of wrong answers as the accuracy."),
        ):
            if abs(last - wrong) <= room * max(1, wrong):
                return sentence
        return "gives a last accuracy that the returned parameters do not have on all of X."
    return None


def _miscounted(name, weights, m, K, batch_size, epochs):
    """What is wrong where samples have counted for this much in the weights of that name; see `_weights`."""
    size = min(batch_size, m)
    rest = m % size
    if _usual(weights, m, size, epochs):
        return _same_batches(weights, m, size, rest, epochs)
    for number in range(1, epochs + 2):
        if _usual(weights, m, size, number):
            return f"trains for {number} epoch{'s' * (number > 1)} instead of {epochs}."
    # By what a step is divided, in the order in which one believes it.
    for factor, sentence in (
        (-1, "steps along the gradient, not against it: the loss grows."),
        (K, "averages the gradient over all entries of a batch; it is the mean over its samples."),
    ):
        if _usual(factor * weights, m, size, epochs):
            return sentence
    for counted, sentence in (
        (1, "sums the gradient over a batch or steps sample by sample; a step is against the mean of a batch."),
        (K, "divides by the number of classes instead of the number of samples in a batch."),
        (m, "counts every sample as if all of X were one batch."),
    ):
        if _near(weights * counted, epochs).all():
            return sentence
    in_batches = weights * size  # whole numbers, if all batches are divided by batch_size
    if rest and _near(in_batches, epochs).all():
        return f"divides the gradient of the last batch, of {rest}, by {size} too."
    whole = (np.abs(in_batches - in_batches.round()) < 1e-2).all() and (in_batches > -0.5).all()
    if rest and whole and in_batches.max() < epochs + 0.5 and round(in_batches.sum()) == epochs * (m - rest):
        return f"drops the last batch of every epoch: {rest} of {m} samples {'is' if rest == 1 else 'are'} not used."
    if whole and np.ptp(in_batches) > 0.5:
        return "does not use every sample once an epoch, in batches of batch_size."
    return f"moves {name} by other amounts than every sample once an epoch, at learning_rate, does."


def _wrong_history(history, m, batch_size, epochs):
    """What is wrong with the form of a history: each entry a line of numbers, one for every epoch."""
    for name, values in history.items():
        if not isinstance(values, list | tuple | np.ndarray) or np.ndim(values) != 1:
            return f"should give history[{name!r}] as one number after each epoch."
        if np.asarray(values).dtype.kind not in "fiu":
            return f"should give history[{name!r}] as plain numbers."
        if len(values) == epochs:
            continue
        found = f"gives {len(values)} number{'s' * (len(values) != 1)} in history[{name!r}] for {epochs} epochs"
        if len(values) == epochs + 1:
            return f"{found}: the first one after training comes after the first epoch."
        return f"{found}: one for each batch." if len(values) == epochs * -(-m // batch_size) else f"{found}."
    return None


def _scores(params, X, y):
    """For each sample its loss and whether it is answered rightly; and how many answers hang on rounding."""
    Z = X.astype(np.float64) @ params["W"].astype(np.float64) + params["b"]
    Z -= Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]
    unsure = int(((Z > -_NEAR).sum(axis=1) > 1).sum())
    return losses, Z.argmax(axis=1) == y, unsure


def _descent(X, y, num_classes, learning_rate, steps):
    """The parameters of gradient descent from 0 with all samples: before the first step, after it, and so on."""
    X, Y = X.astype(np.float64), np.eye(num_classes)[y]
    W, b = np.zeros((X.shape[1], num_classes)), np.zeros(num_classes)
    path = [{"W": W, "b": b}]
    for _ in range(steps):
        Z = X @ W + b
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        dZ = (E / E.sum(axis=1, keepdims=True) - Y) / len(X)
        W, b = W - learning_rate * X.T @ dZ, b - learning_rate * dZ.sum(axis=0)
        path.append({"W": W, "b": b})
    return path


def _wrong_steps(params, right, path, m, K, learning_rate, epochs):
    """The sentence for parameters that gradient descent with all samples does not give."""
    W, b = params["W"], params["b"]
    if _near_all(W, right[-1]["W"]) and not b.any():
        return "never trains b."
    for factor, sentence in (
        (m, "sums the gradient over a batch; it is the mean."),
        (m / K, "divides by the number of classes instead of the number of samples in a batch."),
        (1 / K, "averages the gradient over all entries of a batch; it is the mean over its samples."),
        (1 / m, "divides by the number of samples twice."),
        (-1, "steps along the gradient, not against it: the loss grows."),
        (1 / learning_rate, "makes steps that do not depend on learning_rate."),
    ):
        if _same_params(params, path(epochs, factor)[-1]):
            return sentence
    for steps, each in enumerate(path(epochs + 1)):
        if _same_params(params, each):
            return (
                f"ends where {steps} step{'s' * (steps != 1)} from 0 lead; {epochs} epochs of one batch take {epochs}."
            )
    flat = _NEAR * max(np.abs(W).max(), np.abs(b).max())
    if np.abs(W.sum(axis=1)).max() > 10 * flat:  # rows of dZ sum to 0, so rows of dW do, and db
        if abs(b.sum()) > 10 * flat:
            return "gives rows of W, and a b, that do not sum to 0, as those of dL/dW and dL/db do."
        return "gives rows of W that do not sum to 0, as they do after steps from 0."
    if not b.any():
        return "never trains b."
    return f"gives other parameters than {epochs} steps of gradient descent from 0."


def _weights(W, y):
    """How much each sample has counted for its row of W, and the directions (m, K) in which it moves that row."""
    K = W.shape[1]
    directions = np.eye(K)[y] - 1 / K
    return (W * directions).sum(axis=1) / (1 - 1 / K), directions


def _usual(weights, m, size, epochs):
    """Whether samples count as they should: each in every epoch 1/size, or 1/rest where it is in the short batch."""
    rest = m % size
    if not rest:
        return bool(_near(weights * size, epochs).all())
    times = (weights - epochs / size) / (1 / rest - 1 / size)  # in the short batch
    whole = (np.abs(times - times.round()) < 1e-2).all() and (times > -0.5).all() and (times < epochs + 0.5).all()
    return bool(whole and round(times.sum()) == epochs * rest)


def _same_batches(weights, m, size, rest, epochs):
    """The sentence for a short batch that holds the same samples in every epoch, where that is no accident."""
    if not rest:
        return None
    times = ((weights - epochs / size) / (1 / rest - 1 / size)).round()
    ways = math.comb(m, rest)
    if set(times) != {0, epochs}:
        return None
    (short,) = np.nonzero(times)
    if ways**epochs >= UNLIKELY and set(short) in ({*range(m - rest, m)}, {*range(rest)}):
        return "does not shuffle: the short batch holds neighbours in X in every epoch."
    if ways ** (epochs - 1) >= UNLIKELY:
        return "uses the same order in every epoch: the short batch always holds the same samples."
    return None


def _mean_of_means(losses, batch_size):
    return np.mean([losses[start : start + batch_size].mean() for start in range(0, len(losses), batch_size)])


def _near(found, expected):
    return np.abs(found - expected) <= _NEAR * np.maximum(np.abs(expected), 0.01)  # a loss next to 0 is mostly rounding


def _near_all(found, expected, least=0):
    return bool((np.abs(found - expected) <= _NEAR * max(np.abs(expected).max(), least)).all())


def _same_params(found, expected):
    least = 1e-3 * max(np.abs(each).max() for each in expected.values())  # b may be 0 but for rounding
    return all(_near_all(found[name], expected[name], least) for name in "Wb")


# Promises about networks: first weights, and training from wherever they are.


def _untrained(X, y, sizes, learning_rate, *others):
    """The arguments of `train_mlp` with which its parameters stay what they are at the start."""
    return X, y, sizes, 0.0, *others


def initialised(params, sizes, rng):
    """`he_init` draws each W from N(0, 2 / fan_in), all entries on their own, and leaves each b at 0.

    What is random may be about 5 standard errors away from where it should be.

    Examples
    --------
    >>> b = np.zeros(400, dtype=np.float32)
    >>> W = np.random.default_rng(0).uniform(0, 0.07, (400, 400)).astype(np.float32)
    >>> initialised({"W1": W, "b1": b}, [400, 400], None)
    'draws a W1 whose mean is not near 0.'
    """
    if sentence := _wrong_params(params, _mlp_shapes(sizes), np.dtype(np.float32)):
        return sentence
    for one, other in itertools.combinations(sorted(params), 2):
        if np.shares_memory(params[one], params[other]):
            return f"gives {one} and {other} the same memory: who changes one changes both."
    return _wrong_start(params, sizes)


@over(_handed_on)
def initialised_afresh(results, sizes, rng):
    """Each call of `he_init` draws every W anew, be it with the same generator as the call before or another one.

    Examples
    --------
    >>> results = [{"W1": np.ones((3, 2), np.float32), "b1": np.zeros(2, np.float32)} for _ in range(5)]
    >>> initialised_afresh(results, [3, 2], None)
    'draws nothing from rng: every call gives the same weights.'
    """
    shapes = _mlp_shapes(sizes)
    for params in results:
        if sentence := _wrong_params(params, shapes, np.dtype(np.float32)):
            return sentence
    if _in_the_same_memory(results):
        return _REUSED
    copied, fixed = [], []  # which W are the same again with the same generator, and which always
    for name in _weight_names(sizes):
        first, second, third, *others = (params[name] for params in results)
        if _alike(first, second) and _alike(first, third):
            (fixed if all(_alike(first, other) for other in others) else copied).append(name)
    if fixed:
        return f"draws nothing from rng{_for_some(fixed, sizes)}: every call gives the same weights."
    if copied:
        some = _for_some(copied, sizes)
        return f"gives the same weights{some} when it gets the same generator again: it draws from a copy of rng."
    return None


def mlp_trained(result, X, y, sizes, learning_rate, batch_size, epochs, rng):
    """`train_mlp` gives parameters of the right form, and a history whose last entries are true of them.

    Examples
    --------
    >>> params = {"W1": np.zeros((3, 2)), "b1": np.zeros(2)}
    >>> X, y, history = np.eye(3), np.array([0, 1, 1]), {"loss": [2.0794], "accuracy": [1 / 3]}
    >>> mlp_trained((params, history), X, y, [3, 2], 0.1, 2, 1, None)
    'sums the loss over the samples; it is the mean.'
    """
    if sentence := _ill_formed(result, _mlp_shapes(sizes), X.dtype):
        return sentence
    params, history = result
    return _untrue(history, _mlp_scores(params, X, y, sizes), sizes[-1], batch_size, epochs)


def mlp_start(result, X, y, sizes, learning_rate, batch_size, epochs, rng):
    """With a learning rate of 0 the parameters are what training starts from: weights as `he_init` draws them.

    Examples
    --------
    >>> params = {"W1": np.zeros((300, 2)), "b1": np.zeros(2)}
    >>> result = params, {"loss": [0.6931], "accuracy": [0.5]}
    >>> mlp_start(result, np.ones((2, 300)), np.array([0, 1]), [300, 2], 0.0, 2, 1, None)
    'starts from a W1 of zeros only.'
    """
    if sentence := _ill_formed(result, _mlp_shapes(sizes), X.dtype):
        return sentence
    sentence = _wrong_start(result[0], sizes)
    return sentence and sentence.replace("draws", "starts from", 1)


@over(_advanced)
def mlp_start_follows_rng(results, X, y, sizes, learning_rate, batch_size, epochs, rng):
    """With a learning rate of 0 and another generator every W is another one.

    Examples
    --------
    >>> history = {"loss": [0.6931], "accuracy": [0.5]}
    >>> same = [({"W1": np.ones((3, 2)), "b1": np.zeros(2)}, history) for _ in range(3)]
    >>> mlp_start_follows_rng(same, np.eye(3), np.array([0, 1, 1]), [3, 2], 0.0, 3, 1, None)
    'starts from the same weights with different generators.'
    """
    if sentence := _ill_formed_calls(results, X, sizes):
        return sentence
    (first, _), *others = results
    fixed = [name for name in _weight_names(sizes) if all(_alike(first[name], other[name]) for other, _ in others)]
    return f"starts from the same weights{_for_some(fixed, sizes)} with different generators." if fixed else None


@over(lambda rng: [copy.deepcopy(rng)], before=_untrained)
def mlp_full_batch(results, X, y, sizes, learning_rate, batch_size, epochs, rng):
    """With all samples in one batch, parameters and history are those of gradient descent from the start.

    The start is what a learning rate of 0 leaves. The batch size must be at least the number of samples.

    Examples
    --------
    >>> X, y, history = np.array([[1.0], [3.0]]), np.array([0, 1]), {"loss": [0.5], "accuracy": [0.5]}
    >>> start = {"W1": np.zeros((1, 2)), "b1": np.zeros(2)}, history
    >>> end = {"W1": np.array([[-1.0, 1.0]]), "b1": np.zeros(2)}, history
    >>> mlp_full_batch([start, end], X, y, [1, 2], 1.0, 2, 1, None)
    'sums the gradient over a batch; it is the mean.'
    """
    if sentence := _ill_formed_calls(results, X, sizes):
        return sentence
    (start, _), (params, history) = results
    if sentence := _wrong_history(history, len(X), batch_size, epochs):
        return sentence

    def path(steps, factor=1.0, **mistake):
        return _mlp_descent(start, X, y, sizes, learning_rate * factor, steps, **mistake)

    right = path(epochs)
    if wrong := _elsewhere(params, right[-1], start):
        return _wrong_mlp_steps(params, wrong, path, start, len(X), sizes[-1], epochs)
    scores = [_mlp_scores(each, X, y, sizes) for each in right]  # before the first step, after it, and so on
    losses = np.array([each.mean() for each, _, _ in scores])
    found = np.asarray(history["loss"], dtype=np.float64)
    if not _near(found, losses[1:]).all() and _near(found, losses[:-1]).all():
        return "measures the loss before the steps of each epoch, not after them."
    if not np.isfinite(found).all():
        return "gives a loss that is inf or nan, though no logit is."
    if sentence := _untrue(history, scores[-1], sizes[-1], batch_size, epochs):
        return sentence
    if not _near(found, losses[1:]).all():
        return "gives other losses for the earlier epochs than the parameters had after them."
    for share, (_, hits, unsure) in zip(history["accuracy"], scores[1:], strict=True):
        if abs(float(share) - hits.mean()) > (unsure + 0.01) / len(X):
            return "gives other accuracies for the earlier epochs than the parameters had after them."
    return None


@over(lambda rng: [copy.deepcopy(rng)], before=_untrained)
def mlp_each_sample_counts(results, X, y, sizes, learning_rate, batch_size, epochs, rng):
    """Every epoch uses every sample once, in batches of the right size, each averaged over its own samples.

    To be asked, as `each_sample_counts`, with the identity for X, in float64, one layer and a rate of 1e-5: row i of W
    is moved by sample i alone, as far as its label is from the probabilities at the start.

    Examples
    --------
    >>> X, y = np.eye(3), np.array([0, 1, 1])
    >>> start, history = {"W1": np.zeros((3, 4)), "b1": np.zeros(4)}, {"loss": [1.4], "accuracy": [1.0]}
    >>> steps = 1e-5 * (np.eye(4)[y] - 0.25) / 2
    >>> end = {"W1": steps, "b1": steps.sum(axis=0)}
    >>> mlp_each_sample_counts([(start, history), (end, history)], X, y, [3, 4], 1e-5, 2, 1, None)
    'divides the gradient of the last batch, of 1, by 2 too.'
    """
    if sentence := _ill_formed_calls(results, X, sizes):
        return sentence
    (start, _), (params, _) = results
    weights, moved, directions = _mlp_weights(start, params, y, learning_rate)
    if not moved.any():
        return "leaves W1 at its start."
    if not np.abs(moved - weights[:, None] * directions).max() <= 1e-3 * np.abs(moved).max():
        return "moves W1 in another direction than against dL/dW1."
    return _miscounted("W1", weights, len(X), sizes[-1], batch_size, epochs)


@over(_advanced, before=_untrained)
def mlp_follows_rng(results, X, y, sizes, learning_rate, batch_size, epochs, rng):
    """With another generator both the first weights and the order of the samples are others.

    X, the rate and the sizes must be those of `mlp_each_sample_counts`.

    Examples
    --------
    >>> history = {"loss": [1.0], "accuracy": [0.5]}
    >>> same = [({"W1": np.ones((3, 2)), "b1": np.zeros(2)}, history) for _ in range(6)]
    >>> mlp_follows_rng(same, np.eye(3), np.array([0, 1, 1]), [3, 2], 1e-5, 2, 1, None)
    'starts from the same weights with different generators.'
    """
    if sentence := _ill_formed_calls(results, X, sizes):
        return sentence
    starts, ends = results[::2], results[1::2]
    if all(_alike(starts[0][0], each[0]) for each in starts):
        return "starts from the same weights with different generators."
    m, size = len(X), min(batch_size, len(X))
    if not _many_ways([m % size, m - m % size]):
        return None
    weights = [_mlp_weights(start[0], end[0], y, learning_rate)[0] for start, end in zip(starts, ends, strict=True)]
    if not all(np.abs(each - weights[0]).max() <= 1e-3 * np.abs(weights[0]).max() for each in weights):
        return None
    if _usual(weights[0], m, size, epochs) and not _same_batches(weights[0], m, size, m % size, epochs):
        return "draws orders, but the same ones with different generators."
    return "takes the samples in the same order with different generators."


@functools.cache  # one promise for an accuracy, so that what was said for it is found again
def mlp_learns(accuracy):
    """A promise that the trained network puts at least this share of X into the right classes.

    Examples
    --------
    >>> params = {"W1": np.zeros((3, 2)), "b1": np.array([1.0, 0.0])}
    >>> X, y, history = np.eye(3), np.array([0, 1, 1]), {"loss": [1.0], "accuracy": [1.0]}
    >>> mlp_learns(0.9)((params, history), X, y, [3, 2], 0.1, 2, 1, None)
    'should learn to answer 90 % of X rightly; its parameters do for 33 %.'
    """

    def learned(result, X, y, sizes, learning_rate, batch_size, epochs, rng):
        if sentence := _ill_formed(result, _mlp_shapes(sizes), X.dtype):
            return sentence
        share = _mlp_scores(result[0], X, y, sizes)[1].mean()
        if share >= accuracy:
            return None
        return f"should learn to answer {accuracy:.0%} of X rightly; its parameters do for {share:.0%}.".replace(
            "%", " %"
        )

    return learned


_REUSED = "returns the same arrays at every call: what it returned before changes."


def _ill_formed_calls(results, X, sizes):
    """As `_ill_formed`, for what several calls of `train_mlp` returned."""
    for result in results:
        if sentence := _ill_formed(result, _mlp_shapes(sizes), X.dtype):
            return sentence
    return _REUSED if _in_the_same_memory([params for params, _ in results]) else None


def _in_the_same_memory(results):
    """Whether any parameter that a call returned is kept where another call's is; all have the same names."""
    pairs = itertools.combinations(results, 2)
    return any(np.shares_memory(one[name], other[name]) for one, other in pairs for name in one)


def _weight_names(sizes):
    return [name for name in _mlp_shapes(sizes) if name[0] == "W"]


def _for_some(names, sizes):
    """For which weights something holds, in words; nothing where it does for all."""
    return "" if len(names) == len(sizes) - 1 else f" for {', '.join(names)}"


def _mlp_shapes(sizes):
    """What shape each parameter of a network has, by its name."""
    shapes = {}
    for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes), start=1):
        shapes[f"W{layer}"], shapes[f"b{layer}"] = (fan_in, fan_out), (fan_out,)
    return shapes


def _wrong_params(params, shapes, dtype):
    """What is wrong with the form of first parameters."""
    if not isinstance(params, dict):
        return f"should give params as a dict, but gives {_a(params)}."
    if set(params) != set(shapes):
        wanted, found = (", ".join(map(repr, sorted(map(str, each)))) for each in (shapes, params))
        return f"should give params with the keys {wanted}, but gives {found or 'none'}."
    for name, shape in shapes.items():
        if type(params[name]) is not np.ndarray:
            return f"should give {name} as a NumPy array, but gives {_a(params[name])}."
        if params[name].shape != shape:
            return f"gives {name} in the shape {params[name].shape}; it is {shape}."
        if params[name].dtype != dtype:
            return f"gives {name} as {params[name].dtype}; it is {dtype}."
        if not np.isfinite(params[name]).all():
            return f"gives {name} with nan or inf in it."
    return None


def _wrong_start(params, sizes):
    """What is wrong with the values of first parameters; a sentence with the word "draws" in it."""
    earlier = None
    for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes), start=1):
        b, columns = params[f"b{layer}"], params[f"W{layer}"]
        if b.any():
            equal = "equal numbers" if fan_out > 1 and (b == b[0]).all() else "numbers"
            return f"draws a b{layer} of {equal} other than 0."
        W = columns.astype(np.float64).ravel()
        n, variance = W.size, 2 / fan_in
        if not W.any():
            return f"draws a W{layer} of zeros only."
        if n > 1 and (W == W[0]).all():
            return f"draws a W{layer} of equal numbers only."
        if fan_out > 1 and (columns == columns[:, :1]).all():
            return f"draws a W{layer} whose columns are all the same."
        if n >= 100 and len(np.unique(W)) < 0.9 * n:
            return f"draws a W{layer} with the same numbers in it again and again."
        if abs(W.mean()) > 5 * max(W.std(), variance**0.5) / n**0.5:
            return f"draws a W{layer} whose mean is not near 0."
        found = (W**2).mean()
        spread = 2 * (math.log(UNLIKELY) / n) ** 0.5  # the tails of χ², after B. Laurent and P. Massart (2000)
        # How far it is from each variance that a mistake gives; what may be right is not a mistake.
        known = (
            (1 / fan_in, "1 / fan_in"),
            (2 / fan_in**2, "2 / fan_in²"),
            (2 / (3 * fan_in), "2 / (3 fan_in)"),
            (1 / (3 * fan_in), "1 / (3 fan_in)"),
            (2 / fan_out, "2 / fan_out"),
            (1 / fan_out, "1 / fan_out"),
            (2 / (fan_in + fan_out), "2 / (fan_in + fan_out)"),
            (variance**2, "(2 / fan_in)²"),
            (variance**0.5, "√(2 / fan_in)"),
            (2 / sizes[0], f"2 / {sizes[0]}, which is right for W1"),
            (1.0, "1"),
            (1e-4, "0.0001"),
        )
        if not _about(found, variance, spread):
            wanted, words = min(known, key=lambda each: abs(math.log(found / each[0])))
            if _about(found, wanted, spread):
                return f"draws a W{layer} of variance {words}; it is 2 / fan_in."
            return f"draws a W{layer} whose variance is {'above' if found > variance else 'below'} 2 / fan_in."
        share = 0.0455003  # of a normal distribution, beyond two standard deviations
        if n >= 1000 and abs(np.mean(np.abs(W) > 2 * variance**0.5) - share) > 5 * (share * (1 - share) / n) ** 0.5:
            return f"draws a W{layer} of the right variance, but not from a normal distribution."
        # The fourth moment is 3 in units of the variance squared, with a standard error of √(24 / n); and of 70,000
        # numbers the largest is below 3.7 standard deviations once in four million cases.
        far = n >= 10_000 and abs((W**4).mean() / found**2 - 3) > 6 * (24 / n) ** 0.5
        if far or n >= 70_000 and np.abs(W).max() < 3.7 * found**0.5:
            return f"draws a W{layer} of the right variance, but not from a normal distribution."
        if earlier is not None and (k := min(n, earlier.size)) >= 100:
            one, other = earlier[:k] / earlier[:k].std(), W[:k] / W[:k].std()
            if abs((one * other).mean()) > 0.9:
                return f"draws the same numbers for W{layer} as for the layer before, but for their size."
        earlier = W
    return None


def _about(found, wanted, spread):
    """Whether a mean square may be what was wanted: the upper tail is the longer one."""
    return -spread <= found / wanted - 1 <= spread + spread**2 / 2


def _activations(params, X, sizes):
    """What each layer of a network gives, in float64, X first; the last ones are logits."""
    A = [X.astype(np.float64)]
    for layer in range(1, len(sizes)):
        Z = A[-1] @ params[f"W{layer}"].astype(np.float64) + params[f"b{layer}"]
        A.append(Z if layer == len(sizes) - 1 else np.maximum(Z, 0))
    return A


def _mlp_scores(params, X, y, sizes):
    """As `_scores`, for a network."""
    last = len(sizes) - 1
    A = _activations(params, X, sizes)[-2]
    return _scores({"W": params[f"W{last}"], "b": params[f"b{last}"]}, A, y)


def _mlp_descent(start, X, y, sizes, learning_rate, steps, left_of_zero=0.0, stepped_first=False):
    """The parameters of gradient descent with all samples: at the start, after the first step, and so on.

    On request with a mistake: ReLU has another derivative left of 0 on the way back (and at 0), or the gradient passes
    back through weights that have made their step already.
    """
    Y = np.eye(sizes[-1])[y]
    params = {name: value.astype(np.float64) for name, value in start.items()}
    path = [params]
    for _ in range(steps):
        A = _activations(params, X, sizes)
        E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
        dZ, new = (E / E.sum(axis=1, keepdims=True) - Y) / len(X), {}
        for layer in range(len(sizes) - 1, 0, -1):
            new[f"W{layer}"] = params[f"W{layer}"] - learning_rate * A[layer - 1].T @ dZ
            new[f"b{layer}"] = params[f"b{layer}"] - learning_rate * dZ.sum(axis=0)
            dA = dZ @ (new if stepped_first else params)[f"W{layer}"].T
            dZ = np.where(A[layer - 1] > 0, dA, left_of_zero * dA)
        params = new
        path.append(params)
    return path


def _elsewhere(found, expected, start):
    """The names of parameters that are not where they should be, measured by how far all had to go."""
    way = max(np.abs(expected[name] - start[name]).max() for name in expected)
    wrong = []
    for name in expected:
        room = _NEAR * way + 1e-6 * np.abs(expected[name]).max()
        if not np.abs(found[name] - expected[name]).max() <= room:
            wrong.append(name)
    return sorted(wrong)


def _wrong_mlp_steps(params, wrong, path, start, m, K, epochs):
    """The sentence for parameters that gradient descent with all samples does not lead to."""
    if still := [name for name in wrong if np.array_equal(params[name], start[name])]:
        return f"never trains {', '.join(still)}."
    for factor, sentence in (
        (m, "sums the gradient over a batch; it is the mean."),
        (m / K, "divides by the number of classes instead of the number of samples in a batch."),
        (1 / K, "averages the gradient over all entries of a batch; it is the mean over its samples."),
        (1 / m, "divides by the number of samples twice."),
        (-1, "steps along the gradient, not against it: the loss grows."),
    ):
        if not _elsewhere(params, path(epochs, factor)[-1], start):
            return sentence
    for mistake, sentence in (
        ({"left_of_zero": 1}, "passes gradients back as if there were no ReLU."),
        ({"left_of_zero": 0.01}, "passes gradients back through a leaky ReLU, of slope 0.01 where Z is not positive."),
        ({"stepped_first": True}, "takes gradients back through a W that has made its step already."),
    ):
        if not _elsewhere(params, path(epochs, **mistake)[-1], start):
            return sentence
    for steps, each in enumerate(path(epochs + 1)):
        if not _elsewhere(params, each, start):
            return f"ends where {steps} step{'s' * (steps != 1)} lead; {epochs} epochs of one batch take {epochs}."
    steps = f"{epochs} step{'s' * (epochs != 1)}"
    return f"leads to another {', '.join(wrong)} than {steps} of gradient descent from its start."


def _mlp_weights(start, params, y, learning_rate):
    """As `_weights`, for one layer that starts anywhere; also how far W1 has moved, and in which directions it should.

    How far, in units of the rate.
    """
    W, Z = (each.astype(np.float64) for each in (start["W1"], start["W1"] + start["b1"]))  # X is the identity
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    directions = np.eye(W.shape[1])[y] - E / E.sum(axis=1, keepdims=True)
    moved = (params["W1"] - W) / learning_rate
    return (moved * directions).sum(axis=1) / (directions**2).sum(axis=1), moved, directions


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
        return f"loses {lost.total()} of {_samples(m)}."

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


def _samples(count):
    return f"{count} sample{'s' * (count != 1)}"


def _rows(array):
    """The rows as something that can be counted."""
    return [row.tobytes() for row in array]


def _places(X):
    """For each row, where it is in X; the rows must be distinct."""
    return {row: i for i, row in enumerate(_rows(X))}


def _in_few_blocks(places, m):
    """Whether some of m places, on a ring, lie together in so few blocks that it is no accident."""
    n = len(places)
    blocks = sum((place + 1) % m not in places for place in places)
    ways = sum(m * math.comb(n - 1, k - 1) * math.comb(m - n - 1, k - 1) // k for k in range(1, blocks + 1))
    return ways * UNLIKELY < math.comb(m, n)


def _many_followers(drawn, X, batch_size):
    """Whether many samples come right after the one before them in X, or right before it.

    In a random order that is one in m. Where somebody sorts each batch it is one for each of its other samples.
    """
    place = _places(X)
    m = len(X)
    steps = np.diff([place[row] for row in _rows(drawn)]) % m
    most = max(np.count_nonzero(steps == 1), np.count_nonzero(steps == m - 1))
    return most >= max(10, m * (batch_size / m + 0.3))


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


def _alike(one, other):
    """Whether two results are the same up to rounding, which threads of one library may do in different orders."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, np.ndarray) and one.dtype.kind == "f" and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        room = 1e-5 * np.abs(one[np.isfinite(one)]).max(initial=0)
        return bool(np.isclose(one, other, rtol=0, atol=room, equal_nan=True).all())
    if isinstance(one, float | np.floating) and isinstance(other, float | np.floating):
        return bool(np.isclose(one, other, rtol=1e-5, atol=1e-12, equal_nan=True))
    return _same(one, other)
