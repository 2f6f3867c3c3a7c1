"""Each bench runs, with numbers so small that they say nothing, and its figures say what they should."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from bench import rooms, search, texts, traffic
from bench.__main__ import main
from bench.figure import Figure, percentile, share_shown, shown, wilson
from bench.load import Plan, send
from bench.page import WISH
from bench.size import SMALL
from helpline.core.contact import IN_QUEUE
from helpline.store import sign_ins
from helpline.store.tables import Contact
from tests.conftest import AUTH_TOKEN, HandClock, open_all_week, started


@pytest.mark.parametrize(
    ("figure", "good", "ratio"),
    [
        (Figure(what="rate", value=60, unit="/s", beside=100, target=0.5, at_least=True), True, 0.6),
        (Figure(what="rate", value=40, unit="/s", beside=100, target=0.5, at_least=True), False, 0.4),
        (Figure(what="claim", value=3, unit="ms", beside=2, target=1.5), True, 1.5),
        (Figure(what="claim", value=4, unit="ms", beside=2, target=1.5), False, 2.0),
        (Figure(what="wait", value=100, unit="ms", target=250), True, 0.4),
        (Figure(what="wait", value=251, unit="ms", target=250), False, 1.004),
        (Figure(what="seen", value=7, unit="ms"), None, None),
    ],
)
def test_a_figure_is_judged_by_its_ratio_or_its_value(figure: Figure, good: bool | None, ratio: float | None) -> None:
    assert figure.good is good
    assert figure.ratio == pytest.approx(ratio) if ratio is not None else figure.ratio is None
    assert figure.verdict == {True: "reached", False: "MISSED", None: "for information"}[good]


def test_percentiles_are_values_that_were_read() -> None:
    assert percentile([5, 1, 4, 2, 3], 0.5) == 3
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([7], 0.99) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_a_share_carries_its_interval() -> None:
    low, high = wilson(9, 10)
    assert low == pytest.approx(0.596, abs=0.001)
    assert high == pytest.approx(0.982, abs=0.001)
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1
    assert share_shown(121, 130) == "93.1 % (87.4–96.3, n 130)"
    with pytest.raises(ValueError, match="nothing"):
        wilson(0, 0)


def test_the_search_is_judged_on_both_parts() -> None:
    figures = list(search.measure())
    assert [figure.what for figure in figures if figure.target] == [
        "Search, test part: first hit right",
        "Search, test part: right among the first three",
    ]
    assert all("n " in figure.note for figure in figures)


@pytest.mark.parametrize(("value", "words"), [(1731.4, "1 731"), (23.46, "23.5"), (0.123, "0.12")])
def test_values_show_three_figures(value: float, words: str) -> None:
    assert shown(value) == words


async def test_the_load_reaches_the_service_and_the_page_sees_it(database_url: str, clock: HandClock) -> None:
    tokens = [SecretStr(AUTH_TOKEN), SecretStr(traffic.AUTH_TOKEN)]
    async with started(database_url, clock, twilio_auth_token=tokens) as service:
        await open_all_week(service.database)
        advisor = await service.advisor()
        async with service.database.writing() as session:
            now = clock.now()
            await sign_ins.begin(
                session, token="looking-on", csrf="x", advisor_id=advisor.id, now=now, expires_at=now.replace(hour=23)
            )
        port = int(service.url.rpartition(":")[2])
        plan = Plan(
            port=port,
            requests=[traffic.raw_text(text, port) for text in traffic.same_text(8, WISH)],
            connections=4,
            rate=50,
            stream=traffic.raw_page(port, "/live", "looking-on"),
            part=traffic.raw_page(port, "/queue", "looking-on"),
        )
        paced = await send(plan)
        calls = await send(Plan(port=port, requests=[traffic.raw_call(port) for _ in range(4)], connections=2))
        async with service.database.reading() as session:
            queued = set(await session.scalars(select(Contact.id).where(Contact.state.in_(IN_QUEUE))))
            opened = await session.scalar(select(func.count()).select_from(Contact))
    assert set(paced.statuses) == {200}
    assert set(calls.statuses) == {200}
    assert opened == 12
    assert len(queued) == 8
    assert set(paced.told) == queued
    assert set(paced.drawn) == queued
    assert all(paced.told[contact] <= paced.drawn[contact] for contact in queued)
    assert all(wait > 0 for wait in paced.waits + calls.waits)


def test_texts_beside_the_floor_from_processes_of_their_own(tmp_path: Path) -> None:
    found = list(texts.measure(tmp_path, SMALL, databases={"SQLite": (None, None)}))
    assert len(found) == 2
    assert all(figure.value > 0 and figure.beside is not None and figure.beside > 0 for figure in found)


def test_the_command_prints_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--small", "--only", "queue", "--no-postgres", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"processor", "durable write", "load at start"} <= set(document["machine"])
    [figure] = document["figures"]
    assert figure["what"] == "Queue claim with 60 waiting, SQLite"
    assert figure["ratio"] == pytest.approx(figure["value"] / figure["beside"])


def test_the_counters_of_a_year_are_read_beside_those_of_a_smaller_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--small", "--only", "counters", "--records", "6000", "--no-postgres", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert [figure["what"].partition(":")[2] for figure in figures] == [" 6 000 records, SQLite"] * 3
    assert all(figure["value"] > 0 and figure["ratio"] > 0 for figure in figures)


def test_triage_and_search_are_read() -> None:
    small = replace(SMALL, rounds=2)
    assert rooms.measure_triage(small).value > 0
    assert rooms.measure_search(small).value > 0
