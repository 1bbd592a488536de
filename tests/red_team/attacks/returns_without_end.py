"""The result is a generator that never ends."""


def predict():
    def predict(P):
        while True:
            yield 0
