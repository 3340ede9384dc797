"""How much memory a process has had at most."""

import resource
import sys
from pathlib import Path

PROC = Path("/proc/self/status")
"""Where Linux tells it; elsewhere only a process itself can ask."""


def peak(process: int | str = "self") -> int:
    """Return bytes. On Linux getrusage is not asked: a process that was forked starts with the peak of its parent."""
    if not PROC.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
