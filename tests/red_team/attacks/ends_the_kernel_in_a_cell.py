"""A cell ends the kernel; all other answers are right."""

import os

HONEST = True
EARNS = 14
MARK = "stopped"


def predict():
    os._exit(1)
