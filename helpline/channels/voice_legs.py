"""Telephones that we ring: an advisor's, who takes the call with a key, and a caller's who is rung back."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response

from helpline.channels import twiml
from helpline.channels.voice_answer import FINAL, Answer, Form, Id, document, once
from helpline.core.turn import End, Turn
from helpline.desk import leg, ring
from helpline.desk.house import House
from helpline.errors import NotFound
from helpline.store import legs
from helpline.store.db import WriteSession


def add_routes(heard: APIRouter, reports: APIRouter, *, urls: twiml.Urls, house: House) -> None:
    """The documents of a leg (`heard`) and its reports."""

    async def answered(
        request: Request,
        form: dict[str, str],
        leg_id: int,
        external_id: str,
        verb: Callable[[WriteSession, datetime], Awaitable[Turn]],
    ) -> Response:
        async def act(session: WriteSession, now: datetime) -> Answer:
            try:
                turn = await verb(session, now)
            except NotFound:
                turn = Turn(instructions=(End(),))
            found = await legs.by_id(session, leg_id)
            answer = twiml.render(
                turn,
                house=house,
                urls=twiml.LegUrls(public=urls.public, leg_id=leg_id),
                on=now.astimezone(house.zone).date(),
                with_advisor=found is not None and found.role == ring.ADVISOR,
            )
            return Answer(document=answer, contact_id=turn.contact_id)

        answer = await once(request, form, external_id, act)
        return document(answer or twiml.nothing())

    @heard.post("/leg/{leg_id}")
    async def greeting(request: Request, leg_id: Id, form: Form) -> Response:
        async def greet(session: WriteSession, now: datetime) -> Turn:
            return await leg.greeting(session, leg_id, form["CallSid"], house=house, now=now)

        return await answered(request, form, leg_id, f"{form['CallSid']}:0", greet)

    @heard.post("/leg/{leg_id}/accept")
    async def accept(request: Request, leg_id: Id, form: Form) -> Response:
        quiet = request.query_params.get("quiet") == "1" or not form.get("Digits")

        async def take(session: WriteSession, now: datetime) -> Turn:
            if quiet:
                return await leg.declined(session, leg_id, house=house, now=now)
            return await leg.accepted(session, leg_id, form["CallSid"], house=house, now=now)

        external_id = f"{form['CallSid']}:{'declined' if quiet else 'accepted'}"
        return await answered(request, form, leg_id, external_id, take)

    @reports.post("/leg/{leg_id}/status")
    async def status(request: Request, leg_id: Id, form: Form) -> Response:
        """How far the telephone has come. Only its end matters, in whatever order the reports arrive."""
        ending = form.get("CallStatus", "")

        async def act(session: WriteSession, now: datetime) -> Answer:
            if ending in FINAL:
                await leg.ended(session, leg_id, ending=ending, house=house, now=now)
            return Answer(document="")

        sequence = form.get("SequenceNumber") or ending
        await once(request, form, f"{form['CallSid']}:status:{sequence}", act)
        return Response(status_code=204)
