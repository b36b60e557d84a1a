"""Runs a command on a network that leads nowhere, and writes down every packet that tried to leave the machine.

`unshare --net python nowhere.py FILE COMMAND …`: a network namespace with loopback, and a default route into a device
that this process reads. So an attempt of any program and any library is seen, its look-up of a name included. FILE gets
one line a packet: where it was to go. The exit code is the command's. Needs root, iproute2 and /dev/net/tun.
"""

import fcntl
import ipaddress
import os
import select
import struct
import subprocess
import sys
import threading
from pathlib import Path

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
ROUTES = (
    "link set lo up",
    "addr add 192.0.2.1/24 dev trap",
    "-6 addr add 2001:db8::1/64 dev trap nodad",
    "link set trap up",
    "route add default dev trap",
    "-6 route add default dev trap",
)


def trap() -> int:
    """A network device whose packets this process reads."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"trap", IFF_TUN | IFF_NO_PI))
    return device


def destination(packet: bytes) -> str | None:
    """Where an IP packet was to go, with its port; None for what the kernel itself sends to its neighbours."""
    if packet[0] >> 4 == 4:
        where, protocol, rest = ipaddress.ip_address(packet[16:20]), packet[9], packet[(packet[0] & 15) * 4 :]
    else:
        where, protocol, rest = ipaddress.ip_address(packet[24:40]), packet[6], packet[40:]
        if where.is_multicast:
            return None
    port = f":{int.from_bytes(rest[2:4], 'big')}" if protocol in (6, 17) else ""
    return f"{where}{port} {protocol}"


def main() -> int:
    file, *command = sys.argv[1:]
    device = trap()
    for words in ROUTES:
        subprocess.run(["ip", *words.split()], check=True)
    over = threading.Event()

    def read() -> None:
        with Path(file).open("a", encoding="utf-8") as seen:
            while not over.is_set():
                if select.select([device], [], [], 0.1)[0]:
                    where = destination(os.read(device, 65_535))
                    if where is not None:
                        seen.write(f"{where}\n")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        return subprocess.run(command, check=False).returncode
    finally:
        over.set()
        reader.join()


if __name__ == "__main__":
    sys.exit(main())
