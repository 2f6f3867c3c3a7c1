"""The JSON interface: queue, contacts, counters, advisors' duty, and records for managers; with a bearer token."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.openapi.utils import get_openapi
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from helpline.core.contact import ContactState
from helpline.core.counter_list import ANSWER_WITHIN
from helpline.core.duty import Role
from helpline.core.hours import wall_clock
from helpline.core.record import to_row
from helpline.desk import counters, record_files, tokens
from helpline.desk.narrowing import read_where
from helpline.errors import HelplineError, NotAllowed
from helpline.store import access, advisors, contacts, listing, records
from helpline.store.db import one_moment
from helpline.store.tables import ApiToken
from helpline.web import wired
from helpline.web.api_answers import (
    AdvisorDuty,
    Advisors,
    ContactFacts,
    Contacts,
    Counters,
    Error,
    Queue,
    Records,
    Waiting,
)

_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Error, "description": "Something in the request cannot be used; the sentence says what."},
    401: {"model": Error, "description": "No token, or one that is not in use."},
    403: {"model": Error, "description": "The token's role does not reach this far."},
    503: {"model": Error, "description": "The database is away; try again."},
}
router = APIRouter(prefix="/api/v1", tags=["v1"])
_bearer = HTTPBearer(auto_error=False)

Limit = Annotated[int, Query(ge=1, le=1000)]
#: Ids are 64 bits in the database.
Id = Annotated[int, Query(ge=0, lt=2**63)]
#: What a record's id may be.
NAME = "^[A-Za-z0-9][A-Za-z0-9_+.:/-]{0,63}$"


class NoToken(HelplineError):
    """No bearer token, or one that opens nothing."""

    status = 401


def token_for(role: Role) -> Callable[..., Awaitable[ApiToken]]:
    """A dependency: the bearer token of the request, when its role reaches `role`."""

    async def shown(
        request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> ApiToken:
        if given is None:
            raise NoToken("Send a token: Authorization: Bearer …")
        async with wired.database(request).reading() as session:
            found = await tokens.find(session, given.credentials)
        if found is None:
            raise NoToken("The token is not known, or it was withdrawn.")
        if not found.role.reaches(role):
            raise NotAllowed(f"This takes a token with the role {role.value}.")
        return found

    return shown


Reader = Annotated[ApiToken, Depends(token_for(Role.ADVISOR))]
RecordReader = Annotated[ApiToken, Depends(token_for(Role.MANAGER))]


@router.get("/queue", responses=_RESPONSES)
async def queue(request: Request, token: Reader) -> Queue:
    """Who waits now, in the order in which they are answered."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        length = await contacts.queue_length(session)
        found = [contact for contact in await contacts.queue(session) if contact.waiting_since is not None]
    waiting = [
        Waiting(
            id=contact.id,
            place=place,
            channel=contact.channel,
            wish=contact.wish,
            urgency=contact.urgency,
            language=contact.language,
            waiting_since=contact.waiting_since,
            waited_seconds=max(0, int((now - contact.waiting_since).total_seconds())),
        )
        for place, contact in enumerate(found, start=1)
        if contact.waiting_since is not None
    ]
    longest = max((one.waited_seconds for one in waiting), default=0)
    return Queue(at=now, length=length, longest_wait_seconds=longest, waiting=waiting)


@router.get("/contacts", responses=_RESPONSES)
async def contacts_page(
    request: Request,
    token: Reader,
    state: ContactState | None = None,
    before: Id | None = None,
    limit: Limit = 100,
) -> Contacts:
    """Contacts in codes and times, the newest first."""
    async with wired.database(request).reading() as session:
        found = await listing.contacts(session, state=state, before=before, limit=limit)
    following = found[-1].id if len(found) == limit else None
    return Contacts(contacts=[ContactFacts.of(contact) for contact in found], next=following)


@router.get("/advisors", responses=_RESPONSES)
async def duty(request: Request, token: Reader) -> Advisors:
    """Active advisors and their duty now."""
    async with wired.database(request).reading() as session:
        everyone = await advisors.everyone(session)
    return Advisors(advisors=[AdvisorDuty.of(advisor) for advisor in everyone if advisor.active])


@router.get("/counters", responses=_RESPONSES)
async def counters_of(
    request: Request,
    token: Reader,
    first: date | None = None,
    last: date | None = None,
    by: Annotated[
        str | None,
        Query(description="day, week, month, term, year or a dimension such as topic; two crossed as month,topic"),
    ] = None,
    where: Annotated[
        list[str] | None, Query(description="channel=phone; once for each dimension; empty is not asked", max_length=8)
    ] = None,
    answer_within: Annotated[int, Query(ge=0, le=86_400)] = ANSWER_WITHIN,
) -> Counters:
    """Every counter of a period with its definition; without days from the first record to today."""
    house = wired.house(request)
    _check_years(first, last)
    chosen = read_where(where or [])
    async with wired.database(request).reading() as session:
        await one_moment(session)
        found = await counters.figures(
            session,
            house=house,
            first=first,
            last=last,
            now=wired.clock(request).now(),
            include_simulated=house.practice,
            by=by or None,
            where=chosen,
            answer_within=answer_within,
        )
    return Counters(**counters.document(found))


@router.get("/records", responses=_RESPONSES)
async def records_page(
    request: Request,
    token: RecordReader,
    first: date,
    last: date,
    after: Annotated[str | None, Query(pattern=NAME)] = None,
    limit: Limit = 100,
) -> Records:
    """Records opened on the days from `first` to `last`, in order. Takes a manager's token; the access is logged."""
    zone = wired.house(request).zone
    _check_years(first, last)
    if last < first:
        raise HelplineError("The period ends before it starts.")
    async with wired.database(request).writing() as session:
        found = await records.page(
            session,
            starts_at=_midnight(first, zone),
            ends_at=_midnight(last + timedelta(days=1), zone),
            after=after,
            limit=limit,
        )
        reason = f"API {token.name}: records {first}–{last}"
        await access.log(session, now=wired.clock(request).now(), action="exported", advisor_id=None, reason=reason)
    following = found[-1].record_id if len(found) == limit else None
    return Records(records=[record_files.as_json(to_row(record)) for record in found], next=following)


@router.get("/openapi.json", include_in_schema=False)
async def openapi() -> Mapping[str, Any]:
    """What there is to ask, for machines. Takes no token."""
    return _document()


@cache
def _document() -> dict[str, Any]:
    found = get_openapi(title="Helpline", version="1", routes=router.routes)
    # Whatever is malformed is answered with 400 here, in the same shape as every other error.
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
    for schema in ("HTTPValidationError", "ValidationError"):
        found["components"]["schemas"].pop(schema, None)
    return found


def _check_years(*days: date | None) -> None:
    for day in days:
        if day is not None and not 1900 <= day.year <= 2200:
            raise HelplineError(f"There are no records of the year {day.year}.")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return wall_clock(day, time(0), zone)
