"""Our gradients, derived on paper, against those that PyTorch finds by itself: `make bench`, which installs it."""

import numpy as np
import pytest
import torch

from shared.reference.backpropagation import (
    cross_entropy_backward,
    linear_backward,
    softmax_cross_entropy_backward,
)
from shared.reference.data_preparation import one_hot
from shared.reference.mlp import he_init, mlp_backward, mlp_forward
from shared.reference.softmax import linear_forward, softmax
from shared.reference.softmax_jacobian import batch_softmax_jacobian, softmax_jacobian, softmax_vjp

# m, d and K, all different but for the last: a batch of the course's own size
SIZES = [(1, 3, 2), (5, 4, 3), (7, 2, 11), (256, 784, 10)]


def arrays(m, d, K):
    """A batch, its one-hot labels, weights and bias, all float64."""
    rng = np.random.default_rng([m, d, K])
    Y = one_hot(rng.integers(0, K, m), K).astype(np.float64)
    return rng.random((m, d)), Y, rng.normal(0, 0.5, (d, K)), rng.normal(0, 0.5, K)


def tracked(array):
    """The same numbers as a tensor whose gradient PyTorch keeps."""
    return torch.tensor(array, requires_grad=True)


def assert_equal(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("K", [2, 3, 10, 50])
def test_jacobian(K):
    z = np.random.default_rng(K).normal(0, 2, K)
    theirs = torch.autograd.functional.jacobian(lambda logits: torch.softmax(logits, 0), torch.tensor(z))
    p = softmax(z[np.newaxis])[0]
    assert_equal(softmax_jacobian(p), theirs)
    assert_equal(batch_softmax_jacobian(p[np.newaxis])[0], theirs)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_vector_jacobian_product(sizes):
    X, Y, W, b = arrays(*sizes)
    Z = tracked(linear_forward(X, W, b))
    dP = np.random.default_rng(0).normal(0, 1, Y.shape)
    torch.softmax(Z, 1).backward(torch.tensor(dP))
    assert_equal(softmax_vjp(softmax(Z.detach().numpy()), dP), Z.grad)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_gradient_with_respect_to_probabilities(sizes):
    X, Y, W, b = arrays(*sizes)
    P = tracked(softmax(linear_forward(X, W, b)))
    (-(torch.tensor(Y) * torch.log(P)).sum() / len(X)).backward()
    assert_equal(cross_entropy_backward(P.detach().numpy(), Y), P.grad)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_gradients_of_a_classifier(sizes):
    X, Y, W, b = arrays(*sizes)
    inputs = {name: tracked(array) for name, array in {"X": X, "W": W, "b": b}.items()}
    Z = inputs["X"] @ inputs["W"] + inputs["b"]
    Z.retain_grad()
    torch.nn.functional.cross_entropy(Z, torch.tensor(Y.argmax(axis=1))).backward()
    dZ = softmax_cross_entropy_backward(Z.detach().numpy(), Y)
    assert_equal(dZ, Z.grad)
    for ours, name in zip(linear_backward(X, W, dZ), inputs, strict=True):
        assert_equal(ours, inputs[name].grad)


@pytest.mark.parametrize("sizes", [(4, 3), (4, 7, 3), (784, 128, 64, 10)], ids=str)
def test_gradients_of_a_network(sizes):
    X, Y, _, _ = arrays(6, sizes[0], sizes[-1])
    params = {name: array.astype(np.float64) for name, array in he_init(sizes, np.random.default_rng(0)).items()}
    inputs = {name: tracked(array) for name, array in params.items()}
    A = torch.tensor(X)
    for layer in range(1, len(sizes)):
        A = torch.relu(A) if layer > 1 else A
        A = A @ inputs[f"W{layer}"] + inputs[f"b{layer}"]
    torch.nn.functional.cross_entropy(A, torch.tensor(Y.argmax(axis=1))).backward()
    _, cache = mlp_forward(X, params)
    for name, ours in mlp_backward(cache, params, Y).items():
        assert_equal(ours, inputs[name].grad)
