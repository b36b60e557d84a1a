"""Any bytes at all: no decoder, reader or import crashes, hangs or takes memory at will.

A short run with the same inputs each time. `make fuzz TARGET=… RUNS=…` is the long one; what it found stands among
the seeds as `found-…`, and is run here first.
"""

import time

import pytest
from mutating import Mutator
from targets import SEEDS, TARGETS, Target

SEED = 5


@pytest.mark.promise("any-bytes")
@pytest.mark.parametrize("target", TARGETS.values(), ids=list(TARGETS))
def test_nothing_is_raised_and_no_input_takes_long(target: Target) -> None:
    mutator = Mutator(target.corpus(), target.words, SEED)
    for number in range(-len(mutator.corpus), target.short):
        data = mutator.corpus[number] if number < 0 else mutator.next()
        begun = time.thread_time()
        try:
            target.run(data)
        except Exception as error:
            error.add_note(f"input {number}: {data!r}")
            raise
        assert time.thread_time() - begun < target.seconds, f"input {number} takes long: {data!r}"


def test_every_target_has_seeds_and_every_seed_a_target() -> None:
    assert {folder.name for folder in SEEDS.iterdir()} == set(TARGETS)
    assert all(len(target.corpus()) >= 2 for target in TARGETS.values())


def test_the_same_seed_gives_the_same_inputs() -> None:
    def some(seed: int) -> list[bytes]:
        mutator = Mutator([b"one", b"two"], [b"word"], seed)
        return [mutator.next() for _ in range(200)]

    assert some(1) == some(1)
    assert some(1) != some(2)
    assert len(set(some(1))) > 150
