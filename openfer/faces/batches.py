"""Pictures that are judged together: as many as go well through a network, and as memory bears."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

MOST_BYTES = 100_000_000
"""Memory of the pictures that are read before those that are there are judged."""

Thing = TypeVar("Thing")


def batches(things: Iterable[Thing], most: int, size: Callable[[Thing], int]) -> Iterator[list[Thing]]:
    """Yield things in lists, in their order; none is taken before it is needed.

    Args:
        things: such as pictures that were read.
        most: of them in a list.
        size: bytes that one takes; the one with which a list reaches `MOST_BYTES` is its last.
    """
    batch, taken = [], 0
    for thing in things:
        batch.append(thing)
        taken += size(thing)
        if len(batch) == most or taken >= MOST_BYTES:
            yield batch
            batch, taken = [], 0
    if batch:
        yield batch
