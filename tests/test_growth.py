"""What the tests call linear time: quadratic work is found out, and what happens beside it is no part of it."""

import gc
import time

import pytest
from growth import is_linear, without_collections


def linear(size: int) -> int:
    return sum(at % 7 for at in range(size))


def quadratic(size: int) -> int:
    return linear(size * size // 1_000)


def test_linear_work_is_linear() -> None:
    assert is_linear(linear, 5_000, 50_000, 10)


def test_quadratic_work_is_not() -> None:
    assert not is_linear(quadratic, 1_000, 10_000, 10)


def test_what_makes_one_measurement_long_is_forgiven() -> None:
    hindered = iter([False, True, False, False, False, True])

    def work(size: int) -> None:
        linear(size * (100 if next(hindered, False) else 1))

    assert is_linear(work, 5_000, 50_000, 10)


def test_waiting_is_not_work() -> None:
    def work(size: int) -> None:
        linear(size)
        if size > 1_000:
            time.sleep(0.1)  # what others take of the processor

    assert is_linear(work, 1_000, 10_000, 10)


def test_too_small_a_step_to_tell_is_refused() -> None:
    with pytest.raises(AssertionError, match="would pass"):
        is_linear(linear, 10, 20, 2)


def test_no_garbage_is_collected_meanwhile_and_it_is_afterwards() -> None:
    with without_collections():
        assert not gc.isenabled()
        with without_collections():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
