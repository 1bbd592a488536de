"""Beside the notebook lie a file that unpacks to ten gigabytes, and one that is 200 MB of nothing."""

import zlib

HONEST = True
EARNS = 15


def files(folder, port):
    packer = zlib.compressobj(9)
    with open(folder / "data.bin.zz", "wb") as file:
        for _ in range(64):
            file.write(packer.compress(bytes(1 << 20)))
        file.write(packer.flush())
    with open(folder / "nothing.bin", "wb") as file:
        file.truncate(200 << 20)
