"""A cell and the tested function stop at a breakpoint, at which the debugger waits for a command."""


def linear_forward():
    breakpoint()


def predict():
    def predict(P):
        breakpoint()
        return P
