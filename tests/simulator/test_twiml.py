"""TwiML as Twilio reads it: tables of documents that are taken and of documents that are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

from helpline.simulator.twiml import Purpose, parse
from helpline.simulator.voice_values import TwimlError
from helpline.simulator.voice_verbs import (
    Conference,
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Number,
    Pause,
    Play,
    Queue,
    Redirect,
    Reject,
    Say,
    Verb,
)

TAKEN: list[tuple[str, tuple[Verb, ...]]] = [
    ("", ()),
    (
        '<Say voice="Polly.Ida-Neural" language="nb-NO" loop="2"> Hei\n på  deg. </Say>',
        (Say(text="Hei på deg.", voice="Polly.Ida-Neural", language="nb-NO", loop=2),),
    ),
    ("<Say>Hei &amp; hå «æøå»</Say>", (Say(text="Hei & hå «æøå»"),)),
    ('<Say voice="Polly.Liv">Hei</Say>', (Say(text="Hei", voice="Polly.Liv", language="nb-NO"),)),
    (
        '<Say voice="Google.nb-NO-Wavenet-C">'
        'Ring <say-as interpret-as="telephone">113</say-as>.<break time="1s"/>Nå</Say>',
        (Say(text="Ring 113. Nå", voice="Google.nb-NO-Wavenet-C", language="nb-NO"),),
    ),
    ('<Say>Si <sub alias="legevakt">116117</sub>!</Say>', (Say(text="Si legevakt!"),)),
    ("<Play>https://x.example/hei.mp3</Play>", (Play(url="https://x.example/hei.mp3"),)),
    ('<Play loop="0">/hei.mp3</Play>', (Play(url="/hei.mp3", loop=0),)),
    ('<Play digits="ww12#"/>', (Play(digits="ww12#"),)),
    ("<Pause/>", (Pause(length=1),)),
    ('<Pause length="10"></Pause>', (Pause(length=10),)),
    ("<Gather/>", (Gather(),)),
    (
        '<Gather input="dtmf speech" numDigits="1" timeout="auto" finishOnKey="" action="?turn=2" method="get" '
        'actionOnEmptyResult="true" language="ur-PK" hints="a,b"><Say>En</Say><Play>/a.mp3</Play><Pause/></Gather>',
        (
            Gather(
                prompts=(Say(text="En"), Play(url="/a.mp3"), Pause()),
                dtmf=True,
                speech=True,
                num_digits=1,
                timeout=5,
                finish_on_key="",
                action="?turn=2",
                method="GET",
                action_on_empty_result=True,
                language="ur-PK",
            ),
        ),
    ),
    (
        '<Enqueue action="/a" method="POST" waitUrl="/w#rc=2" waitUrlMethod="GET"> rådgiver </Enqueue>',
        (Enqueue(name="rådgiver", action="/a", wait_url="/w#rc=2", wait_url_method="GET"),),
    ),
    ("<Leave/><Hangup/>", (Leave(), Hangup())),
    ('<Reject/><Reject reason="busy"/>', (Reject(), Reject(reason="busy"))),
    ('<Redirect method="GET">next</Redirect><Redirect/>', (Redirect(url="next", method="GET"), Redirect(url=""))),
    ("<Dial>+47 900 00 001</Dial>", (Dial(nouns=(Number(number="+4790000001"),)),)),
    (
        '<Dial action="/d" method="GET" timeout="20" callerId="+4721000000" answerOnBridge="true" timeLimit="60" '
        'hangupOnStar="true"><Number url="/u" method="GET" statusCallback="/s" statusCallbackEvent="ringing answered" '
        'statusCallbackMethod="GET">+4790000001</Number><Number>+4790000002</Number></Dial>',
        (
            Dial(
                nouns=(
                    Number(
                        number="+4790000001",
                        url="/u",
                        method="GET",
                        status_callback="/s",
                        status_callback_events=("ringing", "answered"),
                        status_callback_method="GET",
                    ),
                    Number(number="+4790000002"),
                ),
                action="/d",
                method="GET",
                timeout=20,
                caller_id="+4721000000",
                answer_on_bridge=True,
                time_limit=60,
                hangup_on_star=True,
            ),
        ),
    ),
    (
        '<Dial><Conference startConferenceOnEnter="false" endConferenceOnExit="true" waitUrl="" waitMethod="GET" '
        'beep="onEnter" muted="true" maxParticipants="3" statusCallback="/c" '
        'statusCallbackEvent="start end join leave" statusCallbackMethod="POST" '
        'participantLabel="caller">kontakt-1</Conference></Dial>',
        (
            Dial(
                nouns=(
                    Conference(
                        name="kontakt-1",
                        start_on_enter=False,
                        end_on_exit=True,
                        wait_url="",
                        wait_method="GET",
                        beep="onEnter",
                        muted=True,
                        max_participants=3,
                        status_callback="/c",
                        status_callback_events=("start", "end", "join", "leave"),
                        participant_label="caller",
                    ),
                )
            ),
        ),
    ),
    ("<Dial><Queue>radgiver</Queue></Dial>", (Dial(nouns=(Queue(name="radgiver"),)),)),
]


@pytest.mark.parametrize(("inside", "verbs"), TAKEN)
def test_taken(inside: str, verbs: tuple[Verb, ...]) -> None:
    assert parse(f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  {inside}\n</Response>').verbs == verbs


NOT_DOCUMENTS = [
    ("", 11770),
    ("   \n", 11770),
    ("<Response><Say>" + "a" * 65_536 + "</Say></Response>", 11750),
    ("Hei", 12100),
    ("<Response>", 12100),
    ("<Response><Say>a & b</Say></Response>", 12100),
    ("<Response><Say>\x00</Say></Response>", 12100),
    ("<Response/><Response/>", 12100),
    ('<!DOCTYPE r [<!ENTITY a "b">]><Response/>', 12100),
    ("<html/>", 12102),
    ("<response/>", 12102),
    ('<Response xmlns="http://x.example/"/>', 12102),
    ('<Response version="1"/>', 12200),
    ("<Response>Hei</Response>", 12200),
    ("<Response><Hangup/>Hei</Response>", 12200),
]


@pytest.mark.parametrize(("body", "code"), NOT_DOCUMENTS)
def test_no_document(body: str, code: int) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(body)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


REFUSED = [
    ("<say>Hei</say>", 12200),
    ("<Sing/>", 12200),
    ("<Record/>", 12200),
    ("<Sms>Hei</Sms>", 12200),
    ("<Say/>", 13520),
    ("<Say> </Say>", 13520),
    (f"<Say>{'a' * 4097}</Say>", 13520),
    ('<Say voice="Polly.Ida">Hei</Say>', 13511),
    ('<Say voice="Google.nb-NO-Chirp3-HD-Kore">Hei</Say>', 13511),
    ('<Say voice="Google.nn-NO-Standard-A">Hei</Say>', 13511),
    ('<Say voice="Kari">Hei</Say>', 13511),
    ('<Say language="nn-NO">Hei</Say>', 12200),
    ('<Say language="so-SO">Hei</Say>', 12200),
    ('<Say language="norsk">Hei</Say>', 12200),
    ('<Say loop="-1">Hei</Say>', 13510),
    ('<Say loop="to">Hei</Say>', 13510),
    ('<Say speed="2">Hei</Say>', 12200),
    ("<Say>Hei <b>du</b></Say>", 12200),
    ('<Say>Hei <break long="1"/></Say>', 12200),
    ("<Play/>", 12200),
    ('<Play loop="x">/a.mp3</Play>', 13410),
    ('<Play digits="12a"/>', 12200),
    ("<Play>ftp://x.example/a.mp3</Play>", 11100),
    ("<Play>/a b.mp3</Play>", 11100),
    ("<Play><Say>Hei</Say></Play>", 12200),
    ('<Pause length="0"/>', 13910),
    ('<Pause length="1.5"/>', 13910),
    ("<Pause>2</Pause>", 12200),
    ('<Gather numDigits="0"/>', 13314),
    ('<Gather numDigits="ubegrenset"/>', 13314),
    ('<Gather timeout="0"/>', 13313),
    ('<Gather timeout="-5"/>', 13313),
    ('<Gather finishOnKey="12"/>', 13311),
    ('<Gather finishOnKey="x"/>', 13310),
    ('<Gather method="PUT"/>', 13312),
    ('<Gather input="keys"/>', 12200),
    ('<Gather input=""/>', 12200),
    ('<Gather actionOnEmptyResult="ja"/>', 13338),
    ('<Gather language="nn-NO"/>', 12200),
    ('<Gather action="mailto:a@b.example"/>', 11100),
    ('<Gather numdigits="1"/>', 12200),
    ("<Gather><Dial>+4790000001</Dial></Gather>", 13320),
    ("<Gather><Gather/></Gather>", 13320),
    ("<Gather>Trykk 1</Gather>", 12200),
    ("<Gather><Say/></Gather>", 13520),
    ("<Enqueue/>", 14204),
    (f"<Enqueue>{'a' * 65}</Enqueue>", 14205),
    ('<Enqueue method="HENT">a</Enqueue>', 14201),
    ('<Enqueue waitUrl="ftp://x.example">a</Enqueue>', 14202),
    ('<Enqueue action="ftp://x.example">a</Enqueue>', 14203),
    ('<Enqueue waitUrlMethod="HENT">a</Enqueue>', 14206),
    ('<Enqueue workflowSid="WW1">a</Enqueue>', 12200),
    ('<Enqueue maxQueueSize="5">a</Enqueue>', 12200),
    ("<Enqueue><Say>a</Say></Enqueue>", 12200),
    ("<Dial/>", 12200),
    ("<Dial>90000001</Dial>", 13223),
    ("<Dial>anonymous</Dial>", 13223),
    ("<Dial><Number>113</Number></Dial>", 13223),
    ("<Dial>" + "<Number>+4790000001</Number>" * 11 + "</Dial>", 12200),
    ("<Dial><Say>Hei</Say></Dial>", 13215),
    ("<Dial><Client>kari</Client></Dial>", 13215),
    ("<Dial>+4790000001<Number>+4790000002</Number></Dial>", 13215),
    ("<Dial><Number>+4790000001</Number>hei</Dial>", 12200),
    ("<Dial><Number>+4790000001</Number><Conference>a</Conference></Dial>", 13000),
    ("<Dial><Conference>a</Conference><Conference>b</Conference></Dial>", 13000),
    ("<Dial><Queue>a</Queue><Number>+4790000001</Number></Dial>", 13000),
    ('<Dial method="x">+4790000001</Dial>', 13210),
    ('<Dial timeout="601">+4790000001</Dial>', 13212),
    ('<Dial hangupOnStar="1">+4790000001</Dial>', 13213),
    ('<Dial callerId="PIO">+4790000001</Dial>', 13214),
    ('<Dial timeLimit="0">+4790000001</Dial>', 13216),
    ('<Dial record="record-from-answer">+4790000001</Dial>', 12200),
    ('<Dial><Number method="x">+4790000001</Number></Dial>', 13221),
    ('<Dial><Number statusCallbackEvent="hei">+4790000001</Number></Dial>', 12200),
    ('<Dial><Number statusCallbackEvent="">+4790000001</Number></Dial>', 12200),
    ("<Dial><Conference/></Dial>", 13237),
    (f"<Dial><Conference>{'a' * 129}</Conference></Dial>", 13237),
    ('<Dial><Conference muted="x">a</Conference></Dial>', 13230),
    ('<Dial><Conference endConferenceOnExit="x">a</Conference></Dial>', 13231),
    ('<Dial><Conference startConferenceOnEnter="x">a</Conference></Dial>', 13232),
    ('<Dial><Conference waitUrl="a b">a</Conference></Dial>', 13233),
    ('<Dial><Conference waitMethod="x">a</Conference></Dial>', 13234),
    ('<Dial><Conference beep="loud">a</Conference></Dial>', 13235),
    ('<Dial><Conference maxParticipants="251">a</Conference></Dial>', 12200),
    ('<Dial><Conference record="record-from-start">a</Conference></Dial>', 12200),
    ('<Dial><Conference statusCallbackEvent="begin">a</Conference></Dial>', 12200),
    ("<Dial><Queue/></Dial>", 14212),
    (f"<Dial><Queue>{'a' * 65}</Queue></Dial>", 14213),
    ('<Redirect method="x">/a</Redirect>', 13710),
    ("<Redirect>tel:113</Redirect>", 11100),
    ("<Redirect>http://[</Redirect>", 11100),
    ('<Reject reason="tired"/>', 12200),
    ('<Hangup now="true"/>', 12200),
    ("<Leave>a</Leave>", 12200),
]


@pytest.mark.parametrize(("inside", "code"), REFUSED)
def test_refused(inside: str, code: int) -> None:
    with pytest.raises(TwimlError) as refused:
        parse(f"<Response>{inside}</Response>")
    assert refused.value.code == code, refused.value.message


ALLOWED = {
    Purpose.QUEUE_WAIT: ({"Play", "Say", "Pause", "Gather", "Redirect", "Leave", "Hangup"}, 12200),
    Purpose.CONFERENCE_WAIT: ({"Say", "Play", "Pause", "Redirect"}, 13238),
    Purpose.SCREENING: ({"Play", "Say", "Pause", "Gather", "Redirect", "Hangup"}, 12200),
}
EXAMPLES = {
    "Say": "<Say>Hei</Say>",
    "Play": "<Play>/a.mp3</Play>",
    "Pause": "<Pause/>",
    "Gather": "<Gather/>",
    "Enqueue": "<Enqueue>a</Enqueue>",
    "Leave": "<Leave/>",
    "Dial": "<Dial>+4790000001</Dial>",
    "Redirect": "<Redirect>/a</Redirect>",
    "Hangup": "<Hangup/>",
    "Reject": "<Reject/>",
}


@pytest.mark.parametrize("purpose", ALLOWED)
@pytest.mark.parametrize("verb", EXAMPLES)
def test_verbs_by_purpose(purpose: Purpose, verb: str) -> None:
    body = f"<Response>{EXAMPLES[verb]}</Response>"
    allowed, code = ALLOWED[purpose]
    if verb in allowed:
        assert len(parse(body, purpose=purpose).verbs) == 1
        return
    with pytest.raises(TwimlError) as refused:
        parse(body, purpose=purpose)
    assert refused.value.code == (13201 if (purpose, verb) == (Purpose.SCREENING, "Dial") else code)


def test_what_the_real_library_writes_is_read() -> None:
    response = VoiceResponse()
    gather = response.gather(num_digits=1, action="/menu", timeout=5, input="dtmf", action_on_empty_result=True)
    gather.say("Trykk 1 – «nå».", voice="Polly.Ida-Neural", language="nb-NO")
    response.enqueue("radgiver", wait_url="/wait", action="/left")
    dial = response.dial(answer_on_bridge=True, timeout=20)
    dial.conference("kontakt-1", start_conference_on_enter=False, status_callback_event="start end join leave")
    response.redirect("/igjen", method="POST")
    gathered, *others = parse(str(response)).verbs
    assert gathered == Gather(
        prompts=(Say(text="Trykk 1 – «nå».", voice="Polly.Ida-Neural", language="nb-NO"),),
        num_digits=1,
        action="/menu",
        action_on_empty_result=True,
    )
    assert others == [
        Enqueue(name="radgiver", wait_url="/wait", action="/left"),
        Dial(
            nouns=(
                Conference(
                    name="kontakt-1",
                    start_on_enter=False,
                    status_callback_events=("start", "end", "join", "leave"),
                ),
            ),
            answer_on_bridge=True,
            timeout=20,
        ),
        Redirect(url="/igjen"),
    ]


def outcome(body: str) -> int | tuple[Verb, ...]:
    """The error code, or the verbs."""
    try:
        return parse(body).verbs
    except TwimlError as refused:
        return refused.code


@given(st.text())
def test_whatever_is_answered_is_read_or_refused(body: str) -> None:
    assert outcome(body) in {(), 11750, 11770, 12100, 12102, 12200}
