"""A cluster of Ray, for the program and for trainings: what can go wrong there, and whether an address answers."""

import os
import socket

from openfer.errors import Refused

SETTINGS = b"\0\0\0\4\0\0\0\0\0"
"""A frame of HTTP/2 by which both sides of a gRPC connection begin; its fourth byte says what it is."""

HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS


class ClusterError(Refused):
    """A cluster does not answer, does not fit, or has nobody left to work."""


def host_and_port(address: str) -> tuple[str, int] | None:
    """Split HOST:PORT, also of IPv6 in square brackets; None where an address is none."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        return None
    return host.strip("[]"), int(port)


def knock(host: str, port: int, seconds: float) -> None:
    """Try the port of a cluster's head, since Ray itself would wait for minutes.

    Args:
        host: name or address.
        port: of the head.
        seconds: in which it must answer.

    Raises:
        OSError: nobody answers there, or what answers is no Ray.
        OverflowError: there is no port of that number.
    """
    with socket.create_connection((host, port), timeout=seconds) as line:
        if os.environ.get("RAY_USE_TLS") == "1":
            return  # it says nothing before certificates are shown
        line.settimeout(seconds)
        line.sendall(HELLO)
        answer = line.recv(len(SETTINGS))
    if answer[3:4] != SETTINGS[3:4]:
        raise OSError(f"what answers there is no Ray: {answer!r}")
