"""The load on advisors, of the team. An advisor sees their own beside it; a manager opens a single one behind a click
that is logged. It is no ranking: nobody stands in a list with numbers.

The team is shown only where it is large enough that nobody's own numbers can be read out of it.
"""

from collections.abc import Sequence

from helpline.core.duty import PauseReason, Role
from helpline.core.load import Load
from helpline.desk import load
from helpline.desk.load import Loads
from helpline.store import advisors
from helpline.web.panel_figures import joined
from helpline.web.panels import Bars, Cell, Column, Panel, Series
from helpline.web.report_asked import Asked
from helpline.web.reports_numbers import duration, number, percent
from helpline.web.reports_period import Period

#: So many others than the viewer were on duty at least, or the team is not shown: of a smaller one the viewer could
#: read a single colleague's numbers, who is opened only behind the click that is logged. Our own choice.
FEWEST_OTHERS = 2


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    both = await _both(asked)
    manager = asked.signed.may(Role.MANAGER)
    viewer = asked.signed.advisor.id
    team = [found.team if len(found.by_advisor.keys() - {viewer}) >= FEWEST_OTHERS else None for found in both]
    shown: list[Panel] = []
    if team[0] is None:
        shown.append(_too_small(asked, both[0]))
    else:
        shown += _of(asked, "team", [team[0], *(one for one in team[1:] if one is not None)], len(both[0].by_advisor))
    own = [found.by_advisor.get(viewer) for found in both]
    if own[0] is not None:
        shown += _of(asked, "own", [own[0], *(one for one in own[1:] if one is not None)], 1)
    if manager and both[0].by_advisor:
        shown.append(await _names(asked, both[0]))
    return (*shown, _not_stored(asked))


async def of_advisor(asked: Asked, advisor_id: int) -> tuple[Panel, ...]:
    """A single advisor's panels, for a manager who has opened them."""
    both = await _both(asked)
    own = [found.by_advisor.get(advisor_id, Load()) for found in both]
    return (*_of(asked, "advisor", own, 1), _not_stored(asked))


async def _both(asked: Asked) -> list[Loads]:
    periods: list[Period | None] = [asked.wanted.period, asked.wanted.compared]
    return [
        await load.of_period(
            asked.session,
            house=asked.house,
            first=period.first,
            last=period.last,
            now=asked.now,
            include_simulated=asked.include_simulated,
        )
        for period in periods
        if period is not None
    ]


def _of(asked: Asked, whose: str, loads: Sequence[Load], people: int) -> list[Panel]:
    return [_hours(asked, whose, loads, people), _work(asked, whose, loads)]


def _hours(asked: Asked, whose: str, loads: Sequence[Load], people: int) -> Panel:
    """What the time on duty went to, with occupancy."""
    t, language = asked.t, asked.language
    reasons = [reason for reason in PauseReason if any(reason in one.hours.pauses for one in loads)]
    lines: list[tuple[str, list[float]]] = [
        (t("load_page.busy"), [one.hours.busy for one in loads]),
        (t("load_page.wrap_up"), [one.hours.wrap_up for one in loads]),
        (t("load_page.ready"), [one.hours.ready for one in loads]),
        *((t(f"load_page.pause_{reason}"), [one.hours.pauses.get(reason, 0) for one in loads]) for reason in reasons),
    ]
    mine = loads[0].hours
    rows: list[tuple[Cell, ...]] = [
        (label, seconds[0], seconds[0] / mine.on_duty if mine.on_duty else None, *seconds[1:])
        for label, seconds in lines
    ]
    rows.append((t("load_page.on_duty"), mine.on_duty, None, *(one.hours.on_duty for one in loads[1:])))
    said = [
        t(
            f"load_page.hours_{whose}",
            hours=duration(mine.on_duty, language),
            people=number(people, language),
        )
    ]
    if mine.occupancy is not None:
        said.append(t("load_page.occupancy", share=percent(mine.occupancy, language)))
    if len(loads) > 1 and loads[1].hours.occupancy is not None:
        said.append(t("load_page.occupancy_before", share=percent(loads[1].hours.occupancy, language)))
    periods = [t("report_pages.this_period"), t("report_pages.that_period")][: len(loads)]
    notes = ["hours_definition", *(["not_narrowed"] if asked.wanted.filters else [])]
    return Panel(
        name=f"{whose}-hours",
        title=t(f"load_page.hours_title_{whose}"),
        summary=" ".join(said),
        columns=(
            Column(t("load_page.went_to"), "text"),
            Column(periods[0], "seconds"),
            Column(t("load_page.share_of_duty"), "share"),
            *(Column(period, "seconds") for period in periods[1:]),
        ),
        rows=tuple(rows),
        drawing=Bars(
            labels=tuple(label for label, _ in lines),
            series=tuple(
                Series(period, tuple(seconds[place] for _, seconds in lines)) for place, period in enumerate(periods)
            ),
            horizontal=True,
            unit="seconds",
        )
        if mine.on_duty
        else None,
        note=" ".join(t(f"load_page.{one}") for one in notes),
    )


def _work(asked: Asked, whose: str, loads: Sequence[Load]) -> Panel:
    """Contacts, calls and offers."""
    t, language = asked.t, asked.language
    lines: list[tuple[str, list[int]]] = [
        (t(f"load_page.{name}"), [getattr(one, name) for one in loads])
        for name in ("attended", "calls", "accepted", "passed", "missed")
    ]
    mine = loads[0]
    said = [
        t(
            "load_page.work",
            attended=number(mine.attended, language),
            missed=number(mine.missed, language),
            offers=number(mine.accepted + mine.passed + mine.missed, language),
        )
    ]
    if mine.calls:
        said.append(
            t(
                "load_page.talked",
                calls=number(mine.calls, language),
                together=duration(mine.call_seconds, language),
                mean=duration(mine.call_seconds / mine.calls, language),
            )
        )
    periods = [t("report_pages.this_period"), t("report_pages.that_period")][: len(loads)]
    return Panel(
        name=f"{whose}-work",
        title=t(f"load_page.work_title_{whose}"),
        summary=" ".join(said),
        columns=(Column(t("load_page.what"), "text"), *(Column(period) for period in periods)),
        rows=tuple((label, *counts) for label, counts in lines),
        note=t("load_page.work_definition"),
    )


def _too_small(asked: Asked, found: Loads) -> Panel:
    t, language = asked.t, asked.language
    return Panel(
        name="team-hours",
        title=t("load_page.hours_title_team"),
        summary=t("load_page.too_small", fewest=number(FEWEST_OTHERS, language))
        if found.by_advisor
        else t("load_page.nobody"),
        columns=(Column(t("load_page.people")),),
        rows=((len(found.by_advisor),),),
    )


async def _names(asked: Asked, found: Loads) -> Panel:
    """Who may be opened, by name, without a number beside it."""
    t = asked.t
    named = {one.id: one.name for one in await advisors.everyone(asked.session)}
    there = sorted((named[one], one) for one in found.by_advisor if one in named)
    return Panel(
        name="advisors",
        title=t("load_page.names_title"),
        summary=t("load_page.names"),
        columns=(Column(t("load_page.name"), "text"),),
        rows=tuple((name,) for name, _ in there),
        links=tuple(f"/reports/load/advisor/{one}?{asked.wanted.query}" for _, one in there),
    )


def _not_stored(asked: Asked) -> Panel:
    """What this page cannot say, rather than a guess."""
    t = asked.t
    kinds = ("texts", "handed_over", "other_work", "before")
    titles = [t(f"load_page.not_{kind}") for kind in kinds]
    return Panel(
        name="not-stored",
        title=t("load_page.not_stored_title"),
        summary=t("load_page.not_stored", things=joined([one[:1].lower() + one[1:] for one in titles], asked.language)),
        columns=(Column(t("load_page.what"), "text"), Column(t("load_page.why"), "text")),
        rows=tuple((title, t(f"load_page.not_{kind}_why")) for title, kind in zip(titles, kinds, strict=True)),
    )
