"""Is it alive, is it ready, and what do the numbers say: for platforms and for Prometheus."""

from functools import cache

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from helpline.core.contact import ContactState
from helpline.core.duty import Duty
from helpline.desk import opening, recount
from helpline.store import board
from helpline.store.migrate import require_newest


@cache
def build_router() -> APIRouter:
    """`/health/live`, `/health/ready` and `/metrics`. None of them tells anything about a person."""
    router = APIRouter()

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready(request: Request) -> dict[str, object]:
        """The database answers and has the shape that the code needs; 503 otherwise."""
        state = request.app.state
        await require_newest(state.database)
        async with state.database.reading() as session:
            is_open = (await opening.state(session, house=state.house, now=state.clock.now())).open
        settings = state.settings
        return {
            "status": "ok",
            "open": is_open,
            "channels": {"telegram": settings.telegram_on, "sms": settings.sms_on, "phone": settings.voice_on},
        }

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Counts that an operator watches: nobody waits unseen, nothing lies unsent."""
        state = request.app.state
        async with state.database.reading() as session:
            seen = await board.counts(session, now=state.clock.now())
            recounted = await recount.last(session)
        registry = CollectorRegistry()
        contacts = Gauge("helpline_contacts", "Contacts by state", ["state"], registry=registry)
        for contact_state in ContactState:
            if contact_state is not ContactState.CLOSED:
                contacts.labels(contact_state.value).set(seen.contacts.get(contact_state, 0))
        advisors = Gauge("helpline_advisors", "Advisors by duty", ["duty"], registry=registry)
        for duty in Duty:
            advisors.labels(duty.value).set(seen.advisors.get(duty, 0))
        for name, meaning, value in (
            ("helpline_longest_wait_seconds", "Longest wait in the queue", seen.longest_wait.total_seconds()),
            ("helpline_red_waiting", "Red contacts in the queue", seen.red_waiting),
            ("helpline_deliveries_pending", "Deliveries that have not left", seen.pending),
            ("helpline_oldest_delivery_seconds", "Age of the oldest of them", seen.oldest_pending.total_seconds()),
            ("helpline_deliveries_failed_24h", "Deliveries that failed in a day", seen.failed),
            ("helpline_events_unreadable_24h", "Events that could not be read in a day", seen.unreadable),
        ):
            Gauge(name, meaning, registry=registry).set(value)
        if recounted is not None:
            for name, meaning, value in (
                ("helpline_counters_different", "Marks that the last recount found otherwise", recounted.differences),
                ("helpline_counters_recounted_seconds", "When that was, since 1970", recounted.at.timestamp()),
            ):
                Gauge(name, meaning, registry=registry).set(value)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
