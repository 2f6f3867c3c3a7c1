"""Publish, once a week, what everyone may see: tables that are written down as they are shown, and never changed.

A week ends on Sunday and is published on Monday. Records that came late, and corrections, are in the next publication,
by the same rule as everything else.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from helpline.core.public_tables import VERSION, median_wait, public_tables
from helpline.core.suppression import Published, renewed
from helpline.core.tally import Cut, Tally
from helpline.desk import counters
from helpline.desk.house import House
from helpline.store import publications
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Publication


async def publish_due(session: WriteSession, *, house: House, now: datetime) -> list[Publication]:
    """Sweep: publish what is due and not published yet. Weeks that passed meanwhile are not made up for: their contacts
    are in this one."""
    simulated = house.practice
    today = now.astimezone(house.zone).date()
    sunday = today - timedelta(days=today.weekday() + 1)
    done = []
    for year, through in _due(sunday):
        if await publications.is_there(session, year=year, simulated=simulated, week=sunday):
            continue
        late = year < sunday.year and sunday.month > 1
        if late and await publications.is_there(session, year=year, simulated=simulated):
            continue
        row = await _of(session, house, year, through)
        if row is not None:
            row.week, row.published_at = sunday, now
            await publications.add(session, row)
            done.append(row)
    return done


async def live_total(session: ReadSession, *, house: House, now: datetime) -> int:
    """All contacts of the year so far, this minute's among them."""
    today = now.astimezone(house.zone).date()
    return (await _count(session, house, today.year, today, cuts=[])).count("contacts")


def _due(sunday: date) -> Iterator[tuple[int, date]]:
    """The year of the Sunday, and the year before: every week of January, for what was entered late; once if nothing
    was ever published of it."""
    yield sunday.year - 1, date(sunday.year - 1, 12, 31)
    yield sunday.year, sunday


async def _of(session: WriteSession, house: House, year: int, through: date) -> Publication | None:
    """The publication of a year's contacts through a day; None when there are none."""
    cuts = {table.cut for table in public_tables().values()}
    tally = await _count(session, house, year, through, cuts=cuts)
    contacts = tally.count("contacts")
    if not contacts:
        return None
    simulated = house.practice
    earlier = await publications.all_of(session, simulated=simulated, year=year)
    tables: dict[str, Any] = dict(earlier[-1].tables) if earlier else {}
    for name, table in public_tables().items():
        before = [_published(row.tables[name]) for row in earlier if _renewed_in(row, name)]
        new = renewed(table.counts(tally), contacts=contacts, before=before, several=table.several)
        if new is not None:
            tables[name] = {
                "through": through.isoformat(),
                "contacts": new.contacts,
                "cells": dict(new.cells),
                "carriers": new.carriers,
            }
        elif name in tables:
            tables[name] = tables[name] | {"stands": True}
    return Publication(
        year=year,
        through=through,
        simulated=simulated,
        version=VERSION,
        contacts=contacts,
        median_wait=median_wait(tally),
        tables=tables,
    )


def _renewed_in(row: Publication, name: str) -> bool:
    return name in row.tables and "stands" not in row.tables[name]


def _published(table: dict[str, Any]) -> Published:
    return Published(contacts=table["contacts"], cells=table["cells"], carriers=table["carriers"])


async def _count(session: ReadSession, house: House, year: int, through: date, *, cuts: Iterable[Cut]) -> Tally:
    counted = await counters.count(
        session,
        house=house,
        first=date(year, 1, 1),
        last=through,
        include_simulated=house.practice,
        cuts=cuts,
        step="year",
    )
    return counted.whole
