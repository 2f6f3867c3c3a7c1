"""The live board: who waits, who is on duty and how today goes, in figures that are read from across a room.

It shows numbers only, nobody's words or name, so that it may hang on a wall. It follows the stream that every page of
the console follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from helpline.core.codes import Channel, Urgency
from helpline.core.contact import ContactState
from helpline.core.counter_list import COUNTERS
from helpline.core.counters import read
from helpline.core.duty import Duty, Role
from helpline.desk import counters
from helpline.store import board
from helpline.store.board import Waiting
from helpline.store.db import one_moment
from helpline.web import wired
from helpline.web.console import opening_part
from helpline.web.guard import Signed, signed_in
from helpline.web.pages import is_fragment, page
from helpline.web.records_behind import FEWEST, address
from helpline.web.recounted import differing
from helpline.web.reports import today_of
from helpline.web.reports_numbers import figure
from helpline.web.reports_view import title
from helpline.web.words import page_language

router = APIRouter()

#: In the order of the board; who is off duty is not counted.
_DUTIES = (Duty.ON, Duty.BUSY, Duty.WRAP_UP, Duty.PAUSE)
_TODAY = ("contacts", "answer_rate", "wait_median", "wait_p90", "not_answered")


@dataclass(frozen=True, kw_only=True)
class Line:
    """Those of one urgency: how many on each channel, and since when the first waits."""

    urgency: Urgency
    by_channel: tuple[int, ...]
    since: datetime | None

    @property
    def number(self) -> int:
        return sum(self.by_channel)


@router.get("/board")
async def show_board(request: Request, signed: Annotated[Signed, Depends(signed_in)]) -> Response:
    """The board; for htmx its figures alone."""
    house, now, today = wired.house(request), wired.clock(request).now(), today_of(request)
    language = page_language(signed.advisor.language)
    async with wired.database(request).reading() as session:
        await one_moment(session)
        counted = await counters.count(session, house=house, first=today, last=today, include_simulated=house.practice)
        standing = await board.counts(session, now=now)
        found = await board.waiting(session)
        open_now = await opening_part(session, signed, house=house, now=now)
        recounted = await differing(session, signed)
    figures = [read(name, counted.whole) for name in _TODAY]
    fewest = 1 if signed.may(Role.MANAGER) else FEWEST
    return page(
        request,
        "board_part.html" if is_fragment(request) else "board.html",
        signed=signed,
        lines=lines(found),
        channels=tuple(Channel),
        waiting=sum(one.number for one in found),
        first_in=min((one.since for one in found), default=None),
        duties=[(duty.value, standing.advisors.get(duty, 0)) for duty in _DUTIES],
        in_conversation=standing.contacts.get(ContactState.ACTIVE, 0),
        figures=[
            (
                title(COUNTERS[name], language),
                figure(one, language),
                one.part,
                one.whole,
                address(name, first=today, last=today) if (one.whole or one.value or 0) >= fewest else None,
            )
            for name, one in zip(_TODAY, figures, strict=True)
        ],
        simulated=house.practice,
        recounted=recounted,
        **open_now,
    )


def lines(found: Sequence[Waiting]) -> tuple[Line, ...]:
    """Every urgency in order, also those in which nobody waits."""
    return tuple(
        Line(
            urgency=urgency,
            by_channel=tuple(
                sum(one.number for one in found if (one.urgency, one.channel) == (urgency, channel))
                for channel in Channel
            ),
            since=min((one.since for one in found if one.urgency is urgency), default=None),
        )
        for urgency in Urgency
    )
