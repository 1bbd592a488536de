"""Empty files are made, which take no room but names."""


def predict():
    for number in range(200_000):
        open(f"flood-{number}", "w").close()
