"""From a text that comes in until the advisor's page knows of it, while texts come at an even pace."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from bench import traffic
from bench.figure import Figure, percentile
from bench.installation import PROVIDERS, Failed, Installation, run_load
from bench.size import Size
from helpline.store.tables import InboundEvent

#: Asks for an advisor, so that the contact stands in the queue at once.
WISH = "rådgiver"
TARGET = 250.0


def measure(folder: Path, size: Size, *, databases: dict[str, str | None]) -> Iterator[Figure]:
    """Everything is on: outbox, sweeps, providers that confirm what they deliver, and the load, on this one machine."""
    for name, url in databases.items():
        here = Installation.at(folder / name, url)
        token = here.prepare()
        with here.running(*PROVIDERS), here.service():
            stream = traffic.raw_page(here.port, "/live", token)
            part = traffic.raw_page(here.port, "/queue", token)
            warm = [traffic.raw_text(text, here.port) for text in traffic.same_text(min(50, size.page_texts), WISH)]
            run_load(here.port, warm, connections=32, rate=size.page_rate, stream=stream, part=part)
            texts = traffic.same_text(size.page_texts, WISH)
            requests = [traffic.raw_text(text, here.port) for text in texts]
            seen = run_load(here.port, requests, connections=64, rate=size.page_rate, stream=stream, part=part)
            contacts = asyncio.run(_contacts(here, [text.sid for text in texts]))
        due = {contacts[text.sid]: moment for text, moment in zip(texts, seen.due, strict=True)}
        told, drawn = ([1000 * (moments[contact] - due[contact]) for contact in due if contact in moments]
                       for moments in (seen.told, seen.drawn))  # fmt: skip
        if len(told) < len(due) or len(drawn) < len(due):
            raise Failed(f"The page was told of {len(told)} and drew {len(drawn)} of {len(due)} texts.")
        where = f"at {size.page_rate:g} a second, {name}"
        note = f"{size.page_texts} texts from new senders; everything on, outbox and providers included"
        yield Figure(what=f"Text to event on the advisor's page, p50 {where}", value=percentile(told, 0.5), unit="ms")
        yield Figure(
            what=f"Text to event on the advisor's page, p99 {where}",
            value=percentile(told, 0.99),
            unit="ms",
            target=TARGET,
            note=note,
        )
        yield Figure(what=f"Text to drawn queue, p50 {where}", value=percentile(drawn, 0.5), unit="ms")
        yield Figure(
            what=f"Text to drawn queue, p99 {where}",
            value=percentile(drawn, 0.99),
            unit="ms",
            target=TARGET,
            note="the page fetches its queue anew, one fetch at a time",
        )


async def _contacts(here: Installation, sids: list[str]) -> dict[str, int]:
    database = here.database()
    try:
        async with database.reading() as session:
            rows = await session.execute(
                select(InboundEvent.external_id, InboundEvent.contact_id).where(InboundEvent.external_id.in_(sids))
            )
            return {row.external_id: row.contact_id for row in rows}
    finally:
        await database.close()
