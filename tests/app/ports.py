"""Ports for services in processes of their own."""

import socket

_kept: list[socket.socket] = []


def kept_port() -> int:
    """Return a port that nobody else is given as long as this process lives.

    Who only looks for a free port and lets it go again may get one that another test's service takes first, and then
    asks that service. A socket that doesn't listen does not hinder one that sets ``SO_REUSEADDR`` too, as servers do.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    _kept.append(kept)
    port: int = kept.getsockname()[1]
    return port
