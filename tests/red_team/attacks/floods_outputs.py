"""A cell prints without end."""


def predict():
    for _ in range(5_000):
        print("flood " * 20_000, flush=True)
