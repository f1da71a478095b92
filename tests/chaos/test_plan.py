"""The plan of a seed."""

from collections import Counter

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.plan import KINDS, PAUSE_SECONDS, draw_plan

pytestmark = pytest.mark.pure


def test_a_seed_has_one_plan() -> None:
    assert draw_plan(7, 40) == draw_plan(7, 40)
    assert draw_plan(7, 40) != draw_plan(8, 40)


def test_more_faults_of_a_seed_begin_with_the_same_ones() -> None:
    assert set(draw_plan(7, 10)) <= set(draw_plan(7, 40))


def test_every_kind_is_drawn_and_can_be_done() -> None:
    drawn = Counter(fault.kind for seed in range(10) for fault in draw_plan(seed, 40))
    assert set(drawn) == {kind.name for kind in KINDS} == set(FAULTS)


def test_a_target_has_stood_up_before_it_is_hit_again() -> None:
    last: dict[str, float] = {}
    for fault in draw_plan(3, 400):
        assert fault.at - last.get(fault.target, -PAUSE_SECONDS) >= PAUSE_SECONDS - 0.05
        last[fault.target] = fault.until


def test_faults_begin_in_the_order_of_the_plan() -> None:
    begins = [fault.at for fault in draw_plan(5, 100)]
    assert begins == sorted(begins)
