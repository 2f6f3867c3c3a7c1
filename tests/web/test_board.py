"""The live board over HTTP: numbers only, by urgency and channel, duty, and today's figures."""

from datetime import timedelta

from helpline.core.codes import Channel, Urgency
from helpline.store import board
from helpline.web.board import lines
from tests.conftest import MONDAY, Service
from tests.web.conftest import Desk, Write, waiting
from tests.web.test_reports import keep, plain


async def test_the_board_shows_numbers_and_nobody(service: Service, kari: Desk, write: Write) -> None:
    await keep(service)
    await waiting(write, "Jeg er redd for sønnen min")
    await waiting(write, "Han sier at han vil ta sitt eget liv i kveld", handle="+4790000002")
    await kari.post("/duty", to="on")
    answer = await kari.get("/board")
    assert answer.status_code == 200
    page = answer.text[answer.text.index('<div id="board"') :]
    assert '<p class="huge numbers">2</p>' in page
    assert 'data-level="red"' in page
    for private in ("sønnen", "eget liv", kari.advisor.name, "/contact/"):
        assert private not in page, private
    words = plain(page)
    assert "Ledige på vakt 1" in words
    # Two were closed today, one of them is the red one of the log; both were answered.
    assert "Henvendelser 2" in words
    assert "100,0 % 2 av 2" in words
    part = await kari.part("/board")
    assert part.text.lstrip().startswith('<div class="board-head">')
    assert (await service.http.get("/board")).status_code == 303


async def test_an_empty_line_is_calm(service: Service, kari: Desk) -> None:
    page = await kari.get("/board")
    assert page.status_code == 200
    assert "Ingen venter." in plain(page.text)


def test_every_urgency_has_its_line() -> None:
    found = [
        board.Waiting(urgency=Urgency.GREEN, channel=Channel.SMS, number=2, since=MONDAY),
        board.Waiting(urgency=Urgency.GREEN, channel=Channel.PHONE, number=1, since=MONDAY - timedelta(minutes=3)),
    ]
    red, yellow, green = lines(found)
    assert (red.number, red.since, yellow.number) == (0, None, 0)
    assert (green.by_channel, green.number, green.since) == ((1, 2, 0), 3, MONDAY - timedelta(minutes=3))
