"""Beside the notebook lies a named pipe; whoever copies it waits for ever."""

import os


def files(folder, port):
    os.mkfifo(folder / "pipe")
