"""What goes wrong in notebook 6, the MLP."""

import numpy as np

from shared import promises
from shared.misconceptions import misconception, probe
from shared.reference import mlp as reference
from shared.reference.data_preparation import one_hot

_rng = np.random.default_rng(6)


def _single(value):
    """In float32: an array, or a dict of them."""
    if isinstance(value, dict):
        return {name: _single(each) for name, each in value.items()}
    return value.astype(np.float32)


def _net(*sizes, scale=1.0):
    """Weights and biases, none of them 0."""
    params = {}
    for layer in range(1, len(sizes)):
        params[f"W{layer}"] = scale * _rng.normal(0, 1, sizes[layer - 1 : layer + 1])
        params[f"b{layer}"] = scale * _rng.normal(0, 1, sizes[layer])
    return params


def _upside_down(params):
    """The same parameters, the last name first."""
    return {name: params[name] for name in reversed(params)}


# relu

_Z = np.round(_rng.normal(0, 2, (5, 4)), 2)
_Z[0, 0], _Z[2, 3], _Z[3, 1] = 0, 0, 1
probe(reference.relu, _Z)
probe(reference.relu, _single(_Z))
probe(reference.relu, np.array([[-1e4, 0.0, 1e4], [0.5, -0.5, 1e30]]))
probe(reference.relu, np.array([[-3.0], [2.0], [-0.5]]))


@misconception(
    reference.relu,
    "absolute value",
    "negative entries lose their sign instead of becoming 0",
    "what should become of −3?",
)
def relu_abs(Z):
    return np.abs(Z)


@misconception(
    reference.relu,
    "leaky",
    "negative entries are multiplied by 0.01",
    "what should become of −3?",
)
def relu_leaky(Z):
    return np.where(Z > 0, Z, 0.01 * Z)


@misconception(
    reference.relu,
    "clipped at 1",
    "entries above 1 become 1",
    "where does ReLU stop to grow?",
)
def relu_clipped(Z):
    return np.clip(Z, 0, 1)


@misconception(
    reference.relu,
    "Z changed in place",
    "the zeros are written into the caller's Z",
    "what does Z[Z < 0] = 0 do to the array that was passed in?",
)
def relu_in_place(Z):
    Z[Z < 0] = 0
    return Z


@misconception(
    reference.relu,
    "Z changed in place",
    "the result is written over the caller's Z",
    "where does out=Z put the result?",
)
def relu_out(Z):
    return np.maximum(Z, 0, out=Z)


@misconception(
    reference.relu,
    "maximum down the columns",
    "np.max(Z, 0) looks for the largest entry along axis 0",
    "what is the second argument of np.max, and what that of np.maximum?",
)
def relu_max_axis(Z):
    return np.max(Z, 0)


@misconception(
    reference.relu,
    "minimum for maximum",
    "positive entries become 0, negative ones stay",
    "which of −3 and 3 should stay as it is?",
)
def relu_minimum(Z):
    return np.minimum(Z, 0)


@misconception(
    reference.relu,
    "step function",
    "positive entries become 1",
    "what should become of 3: 1 or 3?",
)
def relu_step(Z):
    return (Z > 0).astype(Z.dtype)


@misconception(
    reference.relu,
    "no ReLU",
    "Z is returned as it is",
    "what should become of −3?",
)
def relu_identity(Z):
    return Z.copy()


@misconception(
    reference.relu,
    "softplus",
    "log(1 + exp(Z)) stands for the maximum",
    "what should become of exactly 0?",
)
def relu_softplus(Z):
    return np.logaddexp(Z, 0).astype(Z.dtype)


@misconception(
    reference.relu,
    "sigmoid",
    "every entry is squeezed between 0 and 1",
    "what should become of 3: 0.95 or 3?",
)
def relu_sigmoid(Z):
    return 0.5 * (1 + np.tanh(Z / 2))


@misconception(
    reference.relu,
    "mask instead of values",
    "the comparison is returned, not what it selects",
    "of which type is Z > 0?",
)
def relu_mask(Z):
    return Z > 0


@misconception(
    reference.relu,
    "always float64",
    "the result is written into an array without a type",
    "which type does np.zeros give by default?",
)
def relu_float64(Z):
    A = np.zeros(Z.shape)
    A[Z > 0] = Z[Z > 0]
    return A


@misconception(
    reference.relu,
    "negative entries dropped",
    "only the positive entries are returned, in one line",
    "which shape has Z[Z > 0]?",
)
def relu_selected(Z):
    return Z[Z > 0]


# relu_backward

_dA = _rng.normal(0, 1, (5, 4))
_dA[1, 1] = 0
probe(reference.relu_backward, _dA, _Z)
probe(reference.relu_backward, _single(_dA), _single(_Z))
probe(reference.relu_backward, 1 + np.abs(_dA), _Z)
probe(reference.relu_backward, np.ones((2, 2)), np.array([[-1.0, -2.0], [3.0, -4.0]]))
probe(reference.relu_backward, np.array([[2.0, -3.0, 4.0, -5.0]]), np.array([[0.0, -0.0, 1e-30, -1e30]]))


@misconception(
    reference.relu_backward,
    "derivative at 0 is 1",
    "entries of Z that are 0 let the gradient pass",
    "what is promised where Z is 0?",
)
def back_at_zero(dA, Z):
    return dA * (Z >= 0)


@misconception(
    reference.relu_backward,
    "derivative at 0 is 1/2",
    "entries of Z that are 0 let half of the gradient pass",
    "what is promised where Z is 0?",
)
def back_half_at_zero(dA, Z):
    return dA * ((Z > 0) * dA.dtype.type(0.5) + (Z >= 0) * dA.dtype.type(0.5))


@misconception(
    reference.relu_backward,
    "dA forgotten",
    "the derivative of ReLU is returned, without the gradient that comes from above",
    "what does the chain rule multiply?",
)
def back_no_da(dA, Z):
    return (Z > 0).astype(dA.dtype)


@misconception(
    reference.relu_backward,
    "sign of the gradient",
    "dA decides where it passes, not Z",
    "what must be positive for the ReLU to be open: Z or its gradient?",
)
def back_own_sign(dA, Z):
    return dA * (dA > 0)


@misconception(
    reference.relu_backward,
    "negative gradients lost",
    "what is left after the mask goes through ReLU once more",
    "may a gradient be negative?",
)
def back_both_signs(dA, Z):
    return np.maximum(dA * (Z > 0), 0)


@misconception(
    reference.relu_backward,
    "values for the derivative",
    "dA is multiplied by relu(Z)",
    "what is the derivative of ReLU at 3: 3 or 1?",
)
def back_values(dA, Z):
    return dA * np.maximum(Z, 0)


@misconception(
    reference.relu_backward,
    "times Z",
    "dA is multiplied by Z",
    "what is the derivative of ReLU at 3: 3 or 1?",
)
def back_by_z(dA, Z):
    return dA * Z


@misconception(
    reference.relu_backward,
    "mask upside down",
    "the gradient passes where Z is not positive",
    "where does relu(Z) change with Z?",
)
def back_inverted(dA, Z):
    return dA * (Z <= 0)


@misconception(
    reference.relu_backward,
    "everything but 0",
    "the gradient passes wherever Z is not 0",
    "does relu(Z) change with Z where Z is negative?",
)
def back_nonzero(dA, Z):
    return dA * (Z != 0)


@misconception(
    reference.relu_backward,
    "no mask",
    "the gradient passes everywhere",
    "does relu(Z) change with Z where Z is negative?",
)
def back_all(dA, Z):
    return dA.copy()


@misconception(
    reference.relu_backward,
    "leaky",
    "a hundredth of the gradient passes where Z is not positive",
    "how steep is ReLU left of 0?",
)
def back_leaky(dA, Z):
    return np.where(Z > 0, dA, dA.dtype.type(0.01) * dA)


@misconception(
    reference.relu_backward,
    "dA changed in place",
    "the zeros are written into the caller's dA",
    "what does dA[Z <= 0] = 0 do to the array that was passed in?",
)
def back_in_place(dA, Z):
    dA[Z <= 0] = 0
    return dA


@misconception(
    reference.relu_backward,
    "arguments swapped",
    "Z passes where dA is positive",
    "which of the two is the gradient?",
)
def back_swapped(dA, Z):
    return Z * (dA > 0)


@misconception(
    reference.relu_backward,
    "always float64",
    "the result is written into an array without a type",
    "which type does np.zeros give by default?",
)
def back_float64(dA, Z):
    dZ = np.zeros(Z.shape)
    dZ[Z > 0] = dA[Z > 0]
    return dZ


# he_init

for _sizes in [300, 70, 20], [60, 200], [2, 1000, 3]:
    probe(reference.he_init, _sizes, np.random.default_rng(60), promise=promises.initialised)
probe(reference.he_init, [5, 4, 3], np.random.default_rng(61), promise=promises.initialised)
probe(reference.he_init, [40, 40, 40], np.random.default_rng(62), promise=promises.initialised)
probe(reference.he_init, [30, 20, 5], np.random.default_rng(63), promise=promises.repeatable)
probe(reference.he_init, [30, 20, 5], np.random.default_rng(64), promise=promises.initialised_afresh)


@misconception(
    reference.he_init,
    "all positive",
    "rng.random draws between 0 and 1, so that no weight is negative",
    "what is the mean of the numbers that you draw?",
)
def he_rand(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.random((sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "uniform, not normal",
    "weights are drawn evenly between two bounds, with the right variance",
    "which distribution is promised, besides its variance?",
)
def he_uniform(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.uniform(-1, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(6 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "bound taken for the spread",
    "weights are drawn evenly between ±√(2 / fan_in), which has a third of the variance",
    "how large is the variance of numbers between −1 and 1?",
)
def he_uniform_bound(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.uniform(-1, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "variance for standard deviation",
    "the draws are multiplied by 2 / fan_in instead of its root",
    "when a random number is doubled, what becomes of its variance?",
)
def he_variance_as_deviation(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (2 / sizes[i - 1] * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "root twice",
    "the draws are multiplied by the fourth root of 2 / fan_in",
    "which does rng.normal take as its second number: variance or standard deviation?",
)
def he_fourth_root(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = ((2 / sizes[i - 1]) ** 0.25 * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "fan_out for fan_in",
    "the variance is 2 / fan_out",
    "over how many products is the sum in one entry of Z?",
)
def he_fan_out(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "the 2 forgotten",
    "the variance is 1 / fan_in",
    "which share of its input does ReLU let pass?",
)
def he_one(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(1 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "Glorot",
    "the variance is 2 / (fan_in + fan_out)",
    "whose initialization is meant for ReLU?",
)
def he_glorot(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / (sizes[i - 1] + sizes[i])) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "the first fan_in for all",
    "every layer takes the number of features for its fan_in",
    "how many inputs has a unit of the second layer?",
)
def he_first_fan_in(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[0]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "not scaled",
    "the weights have variance 1",
    "how large are logits that sum 784 products?",
)
def he_unscaled(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (1.0 * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "small whatever the layer",
    "the weights have the standard deviation 0.01 in every layer",
    "on which size does the promised variance depend?",
)
def he_small(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (0.01 * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "zeros",
    "all weights are 0",
    "how do two hidden units come to differ that start alike?",
)
def he_zeros(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = np.zeros((sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "one unit copied",
    "a single column is drawn, and every unit of the layer gets it",
    "how do two hidden units come to differ that start alike?",
)
def he_one_column(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = np.tile(rng.normal(0, 1, (sizes[i - 1], 1)), sizes[i])
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "always float64",
    "the arrays are left in the type that rng.normal gives",
    "of which type is what rng.normal draws?",
)
def he_float64(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = np.sqrt(2 / sizes[i - 1]) * W
        params[f"b{i}"] = np.zeros(sizes[i])
    return params


@misconception(
    reference.he_init,
    "biases in float64",
    "np.zeros is called without a type",
    "which type does np.zeros give by default?",
)
def he_bias_type(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i])
    return params


@misconception(
    reference.he_init,
    "random biases",
    "biases are drawn as the weights are",
    "what is promised for b?",
)
def he_bias_drawn(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = rng.normal(0, 0.1, sizes[i]).astype(np.float32)
    return params


@misconception(
    reference.he_init,
    "constant biases",
    "biases start at a number other than 0, such as 1",
    "what is promised for b?",
)
def he_bias_ones(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.ones(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "bias with two dimensions",
    "b is made as a row of shape (1, fan_out)",
    "which shape is promised for b?",
)
def he_bias_rows(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros((1, sizes[i]), np.float32)
    return params


@misconception(
    reference.he_init,
    "W transposed",
    "W has the shape (fan_out, fan_in)",
    "in X @ W, which dimension of W meets the features?",
)
def he_columns(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i], sizes[i - 1]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "same generator for each layer",
    "each layer is drawn by a generator with the same seed",
    "with which numbers does each W begin?",
)
def he_reseeded(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = np.random.default_rng(0).normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "seed of its own",
    "a generator with a fixed seed takes the place of rng",
    "what changes when the caller passes another generator?",
)
def he_own_seed(sizes, rng):
    params = {}
    rng = np.random.default_rng(42)
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "randomness not from rng",
    "the numbers come from np.random, not from rng",
    "which generator do you draw from?",
)
def he_global(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = np.random.normal(0, 1, (sizes[i - 1], sizes[i]))  # noqa: NPY002
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "layers counted from 0",
    "the first layer is called W0",
    "with which number do the names begin?",
)
def he_from_zero(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i - 1}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i - 1}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "last layer missing",
    "the loop ends one layer too soon",
    "how many weights are there between three sizes?",
)
def he_last_missing(sizes, rng):
    params = {}
    for i in range(1, len(sizes) - 1):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "no 2 in the last layer",
    "the last layer's variance is 1 / fan_in",
    "is the variance of any layer promised to be another one?",
)
def he_last_differs(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt((2 if i < len(sizes) - 1 else 1) / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "root of the 2 alone",
    "the draws are multiplied by √2 / fan_in",
    "what stands under the root?",
)
def he_root_of_two(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(2) / sizes[i - 1] * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


@misconception(
    reference.he_init,
    "PyTorch's default",
    "the variance is 1 / (3 fan_in), that of even draws between ±1 / √fan_in, PyTorch's default",
    "how large is the variance of numbers between −1 and 1?",
)
def he_pytorch(sizes, rng):
    params = {}
    for i in range(1, len(sizes)):
        W = rng.uniform(-1, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"] = (np.sqrt(1 / sizes[i - 1]) * W).astype(np.float32)
        params[f"b{i}"] = np.zeros(sizes[i], np.float32)
    return params


# mlp_forward

_X = _rng.normal(0, 1, (6, 5))
_X[4] = 0
_one, _two, _three = _net(5, 3), _net(5, 4, 3), _net(5, 4, 4, 3)
_eleven = _net(5, 4, 3, 4, 3, 4, 3, 4, 3, 4, 3, 4, scale=0.7)
probe(reference.mlp_forward, _X, _three)
probe(reference.mlp_forward, _single(_X), _single(_three))
probe(reference.mlp_forward, _X, _two)
probe(reference.mlp_forward, _X, _one)
probe(reference.mlp_forward, _X[:1], _upside_down(_three))
probe(reference.mlp_forward, 1e4 * _X, _three)
probe(reference.mlp_forward, _X, _eleven, costly=True)


@misconception(
    reference.mlp_forward,
    "ReLU before the softmax",
    "the last layer goes through ReLU too, before the softmax",
    "may a logit be negative?",
)
def forward_relu_last(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(np.maximum(Z, 0) - np.maximum(Z, 0).max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "no ReLU",
    "hidden layers pass Z on as it is",
    "what is a product of two matrices, other than a matrix?",
)
def forward_linear(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = Z.copy()
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "softmax in every layer",
    "hidden layers go through softmax instead of ReLU",
    "which layer gives probabilities, and which ones do not?",
)
def forward_softmax_everywhere(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = A / A.sum(axis=1, keepdims=True)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "sigmoid",
    "hidden layers go through the sigmoid instead of ReLU",
    "which function makes the hidden activations?",
)
def forward_sigmoid(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = 0.5 * (1 + np.tanh(Z / 2))
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "hyperbolic tangent",
    "hidden layers go through tanh instead of ReLU",
    "which function makes the hidden activations?",
)
def forward_tanh(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.tanh(Z)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "wrong axis",
    "softmax runs down each column",
    "which axis runs along the classes of one sample?",
)
def forward_axis(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=0, keepdims=True))
            A = E / E.sum(axis=0, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "no shift",
    "nothing is subtracted before the exponential",
    "what is np.exp(1000)?",
)
def forward_no_shift(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z)
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "no softmax",
    "the last layer's logits are returned as they are",
    "what does each row of P sum to?",
)
def forward_no_softmax(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = Z
            A = E.copy()
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "ReLU in place of the softmax",
    "the last layer goes through ReLU, like the others",
    "what does each row of P sum to?",
)
def forward_relu_for_softmax(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.maximum(Z, 0)
            A = E
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "Z overwritten by ReLU",
    "ReLU writes its zeros into Z, which is kept under the name of Z as well",
    "which numbers should stand in Z1 and not in A1?",
)
def forward_overwritten(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0, out=Z)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "logits kept for P",
    "the cache holds the last Z under the name of A as well",
    "what is AL?",
)
def forward_logits_kept(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A if i < L else Z
    return A, cache


@misconception(
    reference.mlp_forward,
    "A0 missing",
    "the cache begins with Z1",
    "from what will dW1 be computed?",
)
def forward_no_a0(X, params):
    L, A, cache = len(params) // 2, X, {}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "Z missing",
    "the cache holds the activations alone",
    "which names does the contract list?",
)
def forward_no_z(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"A{i}"] = A
    return A, cache


@misconception(
    reference.mlp_forward,
    "last layer not kept",
    "the cache ends before the last layer",
    "which names does the contract list?",
)
def forward_hidden_only(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        if i < L:
            cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "names one too low",
    "each activation is kept under the number of the layer before",
    "which layer makes A1 out of A0?",
)
def forward_shifted_names(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i - 1}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "bias forgotten",
    "nothing is added to the product",
    "where in your code does b stand?",
)
def forward_no_bias(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "every layer reads X",
    "X is multiplied in each layer, not what the layer before gave",
    "what comes into the second layer?",
)
def forward_features_again(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = X @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "ReLU on the features",
    "X goes through ReLU before the first layer",
    "is X the output of a layer?",
)
def forward_input_relu(X, params):
    L, A, cache = len(params) // 2, np.maximum(X, 0), {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "order of the dict",
    "the parameters are taken in the order in which they stand in the dict",
    "what promises that W1 comes first in the dict?",
)
def forward_by_position(X, params):
    values = list(params.values())
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ values[2 * i - 2] + values[2 * i - 1]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "names sorted as text",
    "the names are sorted, which puts W10 before W2",
    "where does sorted put 'W10'?",
)
def forward_sorted_names(X, params):
    names = sorted(params)
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[names[i - 1]] + params[names[len(names) // 2 + i - 1]]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "always two layers",
    "only W1 and W2 are used, whatever the depth",
    "how many layers has this dict?",
)
def forward_two_layers(X, params):
    L, A, cache = 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "always three layers",
    "W1, W2 and W3 are used, whatever the depth",
    "how many layers has this dict?",
)
def forward_three_layers(X, params):
    L, A, cache = 3, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "cache not returned",
    "only the probabilities are returned",
    "which two things are promised?",
)
def forward_p_only(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A


@misconception(
    reference.mlp_forward,
    "values in another order",
    "the cache is returned first",
    "in which order are P and cache promised?",
)
def forward_cache_first(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return cache, A


@misconception(
    reference.mlp_forward,
    "always float64",
    "X is turned into float64",
    "which type has X, and which should P have?",
)
def forward_float64(X, params):
    X = X.astype(np.float64)
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "X changed in place",
    "the caller's X is scaled on the way",
    "what does X /= … do to the array that was passed in?",
)
def forward_in_place(X, params):
    X /= max(np.abs(X).max(), 1)
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            E = np.exp(Z - Z.max(axis=1, keepdims=True))
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


@misconception(
    reference.mlp_forward,
    "logits shifted in the cache",
    "the softmax subtracts the largest logit from Z where it stands, and the cache keeps that",
    "which numbers should stand in ZL: before or after the shift?",
)
def forward_shifted_logits(X, params):
    L, A, cache = len(params) // 2, X, {"A0": X}
    for i in range(1, L + 1):
        Z = A @ params[f"W{i}"] + params[f"b{i}"]
        if i < L:
            A = np.maximum(Z, 0)
        else:
            Z -= Z.max(axis=1, keepdims=True)
            E = np.exp(Z)
            A = E / E.sum(axis=1, keepdims=True)
        cache[f"Z{i}"], cache[f"A{i}"] = Z, A
    return A, cache


# mlp_backward

_labels = one_hot(np.array([0, 2, 1, 1, 0, 2]), 3)
_at_the_kink = _net(5, 4, 3)
_at_the_kink["b1"][:2] = 0  # with a row of X that is 0, these two hidden units stand at the kink
_soft = _rng.dirichlet(np.ones(3), 6)


def _backward_probe(X, params, Y):
    probe(reference.mlp_backward, reference.mlp_forward(X, params)[1], params, Y)


_backward_probe(_X, _three, _labels)
_backward_probe(_single(_X), _single(_three), _labels)
_backward_probe(_X, _two, _soft)
_backward_probe(_X, _one, _labels)
_backward_probe(_X, _at_the_kink, _soft)
_backward_probe(_X[:2], _upside_down(_three), _labels[:2])


@misconception(
    reference.mlp_backward,
    "1/m forgotten",
    "P − Y is not divided by the number of samples",
    "should the gradient of a mean over the batch double when the batch is doubled?",
)
def backward_not_averaged(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = cache[f"A{L}"] - Y
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "divided twice",
    "dW and db are divided by m, though dZ carries 1/m already",
    "how often does 1/m come into the chain rule?",
)
def backward_twice(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ / len(Y)
        grads[f"b{i}"] = dZ.sum(axis=0) / len(Y)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "1/m in every layer",
    "dZ is divided by m again on its way through each layer",
    "how often does 1/m come into the chain rule?",
)
def backward_each_layer(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0) / A.dtype.type(len(Y))
    return grads


@misconception(
    reference.mlp_backward,
    "divided by the number of classes",
    "P − Y is divided by K instead of m",
    "does shape[0] or shape[1] count the samples?",
)
def backward_by_classes(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / Y.shape[1]
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "wrong sign",
    "Y − P stands for P − Y",
    "does the loss grow or fall when the logit of a wrong class grows?",
)
def backward_sign(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (Y - cache[f"A{L}"]) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "Jacobian once more",
    "P − Y is multiplied by the softmax Jacobian, which it holds already",
    "of what is P − Y the gradient: of the loss by P or by Z?",
)
def backward_jacobian(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    P = cache[f"A{L}"]
    dZ = P * (dZ - (dZ * P).sum(axis=1, keepdims=True))
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "ReLU after the last layer",
    "the gradient is masked where the last Z is not positive",
    "which function follows the last Z?",
)
def backward_relu_last(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y) * (cache[f"Z{L}"] > 0)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "ReLU forgotten",
    "the gradient passes hidden layers as if there were no ReLU",
    "what does ReLU do to a gradient where Z is negative?",
)
def backward_no_mask(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = dZ @ params[f"W{i}"].T
    return grads


@misconception(
    reference.mlp_backward,
    "mask of the wrong layer",
    "the mask is that of the layer whose gradient comes, not of the layer it goes to",
    "which Z went into the ReLU that this gradient passes now?",
)
def backward_next_mask(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "mask of the layer before",
    "the mask is that of what came into the layer it goes to",
    "which Z went into the ReLU that this gradient passes now?",
)
def backward_previous_mask(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"A{max(i - 2, 0)}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "derivative at 0 is 1",
    "entries of Z that are 0 let the gradient pass",
    "what did relu_backward promise where Z is 0?",
)
def backward_at_zero(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] >= 0)
    return grads


@misconception(
    reference.mlp_backward,
    "values for the derivative",
    "the gradient is multiplied by the activations instead of the mask",
    "what is the derivative of ReLU at 3: 3 or 1?",
)
def backward_values(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * cache[f"A{i - 1}"]
    return grads


@misconception(
    reference.mlp_backward,
    "derivative of the sigmoid",
    "the gradient is multiplied by A (1 − A)",
    "which function made the hidden activations?",
)
def backward_sigmoid(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * A * (1 - A)
    return grads


@misconception(
    reference.mlp_backward,
    "sign of the gradient",
    "the gradient decides itself where it passes",
    "what must be positive for the ReLU to be open?",
)
def backward_own_sign(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = np.maximum(dZ @ params[f"W{i}"].T, 0)
    return grads


@misconception(
    reference.mlp_backward,
    "W not transposed",
    "dZ is multiplied by W instead of its transpose",
    "which dimension of W has dZ?",
)
def backward_not_transposed(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"]) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "Z for A",
    "dW is made from the Z before the ReLU instead of the A after it",
    "what was multiplied by W on the way forward?",
)
def backward_z_for_a(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"Z{i - 1}"] if i > 1 else cache["A0"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "every layer from X",
    "each dW is made from X",
    "what was multiplied by W2 on the way forward?",
)
def backward_features_again(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache["A0"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "gradient transposed",
    "dW is dZᵀ A, which has the shape of Wᵀ",
    "which shape has W, and which has your dW?",
)
def backward_transposed(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = dZ.T @ A
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "mean for the bias",
    "db is the mean of the rows of dZ, which carry 1/m already",
    "how many rows did b go into?",
)
def backward_db_mean(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.mean(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "bias with two dimensions",
    "db keeps the dimension it is summed over",
    "which shape has b, and which has your db?",
)
def backward_db_rows(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0, keepdims=True)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "bias summed along the wrong axis",
    "dZ is summed over the classes, to a number for each sample",
    "which shape has b, and which has your db?",
)
def backward_db_axis(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=1)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "cache changed in place",
    "Y is subtracted from P where it stands in the cache",
    "what does a second call find in the cache?",
)
def backward_cache_changed(cache, params, Y):
    L, grads = len(params) // 2, {}
    cache[f"A{L}"] -= Y.astype(cache[f"A{L}"].dtype)
    dZ = cache[f"A{L}"] / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "cache used up",
    "pop takes what it reads out of the cache",
    "what does a second call find in the cache?",
)
def backward_cache_emptied(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache.pop(f"A{L}") - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "cache changed in place",
    "the masks are written over the Z in the cache",
    "what does a second call find in the cache?",
)
def backward_masked_in_cache(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            cache[f"Z{i - 1}"] = cache[f"Z{i - 1}"] > 0
            dZ = (dZ @ params[f"W{i}"].T) * cache[f"Z{i - 1}"]
    return grads


@misconception(
    reference.mlp_backward,
    "other names",
    "the gradients are called dW1, db1, …",
    "under which names will a step look for the gradients?",
)
def backward_other_names(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"dW{i}"] = A.T @ dZ
        grads[f"db{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "biases forgotten",
    "there are gradients for the weights alone",
    "which keys has params?",
)
def backward_no_bias(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "first layer missing",
    "the loop ends before layer 1",
    "which numbers gives range(L, 1, -1)?",
)
def backward_first_missing(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 1, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "always two layers",
    "the last layer is taken to be the second, whatever the depth",
    "how many layers has this dict?",
)
def backward_last_two(cache, params, Y):
    L, grads = 2, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "always three layers",
    "the last layer is taken to be the third, whatever the depth",
    "how many layers has this dict?",
)
def backward_three_layers(cache, params, Y):
    L, grads = 3, {}
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "order of the dict",
    "the weights are taken in the order in which they stand in the dict",
    "what promises that W1 comes first in the dict?",
)
def backward_by_position(cache, params, Y):
    L, grads = len(params) // 2, {}
    values = list(params.values())
    dZ = (cache[f"A{L}"] - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ values[2 * i - 2].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


@misconception(
    reference.mlp_backward,
    "always float64",
    "P − Y is turned into float64",
    "which type have the parameters, and which should the gradients have?",
)
def backward_float64(cache, params, Y):
    L, grads = len(params) // 2, {}
    dZ = (cache[f"A{L}"].astype(np.float64) - Y) / len(Y)
    for i in range(L, 0, -1):
        A = cache[f"A{i - 1}"]
        grads[f"W{i}"] = A.T @ dZ
        grads[f"b{i}"] = dZ.sum(axis=0)
        if i > 1:
            dZ = (dZ @ params[f"W{i}"].T) * (cache[f"Z{i - 1}"] > 0)
    return grads


# momentum_step

_grads = _upside_down({name: _rng.normal(0, 1, value.shape) for name, value in _two.items()})
_velocity = {name: _rng.normal(0, 1, _two[name].shape) for name in ("b2", "W1", "W2", "b1")}
_zero = {name: np.zeros_like(value) for name, value in _two.items()}
probe(reference.momentum_step, _two, _grads, _velocity, 0.1, 0.9)
probe(reference.momentum_step, *map(_single, (_two, _grads, _velocity)), 0.5, 0.25)
probe(reference.momentum_step, _two, _grads, _zero, 0.1, 0.9)
probe(reference.momentum_step, _two, _zero, _velocity, 3.0, 0.5)
probe(reference.momentum_step, _two, _grads, _velocity, 0.1, 0.0)
probe(reference.momentum_step, {"a": _X[0]}, {"a": _X[1]}, {"a": _X[2]}, 0.1, 0.9)


@misconception(
    reference.momentum_step,
    "uphill",
    "the gradient is added to the velocity",
    "where does the loss grow: along its gradient or against it?",
)
def momentum_uphill(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] + learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "velocity with the other sign",
    "the velocity holds βv + ηg and is subtracted from the parameters",
    "which sign has the velocity in v ← βv − ηg?",
)
def momentum_other_sign(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] + learning_rate * grads[name] for name in params}
    new = {name: params[name] - v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "velocity subtracted",
    "the velocity is right, but is subtracted from the parameters",
    "which way does v point: along the step or against it?",
)
def momentum_subtracted(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] - v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "old velocity returned",
    "the parameters move, but the velocity comes back as it was",
    "from what will the next step be made?",
)
def momentum_old_returned(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, {name: velocity[name].copy() for name in velocity}


@misconception(
    reference.momentum_step,
    "old velocity used",
    "the parameters move by the velocity before this gradient",
    "which comes first: v or θ?",
)
def momentum_old_used(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + velocity[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "β forgotten",
    "the whole velocity is kept",
    "how fast is a ball after a hundred steps without friction?",
)
def momentum_no_beta(params, grads, velocity, learning_rate, beta):
    v = {name: velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "velocity forgotten",
    "the velocity is the last step alone",
    "where in your code does the velocity that came in stand?",
)
def momentum_no_memory(params, grads, velocity, learning_rate, beta):
    v = {name: -learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "factor 1 − β",
    "the gradient is weighted with 1 − β, as in a moving average",
    "by how much does a gradient of 1 change a velocity of 0?",
)
def momentum_averaged(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - (1 - beta) * learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "β on the gradient too",
    "the velocity is β (v − ηg)",
    "which part of v ← βv − ηg does β belong to?",
)
def momentum_beta_on_both(params, grads, velocity, learning_rate, beta):
    v = {name: beta * (velocity[name] - learning_rate * grads[name]) for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "Nesterov",
    "the parameters move by βv − ηg with the new v, a step ahead",
    "by what exactly does θ change?",
)
def momentum_nesterov(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + beta * v[name] - learning_rate * grads[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "rate outside the velocity",
    "the velocity is βv − g, and the rate comes in with the step",
    "is η part of v here, or does it multiply v?",
)
def momentum_rate_outside(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - grads[name] for name in params}
    new = {name: params[name] + learning_rate * v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "learning rate forgotten",
    "the velocity takes the whole gradient",
    "where in your code does learning_rate stand?",
)
def momentum_no_rate(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "β and η swapped",
    "the velocity is multiplied by the rate, and the gradient by β",
    "which of the two is near 1?",
)
def momentum_swapped(params, grads, velocity, learning_rate, beta):
    v = {name: learning_rate * velocity[name] - beta * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "changed in place",
    "the caller's own arrays are changed",
    "what do *= and += do to the arrays that were passed in?",
)
def momentum_in_place(params, grads, velocity, learning_rate, beta):
    for name in params:
        velocity[name] *= beta
        velocity[name] -= learning_rate * grads[name]
        params[name] += velocity[name]
    return params, velocity


@misconception(
    reference.momentum_step,
    "caller's dict filled again",
    "new arrays are put into the caller's own dicts",
    "what does velocity[name] = … do to the dict that was passed in?",
)
def momentum_same_dict(params, grads, velocity, learning_rate, beta):
    for name in params:
        velocity[name] = beta * velocity[name] - learning_rate * grads[name]
        params[name] = params[name] + velocity[name]
    return params, velocity


@misconception(
    reference.momentum_step,
    "paired by position",
    "the first parameter takes the first gradient and the first velocity, whatever their names",
    "is the order of the names the same in all three dicts?",
)
def momentum_by_position(params, grads, velocity, learning_rate, beta):
    new, v = {}, {}
    for name, gradient, old in zip(params, grads.values(), velocity.values(), strict=True):
        v[name] = beta * old - learning_rate * gradient
        new[name] = params[name] + v[name]
    return new, v


@misconception(
    reference.momentum_step,
    "weights only",
    "biases are copied, not moved",
    "which names does the loop pass over?",
)
def momentum_weights_only(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] if name.startswith("W") else params[name].copy() for name in params}
    return new, v


@misconception(
    reference.momentum_step,
    "values in another order",
    "the velocity is returned first",
    "in which order are they promised?",
)
def momentum_reversed(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return v, new


@misconception(
    reference.momentum_step,
    "velocity not returned",
    "the parameters come alone",
    "from what will the next step be made?",
)
def momentum_params_only(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - learning_rate * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new


@misconception(
    reference.momentum_step,
    "always float64",
    "the rate is a NumPy float64, which makes float64 of all it meets",
    "which type has np.float64(0.1) times an array of float32?",
)
def momentum_float64(params, grads, velocity, learning_rate, beta):
    v = {name: beta * velocity[name] - np.float64(learning_rate) * grads[name] for name in params}
    new = {name: params[name] + v[name] for name in params}
    return new, v


# train_mlp

_centres = _rng.normal(0, 1, (4, 6))
_y = _rng.permutation(np.arange(26) % 4)
_samples = (_centres[_y] + _rng.normal(0, 0.7, (26, 6))).astype(np.float32)
_identity = np.eye(40)
_types = _rng.integers(0, 5, 40)


def _probe(promise, *args):
    probe(reference.train_mlp, *args, np.random.default_rng(66), promise=promise)


# The form; a history that is true; batches of 5 leave a batch of one.
_probe(promises.mlp_trained, _samples, _y, [6, 8, 4], 0.1, 5, 3)
_probe(promises.mlp_trained, _samples.astype(np.float64), _y.astype(np.uint8), [6, 5, 7, 5, 4], 0.1, 8, 2)
_probe(promises.mlp_trained, _samples, _y, [6, 4], 0.1, 26, 1)
# The start
_probe(promises.mlp_start, _rng.normal(0, 1, (4, 150)).astype(np.float32), _y[:4], [150, 50, 4], 0.0, 4, 1)
# One batch: from the start on, nothing is left to chance.
_probe(promises.mlp_full_batch, _samples, _y, [6, 8, 7, 4], 0.3, 26, 3)
_probe(promises.mlp_full_batch, _samples.astype(np.float64), _y, [6, 8, 4], 0.1, 30, 3)
# Logits in the thousands: probabilities underflow.
_probe(promises.mlp_full_batch, 1e3 * _samples.astype(np.float64), _y, [6, 8, 4], 1e-5, 26, 2)
# What each sample counts: 40 = 33 + 7, and 7 of 40 can be chosen in 18,643,560 ways.
_probe(promises.mlp_each_sample_counts, _identity, _types, [40, 5], 1e-5, 33, 2)
_probe(promises.mlp_each_sample_counts, _identity, _types, [40, 5], 1e-5, 8, 1)
# The generator
_probe(promises.repeatable, _samples, _y, [6, 8, 4], 0.1, 5, 2)
_probe(promises.mlp_follows_rng, _identity, _types, [40, 5], 1e-5, 33, 2)


@misconception(
    reference.train_mlp,
    "gradient summed, not averaged",
    "a step is against the sum of the samples' gradients",
    "what should happen to the step when a batch is doubled?",
)
def train_summed(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = E / E.sum(axis=1, keepdims=True) - Y[batch]
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "short batch divided by batch_size",
    "P − Y is always divided by batch_size",
    "how many samples has the last batch?",
)
def train_by_batch_size(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / batch_size
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "zero start",
    "all weights start at 0, and stay alike within each hidden layer",
    "how do two hidden units come to differ that start alike?",
)
def train_zeros(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.zeros((sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "start differs from he_init",
    "the weights start with the standard deviation 0.01 in every layer",
    "which of your functions makes the first weights?",
)
def train_small(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = 0.01 * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "all positive",
    "the weights start between 0 and √(2 / fan_in), and none is negative",
    "what is the mean of the numbers that you draw?",
)
def train_positive(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.random((sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "ReLU forgotten on the way back",
    "the gradient passes hidden layers as if there were no ReLU",
    "what does ReLU do to a gradient where Z is negative?",
)
def train_no_mask(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = dZ @ params[f"W{i}"].T
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "last layer only",
    "only the last layer's parameters move",
    "which gradients does your step use?",
)
def train_last_layer_only(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in [L]:
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "biases never trained",
    "biases stay at 0",
    "which gradients does your step use?",
)
def train_no_bias(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW = A[i - 1].T @ dZ
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "shuffled once",
    "one order is drawn before the first epoch, and kept",
    "in how many orders do ten epochs see the samples?",
)
def train_shuffled_once(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    order = rng.permutation(len(X))
    for _ in range(epochs):
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "no shuffle",
    "the samples are taken in the order of X, epoch after epoch",
    "what does rng draw once the weights are there?",
)
def train_unshuffled(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = np.arange(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "seed of its own",
    "the orders come from a generator with a fixed seed",
    "what changes when the caller passes another generator?",
)
def train_own_seed(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    other = np.random.default_rng(42)
    for _ in range(epochs):
        order = other.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "last batch dropped",
    "only whole batches are used",
    "what becomes of the samples that are left over?",
)
def train_dropped(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "measured on the last batch",
    "loss and accuracy are those of the last batch",
    "on how many samples should an epoch be measured?",
)
def train_last_batch(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z, t = forward(X[batch])[-1], y[batch]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(t)), t]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == t))
    return params, history


@misconception(
    reference.train_mlp,
    "percentage",
    "the accuracy is multiplied by 100",
    "between which numbers lies a fraction?",
)
def train_percentage(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(100 * np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "stepped too early",
    "each W makes its step before the gradient passes back through it",
    "with which W did the forward pass compute the loss?",
)
def train_stepped_early(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * (A[i - 1].T @ dZ)
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
        Z = forward(X)[-1]
        Z = Z - Z.max(axis=1, keepdims=True)
        history["loss"].append((np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history


@misconception(
    reference.train_mlp,
    "loss out of range",
    "a probability has become 0, or exp(Z) infinite, before the loss takes its logarithm",
    "how does cross_entropy_from_logits avoid both?",
)
def train_log_of_p(X, y, sizes, learning_rate, batch_size, epochs, rng):
    L, Y = len(sizes) - 1, np.eye(sizes[-1], dtype=X.dtype)[y]
    params, history = {}, {"loss": [], "accuracy": []}
    for i in range(1, L + 1):
        W = np.sqrt(2 / sizes[i - 1]) * rng.normal(0, 1, (sizes[i - 1], sizes[i]))
        params[f"W{i}"], params[f"b{i}"] = W.astype(X.dtype), np.zeros(sizes[i], X.dtype)

    def forward(A):
        A = [A]
        for i in range(1, L + 1):
            Z = A[-1] @ params[f"W{i}"] + params[f"b{i}"]
            A.append(np.maximum(Z, 0) if i < L else Z)
        return A

    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            A = forward(X[batch])
            E = np.exp(A[-1] - A[-1].max(axis=1, keepdims=True))
            dZ = (E / E.sum(axis=1, keepdims=True) - Y[batch]) / len(batch)
            for i in range(L, 0, -1):
                dW, db = A[i - 1].T @ dZ, dZ.sum(axis=0)
                dZ = (dZ @ params[f"W{i}"].T) * (A[i - 1] > 0)
                params[f"W{i}"] = params[f"W{i}"] - learning_rate * dW
                params[f"b{i}"] = params[f"b{i}"] - learning_rate * db
        Z = forward(X)[-1]
        E = np.exp(Z - Z.max(axis=1, keepdims=True))
        P = E / E.sum(axis=1, keepdims=True)
        history["loss"].append(-np.log(P[np.arange(len(y)), y]).mean())
        history["accuracy"].append(np.mean(Z.argmax(axis=1) == y))
    return params, history
