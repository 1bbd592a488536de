"""A cell and the tested function ask the reader something, and nobody answers."""


def linear_forward():
    name = input("Who are you? ")
    print(name)


def predict():
    def predict(P):
        return [int(input("Which class? ")) for _ in P]
