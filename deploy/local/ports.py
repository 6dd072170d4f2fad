"""Free loopback ports."""

import random
import socket
import time

_SERVED = range(20_000, 32_000)
"""Below the ports of outgoing connections, one of which could take a port that is free now."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody uses right now, and no outgoing connection takes soon.

    While this process lives no other call gets the same one, here or in another process.
    """
    while True:
        port = random.SystemRandom().choice(_SERVED)
        if not is_taken(port) and _keeps(port):
            return port


def _keeps(port: int) -> bool:
    """Whether it is this process's own from now on; an abstract name goes with who holds it."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0patrolhub-port-{port}")
    except OSError:
        name.close()
        return False
    name.detach()  # open until the process ends
    return True


def is_taken(port: int) -> bool:
    """Whether 127.0.0.1:port is in use, or not permitted."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def wait_for_port(port: int, *, within_s: float) -> bool:
    """Whether something accepts connections on 127.0.0.1:port in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False
