"""What the processor of this machine can do."""

from pathlib import Path

PROCESSORS = Path("/proc/cpuinfo")
"""Where Linux names the instructions of a processor; other systems have no such file."""

LISTS = ("flags", "Features")
"""How the line begins that lists them: on x86, on ARM."""


def instructions() -> set[str]:
    """Return the names of the processor's instruction sets as Linux lists them; empty on other systems."""
    if not PROCESSORS.is_file():
        return set()
    lines = PROCESSORS.read_text(encoding="utf-8").splitlines()
    return next((set(line.partition(":")[2].split()) for line in lines if line.startswith(LISTS)), set())
