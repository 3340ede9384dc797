"""Servers that tests start."""

import urllib.request


def answers(url: str) -> bool:
    """Tell whether a server answers there already."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False
