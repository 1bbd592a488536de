"""Four ways to train the same network, each written the way its users write it.

Every contestant gets float32 images and labels once and may keep them in a form of its own. Its `train` then starts
from the recipe's first weights, runs epochs, and after each epoch computes loss and accuracy on all samples: the same
work for all. From one seed all draw the same weights and, but for scikit-learn, the same order of the samples. Its
`evaluation` gives a function of no arguments that does what `train` does at the end of an epoch, to be timed alone.
"""

import numpy as np
import torch
from sklearn.metrics import accuracy_score, log_loss
from sklearn.neural_network import MLPClassifier
from torch import nn
from torch.nn import functional as F

from shared.reference.backpropagation import train_softmax_classifier
from shared.reference.cross_entropy import cross_entropy_from_logits
from shared.reference.data_preparation import accuracy
from shared.reference.mlp import mlp_forward, train_mlp
from shared.reference.softmax import linear_forward

torch.set_num_threads(1)


class Reference:
    """The model answers of the course, as they stand in ``shared/reference``: NumPy, float32."""

    name = "ours"

    def __init__(self, X, y):
        self.X, self.y = X, y

    def train(self, recipe, epochs, seed):
        """Train, and return the loss and the accuracy after each epoch as a list of pairs."""
        rng = np.random.default_rng(seed)
        rest = (recipe.learning_rate, recipe.batch_size, epochs, rng)
        if len(recipe.layers) == 1:
            _, history = train_softmax_classifier(self.X, self.y, recipe.sizes[-1], *rest)
        else:
            _, history = train_mlp(self.X, self.y, list(recipe.sizes), *rest)
        return list(zip(history["loss"], history["accuracy"], strict=True))

    def evaluation(self, recipe):
        params, depth = recipe.first_weights(np.random.default_rng(0)), len(recipe.layers)

        def evaluate():
            if depth == 1:
                Z = scores = linear_forward(self.X, params["W1"], params["b1"])
            else:
                scores, cache = mlp_forward(self.X, params)
                Z = cache[f"Z{depth}"]
            return cross_entropy_from_logits(Z, self.y), accuracy(self.y, scores)

        return evaluate


class PyTorch:
    """Eager PyTorch: all data in one tensor, no DataLoader, the optimizer and the loss of the library."""

    name = "PyTorch, eager"

    def __init__(self, X, y):
        self.X, self.y = torch.from_numpy(X), torch.from_numpy(y.astype(np.int64))

    def train(self, recipe, epochs, seed):
        """Train, and return the loss and the accuracy after each epoch as a list of pairs."""
        rng = np.random.default_rng(seed)
        model = self.model(recipe, recipe.first_weights(rng))
        optimizer = torch.optim.SGD(model.parameters(), lr=recipe.learning_rate)
        history = []
        for _ in range(epochs):
            order = torch.from_numpy(rng.permutation(len(self.X)))  # as torch.randperm, but everybody's order
            for batch in order.split(recipe.batch_size):
                optimizer.zero_grad()
                F.cross_entropy(model(self.X[batch]), self.y[batch]).backward()
                optimizer.step()
            history.append(self.evaluate(model))
        return history

    @torch.no_grad()
    def evaluate(self, model):
        Z = model(self.X)
        right = Z.argmax(dim=1) == self.y
        return F.cross_entropy(Z, self.y).item(), right.float().mean().item()

    def evaluation(self, recipe):
        model = self.model(recipe, recipe.first_weights(np.random.default_rng(0)))
        return lambda: self.evaluate(model)

    @staticmethod
    def model(recipe, params):
        layers = []
        for number, (fan_in, fan_out) in enumerate(recipe.layers, start=1):
            layer = nn.Linear(fan_in, fan_out)
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(params[f"W{number}"].T))
                layer.bias.copy_(torch.from_numpy(params[f"b{number}"]))
            layers += [layer, nn.ReLU()]
        return nn.Sequential(*layers[:-1])  # the last layer gives logits


class ScikitLearn:
    """MLPClassifier with plain SGD and no penalty; without a hidden layer it is softmax regression."""

    name = "scikit-learn"

    def __init__(self, X, y):
        self.X, self.y = X, y

    def train(self, recipe, epochs, seed):
        """Train, and return the loss and the accuracy after each epoch as a list of pairs."""
        model = self.model(recipe, seed)
        history = []
        for _ in range(epochs):
            model.partial_fit(self.X, self.y)
            history.append(self.evaluate(model))
        return history

    def evaluate(self, model):
        P = model.predict_proba(self.X)
        return log_loss(self.y, P, labels=model.classes_), accuracy_score(self.y, P.argmax(axis=1))

    def evaluation(self, recipe):
        model = self.model(recipe, 0)
        return lambda: self.evaluate(model)

    def model(self, recipe, seed):
        model = MLPClassifier(
            recipe.sizes[1:-1],
            solver="sgd",
            momentum=0,
            alpha=0,
            batch_size=recipe.batch_size,
            learning_rate_init=recipe.learning_rate,
            random_state=seed,
        )
        # The arrays exist only after a first call; without momentum nothing else remains of that call.
        batch = slice(recipe.batch_size)
        model.partial_fit(self.X[batch], self.y[batch], classes=np.arange(recipe.sizes[-1]))
        params = recipe.first_weights(np.random.default_rng(seed))
        for number in range(len(recipe.layers)):
            model.coefs_[number][...] = params[f"W{number + 1}"]
            model.intercepts_[number][...] = params[f"b{number + 1}"]
        return model


class PlainNumPy:
    """What the public notebooks do: float64 by accident, a shuffled copy of all data in each epoch, log(P + ε)."""

    name = "plain NumPy, float64"

    def __init__(self, X, y):
        self.X, self.y, self.Y = X.astype(np.float64), y, np.eye(10)[y]

    def train(self, recipe, epochs, seed):
        """Train, and return the loss and the accuracy after each epoch as a list of pairs."""
        rng = np.random.default_rng(seed)
        params = {name: value.astype(np.float64) for name, value in recipe.first_weights(rng).items()}
        depth = len(recipe.layers)
        history = []
        for _ in range(epochs):
            order = rng.permutation(len(self.X))
            X, Y = self.X[order], self.Y[order]
            for start in range(0, len(X), recipe.batch_size):
                Xb, Yb = X[start : start + recipe.batch_size], Y[start : start + recipe.batch_size]
                A = self.forward(Xb, params, depth)
                dZ = (A[-1] - Yb) / len(Xb)
                for layer in range(depth, 0, -1):
                    W = params[f"W{layer}"]
                    dW, db = np.dot(A[layer - 1].T, dZ), np.sum(dZ, axis=0)
                    if layer > 1:
                        dZ = np.dot(dZ, W.T) * (A[layer - 1] > 0)
                    params[f"W{layer}"] = W - recipe.learning_rate * dW
                    params[f"b{layer}"] = params[f"b{layer}"] - recipe.learning_rate * db
            history.append(self.evaluate(params, depth))
        return history

    def evaluate(self, params, depth):
        P = self.forward(self.X, params, depth)[-1]
        loss = -np.mean(np.sum(self.Y * np.log(P + 1e-9), axis=1))
        return loss, np.mean(np.argmax(P, axis=1) == self.y)

    def evaluation(self, recipe):
        first = recipe.first_weights(np.random.default_rng(0))
        params = {name: value.astype(np.float64) for name, value in first.items()}
        return lambda: self.evaluate(params, len(recipe.layers))

    @staticmethod
    def forward(X, params, depth):
        A = [X]
        for layer in range(1, depth + 1):
            Z = np.dot(A[-1], params[f"W{layer}"]) + params[f"b{layer}"]
            if layer < depth:
                A.append(np.maximum(0, Z))
            else:
                E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
                A.append(E / np.sum(E, axis=1, keepdims=True))
        return A


CONTESTANTS = (Reference, PyTorch, ScikitLearn, PlainNumPy)
