"""What is judged together: so many pictures, or so much memory, whichever comes first, and nothing read ahead."""

import itertools

from openfer.faces.batches import MOST_BYTES, batches


def test_a_batch_is_full_by_number_or_by_memory_and_the_last_one_holds_the_rest():
    sizes = [1, 1, 1, MOST_BYTES, 1, 1, MOST_BYTES // 2, MOST_BYTES, 5]
    assert list(batches(sizes, 3, lambda size: size)) == [
        [1, 1, 1], [MOST_BYTES], [1, 1, MOST_BYTES // 2], [MOST_BYTES], [5]
    ]  # fmt: skip
    assert list(batches([], 3, lambda size: size)) == []


def test_nothing_is_taken_before_it_is_needed():
    endless = itertools.count()
    taken = batches(endless, 2, lambda _: 0)
    assert next(taken) == [0, 1]
    assert next(endless) == 2
