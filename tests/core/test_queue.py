"""The order of the queue: who is offered what, and the place that is said."""

from datetime import UTC, datetime, timedelta

import pytest

from helpline.core.codes import Urgency
from helpline.core.queue import Free, Waiting, announced, match

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GREEN, YELLOW, RED = Urgency.GREEN, Urgency.YELLOW, Urgency.RED


def waiting(
    number: int, urgency: Urgency = GREEN, *, minute: int = 0, kept: int | None = None, by_phone: bool = False
) -> Waiting:
    return Waiting(
        contact_id=number,
        urgency=urgency,
        waiting_since=NOON + timedelta(minutes=minute),
        reserved_for=kept,
        needs_phone=by_phone,
    )


def free(number: int, *, minute: int = 0, has_phone: bool = True) -> Free:
    return Free(advisor_id=number, since=NOON + timedelta(minutes=minute), has_phone=has_phone)


@pytest.mark.parametrize(
    ("who_waits", "who_is_free", "refused", "pairs"),
    [
        ([], [free(1)], set(), []),
        ([waiting(10)], [], set(), []),
        ([waiting(10, minute=1), waiting(11)], [free(1)], set(), [(11, 1)]),
        ([waiting(10), waiting(11, YELLOW, minute=1), waiting(12, RED, minute=2)], [free(1), free(2)], set(),
         [(12, 1), (11, 2)]),
        ([waiting(10)], [free(1, minute=1), free(2)], set(), [(10, 2)]),
        ([waiting(10)], [free(1), free(2)], {(10, 1)}, [(10, 2)]),
        ([waiting(10), waiting(11)], [free(1)], {(10, 1)}, [(11, 1)]),
        ([waiting(10, by_phone=True), waiting(11)], [free(1, has_phone=False)], set(), [(11, 1)]),
        # Handed over: to the colleague, and to nobody else while they are busy.
        ([waiting(10, kept=2)], [free(1), free(2)], set(), [(10, 2)]),
        ([waiting(10, kept=2)], [free(1)], set(), []),
        ([waiting(10, kept=2), waiting(11, minute=1)], [free(1)], set(), [(11, 1)]),
        # One who refused it keeps no claim on it.
        ([waiting(10, kept=2)], [free(1), free(2)], {(10, 2)}, [(10, 1)]),
        ([waiting(10, kept=2)], [free(1)], {(10, 2)}, [(10, 1)]),
        # Red waits for nobody, but a colleague who is free comes first.
        ([waiting(10, RED, kept=2)], [free(1)], set(), [(10, 1)]),
        ([waiting(10, RED, kept=2)], [free(1), free(2)], set(), [(10, 2)]),
        ([waiting(10, RED, kept=2), waiting(11, RED, minute=1, kept=2)], [free(1), free(2)], set(),
         [(10, 2), (11, 1)]),
        ([waiting(10, RED, kept=2, by_phone=True)], [free(1), free(2, has_phone=False)], set(), [(10, 1)]),
        # One for whom something is kept gets another only where nobody else can take that.
        ([waiting(10), waiting(11, minute=1, kept=1)], [free(1), free(2, minute=1)], set(), [(10, 2), (11, 1)]),
        ([waiting(10), waiting(11, minute=1, kept=1)], [free(1)], set(), [(10, 1)]),
        ([waiting(10), waiting(11, minute=1, kept=1)], [free(1), free(2, minute=1)], {(10, 2)}, [(10, 1)]),
    ],
)  # fmt: skip
def test_who_is_offered_what(
    who_waits: list[Waiting], who_is_free: list[Free], refused: set[tuple[int, int]], pairs: list[tuple[int, int]]
) -> None:
    assert match(who_waits, who_is_free, refused) == pairs


@pytest.mark.parametrize(("place", "before", "said"), [(3, None, 3), (3, 2, 2), (2, 3, 2), (0, None, 1), (5, 5, 5)])
def test_the_place_that_is_said_never_becomes_worse(place: int, before: int | None, said: int) -> None:
    assert announced(place, before) == said
