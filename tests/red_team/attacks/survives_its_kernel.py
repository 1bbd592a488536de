"""A shell that ignores every signal is left behind by a kernel that then ends itself."""

import os
import subprocess

EARNS = 0
MARK = "stopped"


def predict():
    subprocess.Popen("trap '' HUP TERM INT; sleep 600 & wait", shell=True, start_new_session=True)
    os._exit(0)
