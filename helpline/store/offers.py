"""Offers: a waiting contact held out to one advisor. Two partial unique indexes allow one open offer on each side."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update

from helpline.core.duty import OfferState
from helpline.store.db import ReadSession, WriteSession, within
from helpline.store.tables import Contact, Offer


async def refused_since(session: ReadSession, contact_ids: Collection[int], since: datetime) -> set[tuple[int, int]]:
    """(contact, advisor) pairs passed or missed after `since`."""
    rows = await session.execute(
        select(Offer.contact_id, Offer.advisor_id).where(
            Offer.contact_id.in_(contact_ids),
            Offer.state.in_((OfferState.PASSED, OfferState.MISSED)),
            Offer.ended_at > since,
        )
    )
    return {(row.contact_id, row.advisor_id) for row in rows}


async def make(
    session: WriteSession, *, contact_id: int, advisor_id: int, now: datetime, expires_at: datetime
) -> Offer:
    offer = Offer(
        contact_id=contact_id, advisor_id=advisor_id, state=OfferState.OPEN, made_at=now, expires_at=expires_at
    )
    session.add(offer)
    await session.flush()
    return offer


async def end(
    session: WriteSession, offer_id: int, state: OfferState, *, now: datetime, only_advisor: int | None = None
) -> Offer | None:
    """End an open offer by one conditional UPDATE; None when it is open no more."""
    statement = update(Offer).where(Offer.id == offer_id, Offer.state == OfferState.OPEN)
    if only_advisor is not None:
        statement = statement.where(Offer.advisor_id == only_advisor)
    ended = await session.scalars(
        statement.values(state=state, ended_at=now)
        .returning(Offer)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return ended.one_or_none()


async def refuse(session: WriteSession, *, contact_id: int, advisor_id: int, now: datetime) -> None:
    """Somebody gave a contact away: they are not asked for it again at once."""
    session.add(
        Offer(
            contact_id=contact_id,
            advisor_id=advisor_id,
            state=OfferState.PASSED,
            made_at=now,
            expires_at=now,
            ended_at=now,
        )
    )
    await session.flush()


async def forget_refusals(session: WriteSession, *, contact_id: int, advisor_id: int) -> None:
    """An advisor is asked for a contact anew, whatever they answered before: a colleague hands it to them."""
    await session.execute(
        update(Offer)
        .where(
            Offer.contact_id == contact_id,
            Offer.advisor_id == advisor_id,
            Offer.state.in_((OfferState.PASSED, OfferState.MISSED)),
        )
        .values(state=OfferState.CANCELLED)
        .execution_options(synchronize_session=False)
    )


async def by_id(session: ReadSession, offer_id: int) -> Offer | None:
    return await session.get(Offer, offer_id)


async def open_for_contact(session: ReadSession, contact_id: int) -> Offer | None:
    return (
        await session.scalars(select(Offer).where(Offer.contact_id == contact_id, Offer.state == OfferState.OPEN))
    ).one_or_none()


async def open_for_advisor(session: ReadSession, advisor_id: int) -> Offer | None:
    return (
        await session.scalars(select(Offer).where(Offer.advisor_id == advisor_id, within("offer_open_advisor")))
    ).one_or_none()


async def expired(session: WriteSession, *, now: datetime) -> Sequence[Offer]:
    """Open offers whose time is up, their contacts locked; one that somebody acts on right now is passed over."""
    return (
        await session.scalars(
            select(Offer)
            .join(Contact, Contact.id == Offer.contact_id)
            .where(Offer.id.in_(select(Offer.id).where(within("offer_open_advisor"), Offer.expires_at <= now)))
            .order_by(Offer.id)
            .with_for_update(of=Contact, key_share=True, skip_locked=True)
        )
    ).all()


async def missed_after_all(session: WriteSession, contact_id: int, advisor_id: int, *, now: datetime) -> None:
    """An accepted offer whose advisor never came to the telephone counts as missed."""
    await session.execute(
        update(Offer)
        .where(Offer.contact_id == contact_id, Offer.advisor_id == advisor_id, Offer.state == OfferState.ACCEPTED)
        .values(state=OfferState.MISSED, ended_at=now)
        .execution_options(synchronize_session=False)
    )
