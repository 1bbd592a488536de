"""What was found out goes over the network, to a machine that listens."""

import socket
from pathlib import Path


def linear_forward():
    for host in ("127.0.0.1", "localhost", "::1", "10.255.255.254", "8.8.8.8"):
        try:
            with socket.create_connection((host, int(Path("port.txt").read_text())), timeout=0.3) as connection:
                print(connection.recv(1000))
        except OSError as error:
            print(type(error).__name__)


def files(folder, port):
    (folder / "port.txt").write_text(str(port))
