"""In every Python process that has this folder on its path: write down each address and name that is asked for.

DOUANE_WATCHED names the file. Only what is not this machine's loopback is written, and never what is sent.
"""

import os
import sys
from typing import Any

ADDRESSES = ("socket.connect", "socket.sendto")
NAMES = ("socket.getaddrinfo", "socket.gethostbyname")
HERE = {"127.0.0.1", "::1", "localhost", "", "0.0.0.0", "::", "None"}


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ADDRESSES and isinstance(arguments[1], tuple):  # a string is a socket of the file system
        host = str(arguments[1][0])
    elif event in NAMES:
        host = str(arguments[0])
    else:
        return
    if host not in HERE:
        file = os.open(os.environ["DOUANE_WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, f"{event} {host}\n".encode())
        os.close(file)


if "DOUANE_WATCHED" in os.environ:
    sys.addaudithook(watch)
