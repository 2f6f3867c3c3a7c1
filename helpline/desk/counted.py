"""The counters of a period as one JSON document, each with its definition: for the command line and the interface."""

from datetime import date, datetime

from helpline.core.codes import Origin
from helpline.core.counters import Figure, breakdown
from helpline.core.record import Answered, answered_as
from helpline.desk import counters
from helpline.desk.house import House
from helpline.store.db import ReadSession


async def document(
    session: ReadSession,
    *,
    house: House,
    first: date,
    last: date,
    now: datetime,
    by: str | None = None,
) -> dict[str, object]:
    """Every counter between two local days, both included; `by` divides them by a step of time or a dimension.

    Simulated contacts count only where everything is simulated (the demo), and the document says so. Outcomes
    partition the contacts: their sum is the number of contacts, always.

    Raises:
        HelplineError: the period ends before it begins, or nothing is divided by `by`.
    """
    simulated = house.origin is Origin.SIMULATED
    found = await counters.figures(
        session, house=house, first=first, last=last, now=now, include_simulated=simulated, by=by
    )
    whole = (await counters.count(session, house=house, first=first, last=last, include_simulated=simulated)).whole
    outcomes = breakdown(whole, "outcome").counts
    answer: dict[str, object] = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "simulated": simulated,
        "counters": {figure.counter.name: _figure(figure) for figure in found.whole},
        "outcomes": {code: count for code, count in outcomes.items() if count},
        "answered": {
            treatment.value: sum(count for code, count in outcomes.items() if answered_as(code) is treatment)
            for treatment in Answered
        },
    }
    if by is not None:
        answer["by"] = by
        answer["parts"] = {
            part: {figure.counter.name: figure.value for figure in figures} for part, figures in found.parts.items()
        }
    return answer


def _figure(figure: Figure) -> dict[str, object]:
    counter = figure.counter
    described: dict[str, object] = {
        "value": figure.value,
        "unit": counter.unit,
        "title": counter.title_nb,
        "definition": counter.definition_nb,
        "version": counter.version,
        "part": figure.part,
        "whole": figure.whole,
        "low": figure.low,
        "high": figure.high,
        "clock_start": counter.clock_start_nb,
        "threshold_seconds": counter.threshold,
        "denominator": counter.denominator_nb,
        "exclusions": counter.exclusions_nb,
    }
    return {name: value for name, value in described.items() if value is not None or name == "value"}
