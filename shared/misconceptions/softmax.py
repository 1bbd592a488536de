"""What goes wrong in notebook 2, the softmax forward pass."""

import numpy as np

from shared.misconceptions import misconception, probe
from shared.reference import softmax as reference

_rng = np.random.default_rng(2)
_ordinary = _rng.normal(0, 3, (5, 7))
_single = _ordinary.astype(np.float32)
_far_apart = np.array([[1e4, 0.0, -1e4], [-1e4, -9999.0, -1e4]], dtype=np.float32)  # rows far from each other
_ruled_out = np.array([[0.0, -np.inf, 1.0], [-np.inf, 2.0, 2.0]])
_whole = np.array([[1, 2, 3], [5, 0, 0]])


# linear_forward

_X, _W, _b = _rng.normal(0, 1, (5, 4)), _rng.normal(0, 1, (4, 3)), _rng.normal(0, 1, 3)
probe(reference.linear_forward, _X, _W, _b)
probe(reference.linear_forward, *(part.astype(np.float32) for part in (_X, _W, _b)))


@misconception(
    reference.linear_forward,
    "bias forgotten",
    "the bias is not added",
    "what does the model answer for an image of zeros?",
)
def no_bias(X, W, b):
    return X @ W


@misconception(
    reference.linear_forward,
    "bias subtracted",
    "the bias is subtracted",
    "what is the sign of b in Z = XW + b?",
)
def minus_bias(X, W, b):
    return X @ W - b


@misconception(
    reference.linear_forward,
    "bias summed",
    "all classes share the sum of the biases",
    "how many biases does each logit get?",
)
def summed_bias(X, W, b):
    return X @ W + b.sum()


@misconception(
    reference.linear_forward,
    "bias to the first sample only",
    "only the first row gets the bias",
    "which rows of Z need the bias?",
)
def bias_to_first_row(X, W, b):
    Z = X @ W
    Z[0] += b
    return Z


@misconception(
    reference.linear_forward,
    "bias as a column",
    "the bias is turned into a column, one entry a sample",
    "is there one bias for each class or for each sample?",
)
def bias_as_column(X, W, b):
    return X @ W + b[:, None]


@misconception(
    reference.linear_forward,
    "bias multiplied",
    "the bias multiplies the logits",
    "which sign stands before b in Z = XW + b?",
)
def times_bias(X, W, b):
    return (X @ W) * b


@misconception(
    reference.linear_forward,
    "elementwise product",
    "X and W are multiplied entry by entry",
    "which operator is the matrix product, * or @?",
)
def elementwise(X, W, b):
    return X * W + b


@misconception(
    reference.linear_forward,
    "weights transposed",
    "W is transposed before the product",
    "what shapes do X and W have, and which dimension must they share?",
)
def transposed_weights(X, W, b):
    return X @ W.T + b


@misconception(
    reference.linear_forward,
    "factors swapped",
    "W stands to the left of X",
    "with samples as rows, which of X and W comes first?",
)
def swapped(X, W, b):
    return W @ X + b


@misconception(
    reference.linear_forward,
    "negative logits cut off",
    "negative logits are set to 0",
    "may a logit be negative?",
)
def cut_off(X, W, b):
    return np.maximum(X @ W + b, 0)


@misconception(
    reference.linear_forward,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which type have X, W and b, and which has your result?",
)
def linear_in_float64(X, W, b):
    return X.astype(np.float64) @ W + b


@misconception(
    reference.linear_forward,
    "the other layout",
    "samples become columns: both factors are transposed",
    "which shape should Z have, (m, K) or (K, m)?",
)
def in_columns(X, W, b):
    return W.T @ X.T + b[:, np.newaxis]


@misconception(
    reference.linear_forward,
    "bias changed in place",
    "b itself is overwritten on the way",
    "which name does your code assign into?",
)
def bias_in_place(X, W, b):
    Z = X @ W
    b += Z.mean() * 0 + 1
    return Z + (b - 1)


# softmax

for _Z in (_ordinary, _single, 100 * _ordinary, _ruled_out, _whole):
    probe(reference.softmax, _Z)
probe(reference.softmax, _far_apart, rtol=2e-3)  # a float32 of 10,000 is only known to within 0.0005
probe(reference.softmax, np.array([[600.0, 700.0, 0.0]]))
probe(reference.softmax, np.array([[-1000.0, -1001.0]]))
probe(reference.softmax, np.array([[1e30, -1e30, 0]], dtype=np.float32))
probe(reference.softmax, np.array([[0, -np.inf], [1000, 0]]), rtol=0)  # exactly 0 and 1: shows any epsilon


@misconception(
    reference.softmax,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp of the largest logit above, and what is inf / inf?",
)
def no_shift(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "wrong axis",
    "the exponentials are summed down each column",
    "which axis runs along the classes of one sample?",
)
def wrong_axis(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


@misconception(
    reference.softmax,
    "both along the wrong axis",
    "the maximum and the sum run down each column",
    "which axis runs along the classes of one sample?",
)
def both_wrong_axis(Z):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


@misconception(
    reference.softmax,
    "sum over the whole batch",
    "each entry is divided by the sum of the whole batch",
    "what must each single row sum to?",
)
def sum_over_batch(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum()


@misconception(
    reference.softmax,
    "sum over the whole batch",
    "maximum and sum are taken without an axis, over the whole batch",
    "what must each single row sum to?",
)
def no_axis(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum()


@misconception(
    reference.softmax,
    "sum over the whole batch",
    "the sum is taken without an axis, over the whole batch",
    "what must each single row sum to?",
)
def naive_without_axis(Z):
    return np.exp(Z) / np.sum(np.exp(Z))


@misconception(
    reference.softmax,
    "maximum over the batch",
    "the maximum is taken over the whole batch instead of each row",
    "what is left of a row that lies 1,000 below another one?",
)
def maximum_over_batch(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "maximum of each column",
    "the maximum is taken down each column",
    "does every class of one sample lose the same constant?",
)
def maximum_of_columns(Z):
    E = np.exp(Z - Z.max(axis=0, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "minimum subtracted",
    "the minimum of each row is subtracted instead of the maximum",
    "after the shift, what is the largest exponent that can occur?",
)
def minimum_subtracted(Z):
    E = np.exp(Z - Z.min(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "mean subtracted",
    "the mean of each row is subtracted instead of the maximum",
    "after the shift, what is the largest exponent that can occur?",
)
def mean_subtracted(Z):
    E = np.exp(Z - Z.mean(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "epsilon in the denominator",
    "1e-5 is added to the denominator",
    "after the shift, how small can the sum of a row be?",
)
def epsilon_1e5(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / (E.sum(axis=1, keepdims=True) + 1e-5)


@misconception(
    reference.softmax,
    "epsilon in the denominator",
    "1e-8 is added to the denominator",
    "after the shift, how small can the sum of a row be?",
)
def epsilon_1e8(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / (E.sum(axis=1, keepdims=True) + 1e-8)


@misconception(
    reference.softmax,
    "epsilon in the denominator",
    "1e-12 is added to the denominator",
    "after the shift, how small can the sum of a row be?",
)
def epsilon_1e12(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / (E.sum(axis=1, keepdims=True) + 1e-12)


@misconception(
    reference.softmax,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def no_keepdims(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1)


@misconception(
    reference.softmax,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def no_keepdims_in_maximum(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def no_keepdims_at_all(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)


@misconception(
    reference.softmax,
    "logits clipped",
    "the logits are clipped to ±500 instead of shifted",
    "do logits of 600 and 700 still differ after clipping?",
)
def clipped(Z):
    E = np.exp(np.clip(Z, -500, 500))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "nan painted over",
    "the overflow happens and its nan is replaced by a number",
    "which probability should a logit of 1,000 among zeros get?",
)
def painted_over(Z):
    E = np.exp(Z)
    return np.nan_to_num(E / E.sum(axis=1, keepdims=True))


@misconception(
    reference.softmax,
    "no exponential",
    "the logits themselves are divided by their sum",
    "what happens to a negative logit?",
)
def no_exponential(Z):
    return Z / Z.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "sigmoid of each logit",
    "each logit goes through a sigmoid of its own",
    "do your rows sum to 1?",
)
def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


@misconception(
    reference.softmax,
    "powers of two",
    "2 is raised to the logits instead of e",
    "which base does equation (1) use?",
)
def powers_of_two(Z):
    E = np.exp2(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "hard maximum",
    "the largest logit gets everything",
    "how probable is the second best class?",
)
def hard_maximum(Z):
    return (Z.max(axis=1, keepdims=True) == Z).astype(Z.dtype)


@misconception(
    reference.softmax,
    "logarithm returned",
    "the logarithm of the probabilities is returned",
    "can a probability be negative?",
)
def logarithm(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))


@misconception(
    reference.softmax,
    "logits changed in place",
    "the shift is written into the caller's Z",
    "what does Z -= … do to the array that was passed in?",
)
def in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which type has Z, and which has your result?",
)
def softmax_in_float64(Z):
    E = np.exp(Z.astype(np.float64) - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax,
    "always float32",
    "the logits are turned into float32",
    "which type has Z, and which has your result?",
)
def softmax_in_float32(Z):
    E = np.exp((Z - Z.max(axis=1, keepdims=True)).astype(np.float32))
    return E / E.sum(axis=1, keepdims=True)


# log_softmax

for _Z in (_ordinary, _single, 100 * _ordinary, _ruled_out, _whole):
    probe(reference.log_softmax, _Z)
probe(reference.log_softmax, _far_apart, rtol=2e-3)
probe(reference.log_softmax, np.array([[1e30, -1e30, 0]], dtype=np.float32))
probe(reference.log_softmax, np.array([[0.0, -1000.0]]), rtol=0)
probe(reference.log_softmax, np.array([[5.0], [-1000.0]]))


@misconception(
    reference.log_softmax,
    "log of softmax",
    "the logarithm is taken of the finished probabilities",
    "what is the logarithm of a probability that is too small for its type?",
)
def log_of_softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.log(E / E.sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "epsilon in the log",
    "1e-12 is added to the probabilities before the logarithm",
    "what is the logarithm of 1e-12, and what should a logit 1,000 below the others give?",
)
def epsilon_in_log_1e12(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.log(E / E.sum(axis=1, keepdims=True) + 1e-12)


@misconception(
    reference.log_softmax,
    "epsilon in the log",
    "1e-9 is added to the probabilities before the logarithm",
    "what is the logarithm of 1e-9, and what should a logit 1,000 below the others give?",
)
def epsilon_in_log_1e9(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.log(E / E.sum(axis=1, keepdims=True) + 1e-9)


@misconception(
    reference.log_softmax,
    "epsilon in the sum",
    "1e-12 is added to the sum before the logarithm",
    "after the shift, how small can the sum of a row be?",
)
def epsilon_in_sum(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True) + 1e-12)


@misconception(
    reference.log_softmax,
    "probabilities clipped",
    "the probabilities are kept above 1e-15 before the logarithm",
    "which value do all very unlikely classes get?",
)
def clipped_probabilities(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.log(np.clip(E / E.sum(axis=1, keepdims=True), 1e-15, 1))


@misconception(
    reference.log_softmax,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.log(np.exp(1000))?",
)
def log_no_shift(Z):
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "shift not taken back",
    "the maximum is subtracted inside the sum only",
    "the log of the sum of shifted exponentials is smaller than log-sum-exp by how much?",
)
def shift_not_taken_back(Z):
    return Z - np.log(np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "wrong axis",
    "the exponentials are summed down each column",
    "which axis runs along the classes of one sample?",
)
def log_wrong_axis(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=0, keepdims=True))


@misconception(
    reference.log_softmax,
    "maximum over the batch",
    "the maximum is taken over the whole batch instead of each row",
    "what is left of a row that lies 1,000 below another one?",
)
def log_maximum_over_batch(Z):
    S = Z - Z.max()
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def log_no_keepdims(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=1))


@misconception(
    reference.log_softmax,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def log_no_keepdims_in_maximum(Z):
    S = Z - Z.max(axis=1)
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "keepdims forgotten",
    "the maximum or the sum of each row loses its axis",
    "in the line quoted above, which array has the second shape, and which shape does it need?",
)
def log_no_keepdims_at_all(Z):
    S = Z - Z.max(axis=1)
    return S - np.log(np.exp(S).sum(axis=1))


@misconception(
    reference.log_softmax,
    "sign turned",
    "the negative logarithm is returned",
    "is the logarithm of a number below 1 positive or negative?",
)
def sign_turned(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return np.log(np.exp(S).sum(axis=1, keepdims=True)) - S


@misconception(
    reference.log_softmax,
    "logarithm to base 2",
    "the logarithm of the sum is taken to base 2",
    "which logarithm undoes np.exp?",
)
def base_two(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log2(np.exp(S).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "logarithm to base 10",
    "the logarithm of the sum is taken to base 10",
    "which logarithm undoes np.exp?",
)
def base_ten(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log10(np.exp(S).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "log-sum added",
    "the logarithm of the sum is added instead of subtracted",
    "what does the logarithm of a quotient turn into?",
)
def log_sum_added(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S + np.log(np.exp(S).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "logarithm forgotten",
    "the probabilities themselves are returned",
    "can a logarithm of a probability be positive?",
)
def probabilities_returned(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.log_softmax,
    "log of each term",
    "the logarithm is taken of each exponential before the sum",
    "is the log of a sum the sum of the logs?",
)
def log_of_each_term(Z):
    S = Z - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S)).sum(axis=1, keepdims=True)


@misconception(
    reference.log_softmax,
    "logits changed in place",
    "the shift is written into the caller's Z",
    "what does Z -= … do to the array that was passed in?",
)
def log_in_place(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


@misconception(
    reference.log_softmax,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which type has Z, and which has your result?",
)
def log_in_float64(Z):
    S = Z.astype(np.float64) - Z.max(axis=1, keepdims=True)
    return S - np.log(np.exp(S).sum(axis=1, keepdims=True))


# softmax_temperature

for _T in (0.5, 3.0, 1.0, 0.0, -2.0):
    probe(reference.softmax_temperature, _ordinary, _T)
probe(reference.softmax_temperature, _single, 0.1)
probe(reference.softmax_temperature, 300 * _ordinary, 0.25)
probe(reference.softmax_temperature, np.array([[-1000.0, -1001.0]]), 1.0)
probe(reference.softmax_temperature, np.array([[0.0, 1000.0]]), 1000.0)
probe(reference.softmax_temperature, np.array([[0.0, 1e-6]]), 1e-6)
probe(reference.softmax_temperature, _whole, 2)


@misconception(
    reference.softmax_temperature,
    "multiplied by the temperature",
    "the logits are multiplied by T",
    "does a high temperature make your probabilities flatter or sharper?",
)
def multiplied(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    Z = Z * float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "probabilities divided",
    "the finished probabilities are divided by T",
    "what do your rows sum to for T = 2?",
)
def probabilities_divided(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True) / float(temperature)


@misconception(
    reference.softmax_temperature,
    "powers not normalised",
    "the probabilities are raised to 1/T and not divided by their sum again",
    "what do your rows sum to for T = 2?",
)
def powers_not_normalised(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True)) ** (1 / float(temperature))


@misconception(
    reference.softmax_temperature,
    "powers of the finished probabilities",
    "the finished probabilities are raised to 1/T, and those that were rounded to 0 stay 0",
    "what is left of a logit 1,000 below the best, and what should T = 1,000 make of it?",
)
def powers_of_probabilities(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = (E / E.sum(axis=1, keepdims=True)) ** (1 / float(temperature))
    return P / P.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "temperature ignored",
    "the temperature is never used",
    "does your result change with T?",
)
def temperature_ignored(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "denominator only",
    "only the exponentials of the sum are divided by T",
    "do numerator and denominator use the same exponent?",
)
def denominator_only(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    S = Z - Z.max(axis=1, keepdims=True)
    return np.exp(S) / np.exp(S / float(temperature)).sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "temperature subtracted",
    "T is subtracted from the logits",
    "what did you prove about a constant added to every logit?",
)
def temperature_subtracted(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    Z = Z - float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "no check of the temperature",
    "a temperature of 0 or below is not refused",
    "which class does T = −1 prefer, and what is Z / 0?",
)
def no_check(Z, temperature):
    Z = Z / float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "zero let through",
    "only a negative temperature is refused",
    "what is Z / 0?",
)
def zero_let_through(Z, temperature):
    if temperature < 0:
        raise ValueError("temperature must be positive")
    Z = Z / temperature
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "another kind of error",
    "a temperature of 0 or below is refused by an assertion",
    "which kind of error does the docstring promise?",
)
def assertion(Z, temperature):
    assert temperature > 0, "temperature must be positive"
    Z = Z / float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "low temperatures refused",
    "temperatures below 1 are refused too",
    "which temperatures are not positive?",
)
def low_refused(Z, temperature):
    if temperature < 1:
        raise ValueError("temperature must be at least 1")
    Z = Z / float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp(1000 / 0.5)?",
)
def temperature_no_shift(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    E = np.exp(Z / float(temperature))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "wrong axis",
    "the exponentials are summed down each column",
    "which axis runs along the classes of one sample?",
)
def temperature_wrong_axis(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    Z = Z / float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "whole-number division",
    "the logits are divided with //, which drops the fraction",
    "what is 3 // 2?",
)
def whole_number_division(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    Z = Z // float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_temperature,
    "logits changed in place",
    "the division is written into the caller's Z",
    "what does Z /= … do to the array that was passed in?",
)
def temperature_in_place(Z, temperature):
    if temperature <= 0:
        raise ValueError("temperature must be positive")
    Z /= float(temperature)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


# softmax_columns

for _Z in (_ordinary, _single, 100 * _ordinary, _ruled_out.T.copy(), _whole):
    probe(reference.softmax_columns, _Z)
probe(reference.softmax_columns, _far_apart.T.copy(), rtol=2e-3)
probe(reference.softmax_columns, np.array([[-1000.0], [-1001.0]]))
probe(reference.softmax_columns, np.array([[0.0], [1000.0]]), rtol=0)


@misconception(
    reference.softmax_columns,
    "along the rows",
    "every row is normalised instead of every column",
    "in this layout, which axis runs along the classes?",
)
def along_rows(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_columns,
    "not transposed back",
    "the result keeps the layout with samples as rows",
    "which shape should come back?",
)
def not_transposed_back(Z):
    E = np.exp(Z.T - Z.T.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@misconception(
    reference.softmax_columns,
    "transposed afterwards only",
    "the rows are normalised and the result is transposed",
    "what do you have to transpose before softmax?",
)
def transposed_afterwards(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True)).T


@misconception(
    reference.softmax_columns,
    "reshaped instead of transposed",
    "the array is reshaped, which keeps the order of its entries",
    "do reshape and .T give the same array?",
)
def reshaped(Z):
    K, m = Z.shape
    Z = Z.reshape(m, K)
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (E / E.sum(axis=1, keepdims=True)).reshape(K, m)


@misconception(
    reference.softmax_columns,
    "sum over the whole batch",
    "each entry is divided by the sum of the whole batch",
    "what must each single column sum to?",
)
def columns_sum_over_batch(Z):
    E = np.exp(Z - Z.max(axis=0))
    return E / E.sum()


@misconception(
    reference.softmax_columns,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp of the largest logit above, and what is inf / inf?",
)
def columns_no_shift(Z):
    E = np.exp(Z)
    return E / E.sum(axis=0)


@misconception(
    reference.softmax_columns,
    "maximum over the batch",
    "the maximum is taken over the whole batch instead of each column",
    "what is left of a column that lies 1,000 below another one?",
)
def columns_maximum_over_batch(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=0)


@misconception(
    reference.softmax_columns,
    "maximum of each row",
    "the maximum of each row is subtracted, the sum runs down each column",
    "does every class of one sample lose the same constant?",
)
def maximum_of_rows(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=0)


@misconception(
    reference.softmax_columns,
    "epsilon in the denominator",
    "1e-8 is added to the denominator",
    "after the shift, how small can the sum of a column be?",
)
def columns_epsilon(Z):
    E = np.exp(Z - Z.max(axis=0))
    return E / (E.sum(axis=0) + 1e-8)


@misconception(
    reference.softmax_columns,
    "logits changed in place",
    "the shift is written into the caller's Z",
    "what does Z -= … do to the array that was passed in?",
)
def columns_in_place(Z):
    Z -= Z.max(axis=0)
    E = np.exp(Z)
    return E / E.sum(axis=0)


@misconception(
    reference.softmax_columns,
    "always float64",
    "float64 enters somewhere: astype, np.zeros without a dtype, a NumPy number",
    "which type has Z, and which has your result?",
)
def columns_in_float64(Z):
    E = np.exp(Z.astype(np.float64) - Z.max(axis=0))
    return E / E.sum(axis=0)


# predict

_P = np.array([[0.1, 0.2, 0.7], [0.3, 0.3, 0.4], [0.4, 0.2, 0.4], [0.2, 0.4, 0.4], [0.0, 0.9, 0.1]])
probe(reference.predict, _P)
probe(reference.predict, np.full((2, 5), 0.2, dtype=np.float32))


@misconception(
    reference.predict,
    "over the whole batch",
    "the maximum is sought in the whole batch",
    "how many labels does a batch of five samples need?",
)
def over_batch(P):
    return P.argmax()


@misconception(
    reference.predict,
    "wrong axis",
    "the best sample is found for every class",
    "which axis runs along the classes of one sample?",
)
def best_sample(P):
    return P.argmax(axis=0)


@misconception(
    reference.predict,
    "probability returned",
    "the largest probability itself is returned",
    "is the answer to «which digit» 0.7 or 3?",
)
def probability(P):
    return P.max(axis=1)


@misconception(
    reference.predict,
    "least probable class",
    "the smallest probability is sought",
    "which of argmin and argmax finds the best class?",
)
def least_probable(P):
    return P.argmin(axis=1)


@misconception(
    reference.predict,
    "ties to the highest",
    "of equally probable classes the last one is taken",
    "which of [0.4, 0.2, 0.4] does your code take?",
)
def ties_to_highest(P):
    return P.shape[1] - 1 - P[:, ::-1].argmax(axis=1)


@misconception(
    reference.predict,
    "one-hot returned",
    "a row of zeros and ones is returned for every sample",
    "is a label one number or ten?",
)
def one_hot_returned(P):
    return (P.max(axis=1, keepdims=True) == P).astype(np.int64)


@misconception(
    reference.predict,
    "above one half",
    "only a class with more than one half can win",
    "which class wins if the best has 0.4?",
)
def above_one_half(P):
    return (P > 0.5).argmax(axis=1)


@misconception(
    reference.predict,
    "counted from 1",
    "classes are counted from 1",
    "which label does the first column stand for?",
)
def counted_from_one(P):
    return P.argmax(axis=1) + 1


@misconception(
    reference.predict,
    "labels as floats",
    "the labels are floating numbers",
    "can y[labels] or labels == y be trusted with floats?",
)
def float_labels(P):
    return P.argmax(axis=1).astype(np.float64)


@misconception(
    reference.predict,
    "a column of labels",
    "the labels come as a column",
    "which shape has y?",
)
def column_of_labels(P):
    return P.argmax(axis=1, keepdims=True)


@misconception(
    reference.predict,
    "a list of labels",
    "the labels come as a Python list",
    "which type does the docstring promise?",
)
def list_of_labels(P):
    return [int(row.argmax()) for row in P]
