"""The clock that tests move."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from helpline.simulator.clock import ManualClock, SystemClock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_sleepers_wake_in_order_and_may_sleep_again() -> None:
    clock, woken = ManualClock(START), list[tuple[str, float]]()

    async def sleeper(name: str, *spans: float) -> None:
        for span in spans:
            await clock.sleep(span)
            woken.append((name, (clock.now() - START).total_seconds()))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("a", 5, 5))
        group.create_task(sleeper("b", 3, 3))
        group.create_task(sleeper("c", 0))
        await clock.advance(9)
        assert woken == [("c", 0), ("b", 3), ("a", 5), ("b", 6)]
        assert clock.now() == START + timedelta(seconds=9)
        await clock.advance(1)
    assert woken[-1] == ("a", 10)


def test_a_clock_needs_its_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 3, 1))  # noqa: DTZ001  # the wrong value is what is tested


async def test_the_real_clock_is_aware_and_runs() -> None:
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    assert clock.now() >= before
    assert before.tzinfo is UTC
