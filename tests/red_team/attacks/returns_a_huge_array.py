"""The result is an array of half a gigabyte."""

import numpy as np


def predict():
    def predict(P):
        return np.zeros((64_000_000,), int)
