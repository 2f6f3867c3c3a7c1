"""What a service may answer to an incoming text."""

import pytest

from helpline.simulator.replies import Reply, ReplyError, read_replies


@pytest.mark.parametrize(
    ("body", "kind", "texts"),
    [
        ("", "text/xml", []),
        ("<Response/>", "text/xml", []),
        ('<?xml version="1.0" encoding="UTF-8"?><Response></Response>', "application/xml; charset=utf-8", []),
        ("<Response><Message>Hei</Message></Response>", "text/xml", [Reply(body="Hei")]),
        ("Hei", "text/plain", [Reply(body="Hei")]),
        (
            '<Response><Message to="+4790000002" statusCallback="/s"><Body>Hei</Body><Media>/m</Media></Message>'
            "</Response>",
            "text/xml",
            [Reply(body="Hei", to="+4790000002", status_callback="/s", media=("/m",))],
        ),
    ],
)
def test_answers_that_are_read(body: str, kind: str, texts: list[Reply]) -> None:
    assert list(read_replies(body, kind).texts) == texts


def test_a_redirect_ends_the_document() -> None:
    replies = read_replies(
        '<Response><Message>Hei</Message><Redirect method="GET">/more</Redirect><Message>Aldri</Message></Response>',
        "text/xml",
    )
    assert (replies.texts, replies.redirect_url, replies.redirect_method) == ((Reply(body="Hei"),), "/more", "GET")


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("<Response>", "text/xml", 12100),
        ("<Answer/>", "text/xml", 12100),
        ("{}", "application/json", 12300),
        ("<Response>Hei</Response>", "text/xml", 12200),
        ("<Response><Say>Hei</Say></Response>", "text/xml", 12200),
        ("<Response><message>Hei</message></Response>", "text/xml", 12200),
        ('<Response><Message color="red">Hei</Message></Response>', "text/xml", 12200),
        ('<Response><Message method="PUT">Hei</Message></Response>', "text/xml", 12200),
        ("<Response><Message><Say>Hei</Say></Message></Response>", "text/xml", 12200),
        ("<Response><Message/></Response>", "text/xml", 12200),
    ],
)
def test_answers_that_are_refused(body: str, kind: str, code: int) -> None:
    with pytest.raises(ReplyError) as refused:
        read_replies(body, kind)
    assert refused.value.code == code
