"""What goes wrong in notebook 3, cross-entropy."""

import numpy as np

from shared.misconceptions import misconception, probe
from shared.reference import cross_entropy as reference
from shared.reference.data_preparation import one_hot
from shared.reference.softmax import softmax

_rng = np.random.default_rng(3)
_Z = _rng.normal(0, 3, (6, 4))
_far_apart = np.array([[1e4, 0.0, -1e4], [-1e4, -9999.0, -1e4]], dtype=np.float32)  # rows far from each other
_P = softmax(_Z)
_Q = _rng.dirichlet(np.ones(4), 6)
_y = np.array([0, 3, 1, 2, 3, 1], dtype=np.uint8)
_Y = one_hot(_y, 4)  # float32
_soft = _rng.dirichlet(np.ones(4), 6)
_zeros = np.array([[1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.5, 0.5], [0.5, 0.25, 0.25]])
_labels_of_zeros = np.array([0, 1, 2, 0])  # no true class with probability 0
_tiny = np.array([[1e-300, 1.0], [0.5, 0.5], [1.0, 1e-20]])
_impossible = np.array([[0.0, 1.0], [0.5, 0.5], [0.25, 0.75]])
_halves = np.full((3, 2), 0.5)
_certain = np.eye(4)[[2, 0, 3]]
_small = _rng.dirichlet(np.ones(3), 3)  # as many rows as classes
_certain_of_the_other = np.full((300, 2), [1e-20, 1.0])  # the product of the column underflows
_many_labels = _rng.integers(0, 10, 300, dtype=np.uint8)
_many = _rng.dirichlet(np.ones(10), 300)
_wide = _rng.dirichlet(np.ones(300), 2)  # labels that no int8 or uint8 holds


def _single(*arrays):
    return [array.astype(np.float32) for array in arrays]


# cross_entropy

probe(reference.cross_entropy, _P, _Y)  # float64 and float32
probe(reference.cross_entropy, *_single(_P, _Y))
probe(reference.cross_entropy, _P, _soft)
probe(reference.cross_entropy, _zeros, one_hot(_labels_of_zeros, 3))
probe(reference.cross_entropy, _zeros, 0.5 * _zeros + 0.5 * np.eye(3)[_labels_of_zeros])  # soft, with 0 log 0
probe(reference.cross_entropy, _tiny, one_hot(np.array([0, 0, 1]), 2))
probe(reference.cross_entropy, _impossible, one_hot(np.array([0, 0, 1]), 2))
probe(reference.cross_entropy, _certain, _certain)  # exactly 0: shows any epsilon
probe(reference.cross_entropy, np.full((1, 10), 0.1), one_hot(np.array([7]), 10))
for _some in (
    (_certain_of_the_other, np.eye(2)[np.zeros(300, dtype=int)]),
    (np.array([[1e-300, 1.0]]), np.array([[1.0, 0.0]], dtype=np.float32)),
    (np.array([[0.0, 1.0]]), np.array([[1e-9, 1 - 1e-9]])),  # inf, however rare
    (np.array([[0.0, 1.0, 0.0]]), np.array([[0.5, 0.5, 0.0]])),
    (np.array([[1e-200, 1.0, 0.0]]), np.array([[0.25, 0.75, 0.0]])),
    (np.array([[1e-30, 1.0], [1.0, 0.0]], dtype=np.float32), np.eye(2)[[0, 0]]),
    (np.array([[0.0, 1.0], [0.0, 1.0]], dtype=np.float32), np.eye(2)[[1, 0]]),
    (np.array([[1 - 1e-9, 1e-9]]), np.array([[1.0, 0.0]])),
    (
        np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.25, 0.25]]),
        np.array([[0.75, 0.25, 0.0], [0.0, 0.25, 0.75], [0.75, 0.125, 0.125]]),
    ),
    (_small, _small[::-1]),
):
    probe(reference.cross_entropy, *_some, costly=True)


@misconception(
    reference.cross_entropy,
    "epsilon in the log",
    "1e-5 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def epsilon_1e5(P, Y):
    return -np.sum(Y * np.log(P + 1e-5)) / len(P)


@misconception(
    reference.cross_entropy,
    "epsilon in the log",
    "1e-8 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def epsilon_1e8(P, Y):
    return -np.sum(Y * np.log(P + 1e-8)) / len(P)


@misconception(
    reference.cross_entropy,
    "epsilon in the log",
    "1e-9 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def epsilon_1e9(P, Y):
    return -np.sum(Y * np.log(P + 1e-9)) / len(P)


@misconception(
    reference.cross_entropy,
    "epsilon in the log",
    "1e-12 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def epsilon_1e12(P, Y):
    return -np.sum(Y * np.log(P + 1e-12)) / len(P)


@misconception(
    reference.cross_entropy,
    "probabilities clipped",
    "the probabilities are kept between 1e-15 and 1 − 1e-15 before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def clipped_1e15(P, Y):
    return -np.sum(Y * np.log(np.clip(P, 1e-15, 1 - 1e-15))) / len(P)


@misconception(
    reference.cross_entropy,
    "probabilities clipped",
    "the probabilities are kept above 1e-7 before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def clipped_1e7(P, Y):
    return -np.sum(Y * np.log(np.maximum(P, 1e-7))) / len(P)


@misconception(
    reference.cross_entropy,
    "sum instead of mean",
    "the losses of the samples are summed and not divided by m",
    "should the loss double when a batch is doubled?",
)
def summed(P, Y):
    return -np.sum(Y * np.log(np.where(Y > 0, P, 1)))


@misconception(
    reference.cross_entropy,
    "sum instead of mean",
    "the losses of the samples are summed and not divided by m",
    "should the loss double when a batch is doubled?",
)
def summed_carelessly(P, Y):
    return -np.sum(Y * np.log(P))


@misconception(
    reference.cross_entropy,
    "mean over all entries",
    "the sum is divided by all m · K entries",
    "by how many numbers do you divide, and how many samples are there?",
)
def mean_of_entries(P, Y):
    return -np.mean(Y * np.log(np.where(Y > 0, P, 1)))


@misconception(
    reference.cross_entropy,
    "mean over all entries",
    "the sum is divided by all m · K entries",
    "by how many numbers do you divide, and how many samples are there?",
)
def mean_of_entries_carelessly(P, Y):
    return -np.mean(Y * np.log(P))


@misconception(
    reference.cross_entropy,
    "divided by the number of classes",
    "the sum is divided by K instead of m: the axes are exchanged",
    "which axis runs along the classes of one sample?",
)
def divided_by_classes(P, Y):
    return -np.mean(np.sum(Y * np.log(np.where(Y > 0, P, 1)), axis=0))


@misconception(
    reference.cross_entropy,
    "divided by the number of classes",
    "the sum is divided by K instead of m: the axes are exchanged",
    "does shape[0] or shape[1] count the samples?",
)
def divided_by_classes_carelessly(P, Y):
    return -np.sum(Y * np.log(P)) / P.shape[1]


@misconception(
    reference.cross_entropy,
    "one loss a sample",
    "the losses of the samples are returned without their mean",
    "how many numbers should come back for a batch?",
)
def one_loss_each(P, Y):
    return -np.sum(Y * np.log(np.where(Y > 0, P, 1)), axis=1)


@misconception(
    reference.cross_entropy,
    "zero times infinity",
    "a class with Y = 0 and P = 0 gives 0 · (−inf), which is nan",
    "which entries of log P does the sum need at all?",
)
def zero_times_infinity(P, Y):
    return -np.sum(Y * np.log(P)) / len(P)


@misconception(
    reference.cross_entropy,
    "nan painted over",
    "nan_to_num turns −inf into the largest number of its type before the sum",
    "what does nan_to_num make of −inf, and should an infinite loss be finite?",
)
def painted_over(P, Y):
    return -np.sum(Y * np.nan_to_num(np.log(P))) / len(P)


@misconception(
    reference.cross_entropy,
    "nan painted over",
    "a loss that came out as nan or inf is replaced by a number",
    "which loss does a batch with one certain and right prediction get from you?",
)
def loss_painted_over(P, Y):
    return np.nan_to_num(-np.sum(Y * np.log(P)) / len(P))


@misconception(
    reference.cross_entropy,
    "impossible classes left out",
    "every class with probability 0 is left out of the sum, a true one too",
    "what should it cost to call the truth impossible?",
)
def impossible_left_out(P, Y):
    return -np.sum(Y * np.log(np.where(P > 0, P, 1))) / len(P)


@misconception(
    reference.cross_entropy,
    "logarithm to base 2",
    "the logarithm is taken to base 2",
    "what does np.log2(np.e) give, and what should log e be?",
)
def base_two(P, Y):
    return -np.sum(Y * np.log2(np.where(Y > 0, P, 1))) / len(P)


@misconception(
    reference.cross_entropy,
    "logarithm to base 10",
    "the logarithm is taken to base 10",
    "what does np.log10(np.e) give, and what should log e be?",
)
def base_ten(P, Y):
    return -np.sum(Y * np.log10(np.where(Y > 0, P, 1))) / len(P)


@misconception(
    reference.cross_entropy,
    "sign forgotten",
    "the minus sign is missing",
    "is the logarithm of a number below 1 positive or negative?",
)
def sign_forgotten(P, Y):
    return np.sum(Y * np.log(np.where(Y > 0, P, 1))) / len(P)


@misconception(
    reference.cross_entropy,
    "logarithm forgotten",
    "the probabilities of the true classes are averaged without a logarithm",
    "what should a perfect prediction cost?",
)
def logarithm_forgotten(P, Y):
    return -np.sum(Y * P) / len(P)


@misconception(
    reference.cross_entropy,
    "logarithm after the mean",
    "the mean is taken of the probabilities, and the logarithm of that mean",
    "is the log of a mean the mean of the logs?",
)
def logarithm_after_mean(P, Y):
    return -np.log(np.mean(np.sum(Y * P, axis=1)))


@misconception(
    reference.cross_entropy,
    "only the predicted class",
    "the largest probability of each row is taken, whatever the label",
    "what does a model pay that is sure and wrong?",
)
def predicted_class(P, Y):
    return -np.mean(np.log(P.max(axis=1)))


@misconception(
    reference.cross_entropy,
    "soft labels rounded",
    "only the class with the largest Y counts",
    "what does Y = (0.6, 0.4) say that Y = (1, 0) does not?",
)
def soft_labels_rounded(P, Y):
    return -np.mean(np.log(P[np.arange(len(P)), Y.argmax(axis=1)]))


@misconception(
    reference.cross_entropy,
    "arguments exchanged",
    "the logarithm is taken of Y and weighted with P",
    "which of the two, P or Y, stands inside the logarithm?",
)
def exchanged(P, Y):
    return -np.sum(P * np.log(np.where(P > 0, Y, 1))) / len(P)


@misconception(
    reference.cross_entropy,
    "both outcomes of every class",
    "each class also adds (1 − Y) log(1 − P), as if it were a yes-or-no question of its own",
    "which entries of P does the formula use where Y is one-hot?",
)
def both_outcomes(P, Y):
    terms = Y * np.log(np.where(Y > 0, P, 1)) + (1 - Y) * np.log(np.where(Y < 1, 1 - P, 1))
    return -np.sum(terms) / len(P)


@misconception(
    reference.cross_entropy,
    "softmax once more",
    "P goes through softmax again",
    "are the entries of P logits or probabilities?",
)
def softmax_once_more(P, Y):
    return -np.sum(Y * (P - np.log(np.exp(P).sum(axis=1, keepdims=True)))) / len(P)


@misconception(
    reference.cross_entropy,
    "always float32",
    "the probabilities are turned into float32",
    "how many digits does a float32 keep, and how many has P?",
)
def cross_entropy_in_float32(P, Y):
    return -np.sum(Y * np.log(np.where(Y > 0, P.astype(np.float32), 1))) / len(P)


@misconception(
    reference.cross_entropy,
    "probabilities changed in place",
    "the caller's P is overwritten on the way",
    "what does P[…] = … do to the array that was passed in?",
)
def in_place(P, Y):
    P[Y == 0] = 1
    return -np.sum(Y * np.log(P)) / len(P)


# negative_log_likelihood

probe(reference.negative_log_likelihood, _P, _y)
probe(reference.negative_log_likelihood, *_single(_P), _y.astype(np.int64))
probe(reference.negative_log_likelihood, _zeros, _labels_of_zeros)
probe(reference.negative_log_likelihood, _tiny, np.array([0, 0, 1]))
probe(reference.negative_log_likelihood, _impossible, np.array([0, 0, 1]))
probe(reference.negative_log_likelihood, _certain, np.array([2, 0, 3]))  # exactly 0: shows any epsilon
probe(reference.negative_log_likelihood, np.full((1, 10), 0.1), np.array([7]))
for _some in (
    (_many, _many_labels),
    (_certain_of_the_other, np.zeros(300, dtype=np.uint8)),
    (_wide.astype(np.float32), np.array([299, 150])),
    (_small, np.array([2, 1, 0])),
    (np.array([[0.25, 0.5, 0.25]]), np.array([0], dtype=np.int8)),
):
    probe(reference.negative_log_likelihood, *_some, costly=True)


@misconception(
    reference.negative_log_likelihood,
    "epsilon in the log",
    "1e-5 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def nll_epsilon_1e5(P, y):
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-5))


@misconception(
    reference.negative_log_likelihood,
    "epsilon in the log",
    "1e-8 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def nll_epsilon_1e8(P, y):
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-8))


@misconception(
    reference.negative_log_likelihood,
    "epsilon in the log",
    "1e-9 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def nll_epsilon_1e9(P, y):
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-9))


@misconception(
    reference.negative_log_likelihood,
    "epsilon in the log",
    "1e-12 is added to the probabilities before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def nll_epsilon_1e12(P, y):
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-12))


@misconception(
    reference.negative_log_likelihood,
    "probabilities clipped",
    "the probabilities are kept between 1e-15 and 1 − 1e-15 before the logarithm",
    "what should it cost to give the truth probability 0, and what does your code say?",
)
def nll_clipped(P, y):
    return -np.mean(np.log(np.clip(P[np.arange(len(y)), y], 1e-15, 1 - 1e-15)))


@misconception(
    reference.negative_log_likelihood,
    "labels select whole columns",
    "P[:, y] takes, for every sample, the classes of all labels",
    "what shape has P[:, y], and how many probabilities do you need from each row?",
)
def nll_whole_columns(P, y):
    return -np.mean(np.log(P[:, y]))


@misconception(
    reference.negative_log_likelihood,
    "labels select whole rows",
    "P[y] takes the rows with the numbers of the labels",
    "does a label name a row of P or a column?",
)
def nll_whole_rows(P, y):
    return -np.mean(np.log(P[y]))


@misconception(
    reference.negative_log_likelihood,
    "labels counted from 1",
    "1 is subtracted from the labels",
    "which column of P belongs to the digit 0?",
)
def nll_counted_from_one(P, y):
    return -np.mean(np.log(P[np.arange(len(y)), y.astype(int) - 1]))


@misconception(
    reference.negative_log_likelihood,
    "only the predicted class",
    "the largest probability of each row is taken, whatever the label",
    "what does a model pay that is sure and wrong?",
)
def nll_predicted_class(P, y):
    return -np.mean(np.log(P.max(axis=1)))


@misconception(
    reference.negative_log_likelihood,
    "sum instead of mean",
    "the losses of the samples are summed and not divided by m",
    "should the loss double when a batch is doubled?",
)
def nll_summed(P, y):
    return -np.sum(np.log(P[np.arange(len(y)), y]))


@misconception(
    reference.negative_log_likelihood,
    "mean over all entries",
    "the sum is divided by all m · K entries",
    "by how many numbers do you divide, and how many samples are there?",
)
def nll_divided_by_entries(P, y):
    return -np.sum(np.log(P[np.arange(len(y)), y])) / P.size


@misconception(
    reference.negative_log_likelihood,
    "one loss a sample",
    "the losses of the samples are returned without their mean",
    "how many numbers should come back for a batch?",
)
def nll_one_loss_each(P, y):
    return -np.log(P[np.arange(len(y)), y])


@misconception(
    reference.negative_log_likelihood,
    "sign forgotten",
    "the minus sign is missing",
    "is the logarithm of a number below 1 positive or negative?",
)
def nll_sign_forgotten(P, y):
    return np.mean(np.log(P[np.arange(len(y)), y]))


@misconception(
    reference.negative_log_likelihood,
    "logarithm to base 2",
    "the logarithm is taken to base 2",
    "what does np.log2(np.e) give, and what should log e be?",
)
def nll_base_two(P, y):
    return -np.mean(np.log2(P[np.arange(len(y)), y]))


@misconception(
    reference.negative_log_likelihood,
    "logarithm to base 10",
    "the logarithm is taken to base 10",
    "what does np.log10(np.e) give, and what should log e be?",
)
def nll_base_ten(P, y):
    return -np.mean(np.log10(P[np.arange(len(y)), y]))


@misconception(
    reference.negative_log_likelihood,
    "logarithm after the mean",
    "the mean is taken of the probabilities, and the logarithm of that mean",
    "is the log of a mean the mean of the logs?",
)
def nll_logarithm_after_mean(P, y):
    return -np.log(np.mean(P[np.arange(len(y)), y]))


@misconception(
    reference.negative_log_likelihood,
    "logarithm forgotten",
    "the probabilities of the true classes are averaged without a logarithm",
    "what should a perfect prediction cost?",
)
def nll_logarithm_forgotten(P, y):
    return -np.mean(P[np.arange(len(y)), y])


@misconception(
    reference.negative_log_likelihood,
    "infinity painted over",
    "an infinite loss is replaced by a large number",
    "what should it cost to call the truth impossible?",
)
def nll_painted_over(P, y):
    return -np.mean(np.nan_to_num(np.log(P[np.arange(len(y)), y])))


@misconception(
    reference.negative_log_likelihood,
    "impossible classes left out",
    "a true class with probability 0 is left out of the sum",
    "what should it cost to call the truth impossible?",
)
def nll_impossible_left_out(P, y):
    p = P[np.arange(len(y)), y]
    return -np.mean(np.log(np.where(p > 0, p, 1)))


@misconception(
    reference.negative_log_likelihood,
    "softmax once more",
    "P goes through softmax again",
    "are the entries of P logits or probabilities?",
)
def nll_softmax_once_more(P, y):
    log_P = P - np.log(np.exp(P).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.negative_log_likelihood,
    "probabilities changed in place",
    "the logarithm is written into the caller's P",
    "what does out=P do to the array that was passed in?",
)
def nll_in_place(P, y):
    np.log(P, out=P)
    return -np.mean(P[np.arange(len(y)), y])


# cross_entropy_from_logits

probe(reference.cross_entropy_from_logits, _Z, _y)
probe(reference.cross_entropy_from_logits, *_single(_Z), _y.astype(np.int64))
probe(reference.cross_entropy_from_logits, 100 * _Z, _y)
probe(reference.cross_entropy_from_logits, _far_apart, np.array([0, 2]), rtol=2e-3)  # float32 steps by 0.001 there
probe(reference.cross_entropy_from_logits, _far_apart, np.array([2, 1]))
probe(reference.cross_entropy_from_logits, np.array([[0.0, 1e4], [1e4, -1e4]]), np.array([0, 1]))
probe(reference.cross_entropy_from_logits, np.array([[-1000.0, -1001.0]]), np.array([0]))
probe(reference.cross_entropy_from_logits, np.array([[0.0, 1000.0, -5.0]]), np.array([1]))  # exactly 0
probe(reference.cross_entropy_from_logits, np.array([[1e30, -1e30, 0]], dtype=np.float32), np.array([1]))
probe(reference.cross_entropy_from_logits, np.array([[0.0, -np.inf, 1.0], [-np.inf, 2.0, 2.0]]), np.array([2, 1]))
probe(reference.cross_entropy_from_logits, np.array([[0.0, -np.inf, 1.0], [0.0, 2.0, 2.0]]), np.array([1, 1]))  # inf
probe(reference.cross_entropy_from_logits, np.array([[1, 2, 3], [5, 0, 0]]), np.array([1, 2]))
probe(reference.cross_entropy_from_logits, np.zeros((2, 10)), np.array([7, 0]))
for _some in (
    (np.log(_many), _many_labels),
    (np.log(_wide), np.array([299, 150])),
    (np.log(_small), np.array([2, 1, 1])),
    (np.array([[3.0], [-2.0]]), np.array([0, 0])),
    (np.array([[1e4, -1e4, 9999.0], [-9999.0, -1e4, -1e4]]), np.array([1, 2])),
    (np.array([[-740.0, 0.0]]), np.array([0])),
    (np.array([[50.0, 0.0, 0.0]]), np.array([1])),
    (np.array([[30000, 0, -30000], [1, 2, 3]]), np.array([2, 0])),
    (np.array([[0, 200], [-1000, 0]], dtype=np.float32), np.array([0, 0])),
):
    probe(reference.cross_entropy_from_logits, *_some, costly=True)


@misconception(
    reference.cross_entropy_from_logits,
    "log of softmax",
    "the logarithm is taken of the finished probabilities",
    "what is the logarithm of a probability that is too small for its type?",
)
def logits_log_of_softmax(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y]))


@misconception(
    reference.cross_entropy_from_logits,
    "epsilon in the log",
    "1e-5 is added to the probabilities before the logarithm",
    "what is the logarithm of 1e-5, and what should a true logit 1,000 below the others cost?",
)
def logits_epsilon_1e5(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-5))


@misconception(
    reference.cross_entropy_from_logits,
    "epsilon in the log",
    "1e-8 is added to the probabilities before the logarithm",
    "what is the logarithm of 1e-8, and what should a true logit 1,000 below the others cost?",
)
def logits_epsilon_1e8(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-8))


@misconception(
    reference.cross_entropy_from_logits,
    "epsilon in the log",
    "1e-9 is added to the probabilities before the logarithm",
    "what is the logarithm of 1e-9, and what should a true logit 1,000 below the others cost?",
)
def logits_epsilon_1e9(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-9))


@misconception(
    reference.cross_entropy_from_logits,
    "epsilon in the log",
    "1e-12 is added to the probabilities before the logarithm",
    "what is the logarithm of 1e-12, and what should a true logit 1,000 below the others cost?",
)
def logits_epsilon_1e12(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-12))


@misconception(
    reference.cross_entropy_from_logits,
    "epsilon in the sum",
    "1e-9 is added to the sum before the logarithm",
    "after the shift, how small can the sum of a row be?",
)
def logits_epsilon_in_sum(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True) + 1e-9)
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "probabilities clipped",
    "the probabilities are kept between 1e-15 and 1 − 1e-15 before the logarithm",
    "which loss do all very wrong predictions get?",
)
def logits_probabilities_clipped(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = np.clip(E / E.sum(axis=1, keepdims=True), 1e-15, 1 - 1e-15)
    return -np.mean(np.log(P[np.arange(len(y)), y]))


@misconception(
    reference.cross_entropy_from_logits,
    "logits clipped",
    "the logits are clipped to ±500 instead of shifted",
    "do logits of 600 and 700 still differ after clipping?",
)
def logits_clipped(Z, y):
    Z = np.clip(Z, -500, 500)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.log(np.exp(1000))?",
)
def logits_no_shift(Z, y):
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "shift not taken back",
    "the maximum is subtracted inside the sum only",
    "the log of the sum of shifted exponentials is smaller than log-sum-exp by how much?",
)
def logits_shift_not_taken_back(Z, y):
    log_P = Z - np.log(np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "maximum over the batch",
    "the maximum is taken over the whole batch instead of each row",
    "what is left of a row that lies 1,000 below another one?",
)
def logits_maximum_over_batch(Z, y):
    S = Z - Z.max()
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "wrong axis",
    "the exponentials are summed down each column",
    "which axis runs along the classes of one sample?",
)
def logits_wrong_axis(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=0, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def logits_no_keepdims(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "normalisation forgotten",
    "the true logits are averaged as if they were log-probabilities",
    "what does adding a constant to all logits do to your loss?",
)
def logits_not_normalised(Z, y):
    return -np.mean(Z[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "logits taken for probabilities",
    "the logarithm is taken of the logits themselves",
    "what is the logarithm of a negative logit?",
)
def logits_as_probabilities(Z, y):
    return -np.mean(np.log(Z[np.arange(len(y)), y]))


@misconception(
    reference.cross_entropy_from_logits,
    "logarithm forgotten",
    "the probabilities of the true classes are averaged without a logarithm",
    "what should a perfect prediction cost?",
)
def logits_logarithm_forgotten(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "softmax once more",
    "the probabilities go through softmax a second time",
    "how many exponentials stand between a logit and its probability?",
)
def logits_softmax_once_more(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    log_P = P - np.log(np.exp(P).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "labels select whole columns",
    "log_P[:, y] takes, for every sample, the classes of all labels",
    "what shape has log_P[:, y], and how many entries do you need from each row?",
)
def logits_whole_columns(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P[:, y])


@misconception(
    reference.cross_entropy_from_logits,
    "labels counted from 1",
    "1 is subtracted from the labels",
    "which column of Z belongs to the digit 0?",
)
def logits_counted_from_one(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y.astype(int) - 1])


@misconception(
    reference.cross_entropy_from_logits,
    "only the predicted class",
    "the most probable class of each row is taken, whatever the label",
    "what does a model pay that is sure and wrong?",
)
def logits_predicted_class(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P.max(axis=1))


@misconception(
    reference.cross_entropy_from_logits,
    "sum instead of mean",
    "the losses of the samples are summed and not divided by m",
    "should the loss double when a batch is doubled?",
)
def logits_summed(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "mean over all entries",
    "the sum is divided by all m · K entries",
    "by how many numbers do you divide, and how many samples are there?",
)
def logits_divided_by_entries(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.sum(log_P[np.arange(len(y)), y]) / Z.size


@misconception(
    reference.cross_entropy_from_logits,
    "one loss a sample",
    "the losses of the samples are returned without their mean",
    "how many numbers should come back for a batch?",
)
def logits_one_loss_each(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -log_P[np.arange(len(y)), y]


@misconception(
    reference.cross_entropy_from_logits,
    "sign forgotten",
    "the minus sign is missing",
    "is the logarithm of a number below 1 positive or negative?",
)
def logits_sign_forgotten(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "all classes counted",
    "the mean runs over the log-probabilities of all classes, true or not",
    "where does your code use y?",
)
def logits_all_classes(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P)


@misconception(
    reference.cross_entropy_from_logits,
    "logarithm to base 2",
    "the logarithm of the sum is taken to base 2",
    "which logarithm undoes np.exp?",
)
def logits_base_two(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log2(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "logarithm to base 10",
    "the logarithm of the sum is taken to base 10",
    "which logarithm undoes np.exp?",
)
def logits_base_ten(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log10(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "infinity painted over",
    "an infinite loss is replaced by a large number",
    "which loss should a true logit 10,000 below the best one give?",
)
def logits_painted_over(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return -np.mean(np.nan_to_num(np.log(P[np.arange(len(y)), y])))


@misconception(
    reference.cross_entropy_from_logits,
    "always float32",
    "the logits are turned into float32",
    "how many digits does a float32 keep, and how many has Z?",
)
def logits_in_float32(Z, y):
    S = (Z - Z.max(axis=1, keepdims=True)).astype(np.float32)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


@misconception(
    reference.cross_entropy_from_logits,
    "zero times infinity",
    "every logarithm is multiplied by its 0 or 1: 0 · (−inf) is nan",
    "which entries of a row count, and how do you take these alone?",
)
def all_logs_times_one_hot(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    Y = np.eye(Z.shape[1], dtype=log_P.dtype)[y]
    return -np.mean(np.sum(Y * log_P, axis=1))


@misconception(
    reference.cross_entropy_from_logits,
    "logarithm taken twice",
    "log_softmax gives logarithms already, and the logarithm is taken once more",
    "which sign have the numbers that log_softmax returns?",
)
def log_of_log(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -np.mean(np.log(log_P[np.arange(len(y)), y]))


@misconception(
    reference.cross_entropy_from_logits,
    "logits changed in place",
    "the shift is written into the caller's Z",
    "what does Z -= … do to the array that was passed in?",
)
def logits_in_place(Z, y):
    Z -= Z.max(axis=1, keepdims=True)
    log_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -np.mean(log_P[np.arange(len(y)), y])


# entropy

probe(reference.entropy, _P)
probe(reference.entropy, *_single(_Q))
probe(reference.entropy, _zeros)
probe(reference.entropy, _certain)  # exactly 0: shows any epsilon
probe(reference.entropy, np.array([[1.0, 0.0]], dtype=np.float32))
probe(reference.entropy, np.full((2, 10), 0.1))
for _some in (_small, _wide, np.eye(3), np.array([[1.0]])):
    probe(reference.entropy, _some, costly=True)
_rare = np.array([1e-9, 1e-13, 1e-20, 1e-300])  # next to them is 1, where float64 rounds at 1e-16
probe(reference.entropy, np.stack([_rare, 1 - _rare], axis=1), atol=1e-15, costly=True)


@misconception(
    reference.entropy,
    "zero times infinity",
    "a class with probability 0 gives 0 · (−inf), which is nan",
    "what is p log p for p = 0 in the code, and what is its limit?",
)
def entropy_zero_times_infinity(P):
    return -np.sum(P * np.log(P), axis=1)


@misconception(
    reference.entropy,
    "epsilon in the log",
    "1e-5 is added to the probabilities before the logarithm",
    "how uncertain is a row with a single 1, and what does your code say?",
)
def entropy_epsilon_1e5(P):
    return -np.sum(P * np.log(P + 1e-5), axis=1)


@misconception(
    reference.entropy,
    "epsilon in the log",
    "1e-8 is added to the probabilities before the logarithm",
    "how uncertain is a row with a single 1, and what does your code say?",
)
def entropy_epsilon_1e8(P):
    return -np.sum(P * np.log(P + 1e-8), axis=1)


@misconception(
    reference.entropy,
    "epsilon in the log",
    "1e-9 is added to the probabilities before the logarithm",
    "how uncertain is a row with a single 1, and what does your code say?",
)
def entropy_epsilon_1e9(P):
    return -np.sum(P * np.log(P + 1e-9), axis=1)


@misconception(
    reference.entropy,
    "epsilon in the log",
    "1e-12 is added to the probabilities before the logarithm",
    "how uncertain is a row with a single 1, and what does your code say?",
)
def entropy_epsilon_1e12(P):
    return -np.sum(P * np.log(P + 1e-12), axis=1)


@misconception(
    reference.entropy,
    "probabilities clipped",
    "the probabilities are kept between 1e-7 and 1 − 1e-7",
    "how uncertain is a row with a single 1, and what does your code say?",
)
def entropy_clipped(P):
    P = np.clip(P, 1e-7, 1 - 1e-7)
    return -np.sum(P * np.log(P), axis=1)


@misconception(
    reference.entropy,
    "logarithm to base 2",
    "the logarithm is taken to base 2",
    "is your unit the bit or the nat?",
)
def entropy_base_two(P):
    return -np.sum(P * np.log2(np.where(P > 0, P, 1)), axis=1)


@misconception(
    reference.entropy,
    "logarithm to base 10",
    "the logarithm is taken to base 10",
    "what is the entropy of ten equally probable classes in nats?",
)
def entropy_base_ten(P):
    return -np.sum(P * np.log10(np.where(P > 0, P, 1)), axis=1)


@misconception(
    reference.entropy,
    "sign forgotten",
    "the minus sign is missing",
    "is the logarithm of a number below 1 positive or negative?",
)
def entropy_sign_forgotten(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return np.sum(terms, axis=1)


@misconception(
    reference.entropy,
    "wrong axis",
    "the sum runs down each column",
    "which axis runs along the classes of one sample?",
)
def entropy_wrong_axis(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return -np.sum(terms, axis=0)


@misconception(
    reference.entropy,
    "mean over the batch",
    "the entropies of the rows are averaged",
    "how many numbers should come back for m rows?",
)
def entropy_averaged(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return -np.mean(np.sum(terms, axis=1))


@misconception(
    reference.entropy,
    "sum over the batch",
    "the sum is taken without an axis, over the whole batch",
    "how many numbers should come back for m rows?",
)
def entropy_summed(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return -np.sum(terms)


@misconception(
    reference.entropy,
    "mean over the classes",
    "the terms of a row are averaged instead of summed",
    "what is the entropy of ten equally probable classes, and what does your code say?",
)
def entropy_mean_of_classes(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return -np.mean(terms, axis=1)


@misconception(
    reference.entropy,
    "axis kept",
    "keepdims leaves the result as a column",
    "which shape should come back?",
)
def entropy_axis_kept(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return -np.sum(terms, axis=1, keepdims=True)


@misconception(
    reference.entropy,
    "divided by its maximum",
    "the entropy is divided by log K, its largest value",
    "what is the entropy of ten equally probable classes, and what does your code say?",
)
def entropy_divided_by_maximum(P):
    terms = P * np.log(np.where(P > 0, P, 1))
    return -np.sum(terms, axis=1) / np.log(P.shape[1])


@misconception(
    reference.entropy,
    "weights forgotten",
    "the surprises are added without the probabilities as weights",
    "how often does each surprise occur?",
)
def entropy_weights_forgotten(P):
    return -np.sum(np.log(np.where(P > 0, P, 1)), axis=1)


@misconception(
    reference.entropy,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which type has P, and which has your result?",
)
def entropy_in_float64(P):
    P = P.astype(np.float64)
    return -np.sum(P * np.log(np.where(P > 0, P, 1)), axis=1)


@misconception(
    reference.entropy,
    "probabilities changed in place",
    "the caller's P is overwritten on the way",
    "what does P[…] = … do to the array that was passed in?",
)
def entropy_in_place(P):
    P[P == 0] = 1
    return -np.sum(P * np.log(P), axis=1)


# kl_divergence

probe(reference.kl_divergence, _P, _Q)
probe(reference.kl_divergence, *_single(_P, _Q))
probe(reference.kl_divergence, *_single(_Q), _P)  # float32 and float64
probe(reference.kl_divergence, _P, _P)  # exactly 0
probe(reference.kl_divergence, _zeros, np.full((4, 3), 1 / 3))
probe(reference.kl_divergence, _zeros, _zeros)  # zeros in the same places
probe(reference.kl_divergence, np.full((4, 3), 1 / 3), _zeros)  # inf in some rows
probe(reference.kl_divergence, _halves, np.array([[1e-300, 1.0], [1e-10, 1.0], [0.25, 0.75]]))
probe(reference.kl_divergence, *_single(_certain, np.full((3, 4), 0.25)))
for _some in (
    (_P, *_single(_Q)),
    (_small, _small[::-1]),
    (np.eye(2)[:1], np.eye(2)[1:]),
    (np.array([[0.0, 1.0, 0.0]]), np.array([[0.5, 0.5, 0.0]])),
    (np.array([[1e-20, 1.0]]), np.array([[0.0, 1.0]])),  # inf, however rare
    (np.array([[0.3, 0.3, 0.4]]), np.array([[0.300001, 0.2, 0.499999]])),
    (np.array([[1.0]]), np.array([[1.0]])),
):
    probe(reference.kl_divergence, *_some, costly=True)


@misconception(
    reference.kl_divergence,
    "arguments exchanged",
    "D(q ‖ p) is computed instead of D(p ‖ q)",
    "which of the two weights the logarithms, the truth or the belief?",
)
def kl_exchanged(P, Q):
    surprise = np.log(np.where(Q > 0, Q, 1)) - np.log(np.where(Q > 0, P, 1))
    return np.sum(Q * surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "arguments exchanged",
    "D(q ‖ p) is computed instead of D(p ‖ q)",
    "which of the two weights the logarithms, the truth or the belief?",
)
def kl_exchanged_carelessly(P, Q):
    return np.sum(Q * np.log(Q / P), axis=1)


@misconception(
    reference.kl_divergence,
    "made symmetric",
    "D(p ‖ q) and D(q ‖ p) are averaged",
    "does the formula treat P and Q alike?",
)
def kl_made_symmetric(P, Q):
    forwards = P * (np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1)))
    backwards = Q * (np.log(np.where(Q > 0, Q, 1)) - np.log(np.where(Q > 0, P, 1)))
    return np.sum(forwards + backwards, axis=1) / 2


@misconception(
    reference.kl_divergence,
    "compared with the midpoint",
    "P and Q are both compared with their mean, which is the Jensen–Shannon divergence",
    "does the formula treat P and Q alike?",
)
def kl_jensen_shannon(P, Q):
    M = (P + Q) / 2
    of_P = P * (np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, M, 1)))
    of_Q = Q * (np.log(np.where(Q > 0, Q, 1)) - np.log(np.where(Q > 0, M, 1)))
    return np.sum(of_P + of_Q, axis=1) / 2


@misconception(
    reference.kl_divergence,
    "cross-entropy returned",
    "the entropy of P is not subtracted",
    "what should D(p ‖ p) be?",
)
def kl_cross_entropy_returned(P, Q):
    return -np.sum(P * np.log(np.where(P > 0, Q, 1)), axis=1)


@misconception(
    reference.kl_divergence,
    "entropy added",
    "the entropy of P is added to the cross-entropy instead of subtracted",
    "what should D(p ‖ p) be?",
)
def kl_entropy_added(P, Q):
    return -np.sum(P * (np.log(np.where(P > 0, Q, 1)) + np.log(np.where(P > 0, P, 1))), axis=1)


@misconception(
    reference.kl_divergence,
    "entropy of the other",
    "the entropy of Q is subtracted instead of that of P",
    "whose entropy is the least that coding P can cost?",
)
def kl_entropy_of_the_other(P, Q):
    cross = -np.sum(P * np.log(np.where(P > 0, Q, 1)), axis=1)
    return cross + np.sum(Q * np.log(np.where(Q > 0, Q, 1)), axis=1)


@misconception(
    reference.kl_divergence,
    "sign turned",
    "the quotient inside the logarithm is Q / P, or the two are subtracted the wrong way round",
    "can a divergence be negative?",
)
def kl_sign_turned(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return -np.sum(P * surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "mean over the batch",
    "the divergences of the rows are averaged",
    "how many numbers should come back for m rows?",
)
def kl_averaged(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.mean(np.sum(P * surprise, axis=1))


@misconception(
    reference.kl_divergence,
    "sum over the batch",
    "the sum is taken without an axis, over the whole batch",
    "how many numbers should come back for m rows?",
)
def kl_summed(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.sum(P * surprise)


@misconception(
    reference.kl_divergence,
    "wrong axis",
    "the sum runs down each column",
    "which axis runs along the classes of one sample?",
)
def kl_wrong_axis(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.sum(P * surprise, axis=0)


@misconception(
    reference.kl_divergence,
    "mean over the classes",
    "the terms of a row are averaged instead of summed",
    "by what do you divide, and does the formula?",
)
def kl_mean_of_classes(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.mean(P * surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "axis kept",
    "keepdims leaves the result as a column",
    "which shape should come back?",
)
def kl_axis_kept(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.sum(P * surprise, axis=1, keepdims=True)


@misconception(
    reference.kl_divergence,
    "weights forgotten",
    "the logarithms are added without the probabilities as weights",
    "how often does each class occur?",
)
def kl_weights_forgotten(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.sum(surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "terms made positive",
    "the absolute value of every term is taken",
    "must each term of the sum be positive, or only the sum?",
)
def kl_terms_made_positive(P, Q):
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.sum(np.abs(P * surprise), axis=1)


@misconception(
    reference.kl_divergence,
    "logarithm to base 2",
    "the logarithm is taken to base 2",
    "is your unit the bit or the nat?",
)
def kl_base_two(P, Q):
    surprise = np.log2(np.where(P > 0, P, 1)) - np.log2(np.where(P > 0, Q, 1))
    return np.sum(P * surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "logarithm to base 10",
    "the logarithm is taken to base 10",
    "what does np.log10(np.e) give, and what should log e be?",
)
def kl_base_ten(P, Q):
    surprise = np.log10(np.where(P > 0, P, 1)) - np.log10(np.where(P > 0, Q, 1))
    return np.sum(P * surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "epsilon in the log",
    "1e-5 is added to the probabilities before the logarithm",
    "how far is a certain P from a Q that calls it impossible, and what does your code say?",
)
def kl_epsilon_1e5(P, Q):
    return np.sum(P * np.log((P + 1e-5) / (Q + 1e-5)), axis=1)


@misconception(
    reference.kl_divergence,
    "epsilon in the log",
    "1e-8 is added to the probabilities before the logarithm",
    "how far is a certain P from a Q that calls it impossible, and what does your code say?",
)
def kl_epsilon_1e8(P, Q):
    return np.sum(P * np.log((P + 1e-8) / (Q + 1e-8)), axis=1)


@misconception(
    reference.kl_divergence,
    "epsilon in the log",
    "1e-9 is added to the probabilities before the logarithm",
    "how far is a certain P from a Q that calls it impossible, and what does your code say?",
)
def kl_epsilon_1e9(P, Q):
    return np.sum(P * np.log((P + 1e-9) / (Q + 1e-9)), axis=1)


@misconception(
    reference.kl_divergence,
    "epsilon in the log",
    "1e-12 is added to the probabilities before the logarithm",
    "how far is a certain P from a Q that calls it impossible, and what does your code say?",
)
def kl_epsilon_1e12(P, Q):
    return np.sum(P * np.log((P + 1e-12) / (Q + 1e-12)), axis=1)


@misconception(
    reference.kl_divergence,
    "probabilities clipped",
    "the probabilities are kept between 1e-7 and 1",
    "how far is a certain P from a Q that calls it impossible, and what does your code say?",
)
def kl_clipped_1e7(P, Q):
    P = np.clip(P, 1e-7, 1)
    Q = np.clip(Q, 1e-7, 1)
    return np.sum(P * np.log(P / Q), axis=1)


@misconception(
    reference.kl_divergence,
    "probabilities clipped",
    "the probabilities are kept between 1e-12 and 1",
    "how far is a certain P from a Q that calls it impossible, and what does your code say?",
)
def kl_clipped_1e12(P, Q):
    P = np.clip(P, 1e-12, 1)
    Q = np.clip(Q, 1e-12, 1)
    return np.sum(P * np.log(P / Q), axis=1)


@misconception(
    reference.kl_divergence,
    "zero times infinity",
    "a class with P = 0 gives 0 · (−inf) or 0 / 0, which is nan",
    "what should a class that never occurs add?",
)
def kl_zero_times_infinity(P, Q):
    return np.sum(P * np.log(P / Q), axis=1)


@misconception(
    reference.kl_divergence,
    "nan painted over",
    "nan_to_num turns inf into the largest number of its type",
    "what does nan_to_num make of inf, and should an infinite divergence be finite?",
)
def kl_painted_over(P, Q):
    return np.sum(np.nan_to_num(P * np.log(P / Q)), axis=1)


@misconception(
    reference.kl_divergence,
    "impossible classes left out",
    "a class with Q = 0 is left out of the sum, even where P is above 0",
    "what does it cost when something happens that Q calls impossible?",
)
def kl_impossible_left_out(P, Q):
    both = (P > 0) & (Q > 0)
    return np.sum(P * (np.log(np.where(both, P, 1)) - np.log(np.where(both, Q, 1))), axis=1)


@misconception(
    reference.kl_divergence,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which types have P and Q, and which has your result?",
)
def kl_in_float64(P, Q):
    P = P.astype(np.float64)
    surprise = np.log(np.where(P > 0, P, 1)) - np.log(np.where(P > 0, Q, 1))
    return np.sum(P * surprise, axis=1)


@misconception(
    reference.kl_divergence,
    "probabilities changed in place",
    "the caller's arrays are overwritten on the way",
    "what does Q[…] = … do to the array that was passed in?",
)
def kl_in_place(P, Q):
    never = P == 0
    P[never] = 1
    Q[never] = 1
    return np.sum(P * (np.log(P) - np.log(Q)), axis=1)


# mean_squared_error

probe(reference.mean_squared_error, _P, _Y)  # float64 and float32
probe(reference.mean_squared_error, *_single(_P, _Y))
probe(reference.mean_squared_error, _P, _soft)
probe(reference.mean_squared_error, np.full((3, 10), 0.1), one_hot(np.array([7, 0, 2]), 10))
probe(reference.mean_squared_error, _certain, _certain)
probe(reference.mean_squared_error, np.array([[0.0, 0.25, 0.75]]), np.array([[1.0, 0.0, 0.0]]))
for _some in ((np.zeros((2, 3)), np.eye(3)[[0, 1]]), (_small, _small[::-1]), (np.eye(3), np.eye(3)[[1, 2, 0]])):
    probe(reference.mean_squared_error, *_some, costly=True)


@misconception(
    reference.mean_squared_error,
    "summed over the classes",
    "the squares of a row are summed, and only the rows averaged: K times too much",
    "how many squares are there, and by how many do you divide?",
)
def mse_summed_over_classes(P, Y):
    return np.mean(np.sum((P - Y) ** 2, axis=1))


@misconception(
    reference.mean_squared_error,
    "summed over the samples",
    "the squares are divided by the number of classes only",
    "how many squares are there, and by how many do you divide?",
)
def mse_summed_over_samples(P, Y):
    return np.mean(np.sum((P - Y) ** 2, axis=0))


@misconception(
    reference.mean_squared_error,
    "sum instead of mean",
    "the squares are summed and not divided",
    "how many squares are there, and by how many do you divide?",
)
def mse_summed(P, Y):
    return np.sum((P - Y) ** 2)


@misconception(
    reference.mean_squared_error,
    "halved",
    "the mean is halved, as for a simpler gradient",
    "is there a factor ½ in the formula?",
)
def mse_halved(P, Y):
    return np.mean((P - Y) ** 2) / 2


@misconception(
    reference.mean_squared_error,
    "summed over the classes and halved",
    "the sum of the squares is divided by 2m",
    "how many squares are there, and by how many do you divide?",
)
def mse_summed_and_halved(P, Y):
    return np.sum((P - Y) ** 2) / (2 * len(P))


@misconception(
    reference.mean_squared_error,
    "root taken",
    "the square root of the mean is taken",
    "which unit has the mean of squares?",
)
def mse_root(P, Y):
    return np.sqrt(np.mean((P - Y) ** 2))


@misconception(
    reference.mean_squared_error,
    "absolute values",
    "absolute values are averaged instead of squares",
    "how much does an error of 0.5 count, squared?",
)
def mse_absolute(P, Y):
    return np.mean(np.abs(P - Y))


@misconception(
    reference.mean_squared_error,
    "square forgotten",
    "the differences themselves are averaged",
    "what do the differences of a row sum to?",
)
def mse_square_forgotten(P, Y):
    return np.mean(P - Y)


@misconception(
    reference.mean_squared_error,
    "square after the mean",
    "the mean is squared, not the differences",
    "is the mean of squares the square of the mean?",
)
def mse_square_after_mean(P, Y):
    return np.mean(P - Y) ** 2


@misconception(
    reference.mean_squared_error,
    "difference of squares",
    "P² − Y² is averaged",
    "what is (3 − 1)², and what is 3² − 1²?",
)
def mse_difference_of_squares(P, Y):
    return np.mean(P**2 - Y**2)


@misconception(
    reference.mean_squared_error,
    "class numbers compared",
    "the numbers of the predicted and the true class are subtracted",
    "is a 9 taken for an 8 less wrong than for a 1?",
)
def mse_class_numbers(P, Y):
    return np.mean((P.argmax(axis=1) - Y.argmax(axis=1)) ** 2.0)


@misconception(
    reference.mean_squared_error,
    "only the true class",
    "only the entries of the true classes count",
    "does a wrong class with probability 0.75 count?",
)
def mse_true_class(P, Y):
    return np.mean(np.sum(Y * (P - Y) ** 2, axis=1))


@misconception(
    reference.mean_squared_error,
    "one error a sample",
    "the mean runs along each row only",
    "how many numbers should come back for a batch?",
)
def mse_one_error_each(P, Y):
    return np.mean((P - Y) ** 2, axis=1)


@misconception(
    reference.mean_squared_error,
    "one error a class",
    "the mean runs down each column only",
    "how many numbers should come back for a batch?",
)
def mse_one_error_a_class(P, Y):
    return np.mean((P - Y) ** 2, axis=0)


@misconception(
    reference.mean_squared_error,
    "probabilities changed in place",
    "the difference is written into the caller's P",
    "what does P -= … do to the array that was passed in?",
)
def mse_in_place(P, Y):
    P -= Y
    return np.mean(P**2)
