"""The notebook is a link to a device that never ends, and a pipe that nobody writes lies beside it."""

import os

MARK = "no notebook"


def files(folder, port):
    (folder / "softmax.ipynb").unlink()
    (folder / "softmax.ipynb").symlink_to("/dev/zero")
