"""Meeting in a conference: who starts it, who ends it, what is told, and what REST can do."""

from collections.abc import AsyncIterator

import pytest
from fastapi import Response

from helpline.simulator.voice_waiting import CONNECTED, PROVIDERS_MUSIC
from tests.simulator.twilio_library import TwilioRestException
from tests.simulator.voice_line import CALLER, OTHER_CALLER, Form, Telephones, telephones

THIRD_CALLER = "+4790000004"
EVENTS = 'statusCallback="/conference" statusCallbackEvent="start end join leave mute hold modify"'


def meeting(form: Form) -> str:
    """The caller waits for the advisor, who starts the conference and ends it."""
    if form["From"] == CALLER:
        label, flags = "caller", 'startConferenceOnEnter="false" endConferenceOnExit="true" waitUrl="/music"'
    elif form["From"] == OTHER_CALLER:
        label, flags = "advisor", 'startConferenceOnEnter="true" beep="false"'
    else:
        label, flags = "trainee", 'muted="true"'
    noun = f'<Conference participantLabel="{label}" {flags} {EVENTS}>kontakt-1</Conference>'
    return f'<Dial action="/after">{noun}</Dial>'


@pytest.fixture
async def phones() -> AsyncIterator[Telephones]:
    async with telephones() as started:
        started.answer_from("/voice", meeting)
        started.answer_from("/music", "<Say>Et øyeblikk.</Say>")
        started.answer_from("/after", "<Say>Takk for samtalen.</Say>")
        yield started


async def test_conference_starts_with_whoever_may_start_it(phones: Telephones) -> None:
    caller = await phones.ring(CALLER)
    (room,) = await phones.client.conferences.list_async(friendly_name="kontakt-1")
    assert room.status == "init"
    assert phones.heard(caller) == ["Et øyeblikk."]
    advisor = await phones.ring(OTHER_CALLER)
    (room,) = await phones.client.conferences.list_async(friendly_name="kontakt-1", status="in-progress")
    assert phones.heard(caller) == ["Et øyeblikk.", CONNECTED]
    assert phones.heard(advisor) == [CONNECTED]
    told = phones.service.forms("/conference")
    assert [(form["StatusCallbackEvent"], form["SequenceNumber"]) for form in told] == [
        ("participant-join", "1"),
        ("participant-join", "2"),
        ("conference-start", "3"),
    ]
    assert [form.get("ParticipantLabel") for form in told] == ["caller", "advisor", None]
    assert {(form["ConferenceSid"], form["FriendlyName"]) for form in told} == {(room.sid, "kontakt-1")}
    assert (told[0]["CallSid"], told[0]["StartConferenceOnEnter"], told[0]["EndConferenceOnExit"]) == (
        caller,
        "false",
        "true",
    )


async def test_leaving_of_the_one_it_cannot_do_without_ends_it(phones: Telephones) -> None:
    caller, advisor = await phones.ring(CALLER), await phones.ring(OTHER_CALLER)
    await phones.wait(30)
    await phones.hang_up(caller)
    told = phones.service.forms("/conference")[3:]
    assert [(form["StatusCallbackEvent"], form.get("ReasonParticipantLeft")) for form in told] == [
        ("participant-leave", "participant_hung_up"),
        ("participant-leave", "moderator_ended_conference"),
        ("conference-end", None),
    ]
    assert [form.get("ParticipantCallStatus") for form in told] == ["completed", "in-progress", None]
    assert told[2]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert (told[2]["CallSidEndingConference"], told[2]["ParticipantLabelEndingConference"]) == (caller, "caller")
    assert phones.heard(advisor)[-1] == "Takk for samtalen."
    assert sorted(phones.service.told("/after", "CallSid", "DialCallStatus", "CallStatus")) == sorted(
        [(caller, "answered", "completed"), (advisor, "answered", "in-progress")]
    )
    assert phones.statuses() == {caller: "completed", advisor: "completed"}


async def test_others_stay_when_the_advisor_goes_and_the_last_one_ends_it(phones: Telephones) -> None:
    caller, advisor = await phones.ring(CALLER), await phones.ring(OTHER_CALLER)
    await phones.hang_up(advisor)
    assert phones.calls.leg(caller).expects == "conference"
    (room,) = await phones.client.conferences.list_async()
    assert room.status == "in-progress"
    await phones.client.conferences(room.sid).participants(caller).update_async(end_conference_on_exit=False)
    await phones.hang_up(caller)
    room = await phones.client.conferences(room.sid).fetch_async()
    assert (room.status, room.reason_conference_ended) == ("completed", "last-participant-left")
    assert room.call_sid_ending_conference == caller


async def test_new_conference_of_the_same_name_is_another_one(phones: Telephones) -> None:
    await phones.hang_up(await phones.ring(CALLER))
    await phones.ring(CALLER)
    rooms = await phones.client.conferences.list_async(friendly_name="kontakt-1")
    assert [room.status for room in rooms] == ["init", "completed"]
    assert len({room.sid for room in rooms}) == 2


async def test_words_reach_the_others_but_not_from_the_muted(phones: Telephones) -> None:
    caller, advisor = await phones.ring(CALLER), await phones.ring(OTHER_CALLER)
    trainee = await phones.ring(THIRD_CALLER)
    phones.calls.speak(trainee, "hører dere meg?")
    phones.calls.speak(caller, "ja, hei")
    await phones.calls.settled()
    assert phones.heard(advisor) == [CONNECTED, "beep", "ja, hei"]
    assert phones.heard(trainee) == [CONNECTED, "ja, hei"]


async def test_wait_document_ends_in_silence_unless_it_redirects(phones: Telephones) -> None:
    sid = await phones.ring(CALLER)
    await phones.wait(5)
    assert len(phones.service.forms("/music")) == 1
    await phones.hang_up(sid)
    phones.answer_from("/music", '<Say>Vent.</Say><Pause length="2"/><Redirect/>')
    sid = await phones.ring(CALLER)
    await phones.wait(4)
    assert phones.heard(sid) == ["Vent.", "2 s"] * 3


async def test_music_and_silence(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Dial><Conference startConferenceOnEnter="false">a</Conference></Dial>')
    assert phones.heard(await phones.ring()) == [PROVIDERS_MUSIC]
    phones.answer_from("/voice", '<Dial><Conference waitUrl="">b</Conference></Dial>')
    assert phones.heard(await phones.ring()) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ('<Gather numDigits="1"/>', 13238),
        ("<Hangup/>", 13238),
        ("<Leave/>", 13238),
        (Response(status_code=500), 11200),
    ],
)
async def test_wait_document_that_fails_keeps_the_caller_out(
    phones: Telephones, answer: str | Response, code: int
) -> None:
    phones.answer_from("/music", answer)
    sid = await phones.ring(CALLER)
    assert phones.alerts() == [code]
    assert phones.service.told("/after", "DialCallStatus") == [("failed",)]
    assert phones.heard(sid) == ["Takk for samtalen."]


async def test_label_can_be_taken_once(phones: Telephones) -> None:
    await phones.ring(CALLER)
    again = await phones.ring(CALLER)
    assert phones.alerts() == [16025]
    assert phones.service.told("/after", "CallSid", "DialCallStatus") == [(again, "failed")]


async def test_full_conference(phones: Telephones) -> None:
    phones.answer_from("/voice", '<Dial><Conference maxParticipants="2">a</Conference></Dial><Say>Fullt.</Say>')
    for _ in range(2):
        await phones.ring()
    third = await phones.ring()
    assert phones.heard(third) == ["Fullt."]
    assert phones.alerts() == [16020]


async def test_participants_over_rest(phones: Telephones) -> None:
    caller, advisor = await phones.ring(CALLER), await phones.ring(OTHER_CALLER)
    (room,) = await phones.client.conferences.list_async()
    participants = phones.client.conferences(room.sid).participants
    assert [(one.call_sid, one.label, one.muted) for one in await participants.list_async()] == [
        (caller, "caller", False),
        (advisor, "advisor", False),
    ]
    changed = await participants("caller").update_async(muted=True, hold=True)
    assert (changed.call_sid, changed.muted, changed.hold) == (caller, True, True)
    assert [one.call_sid for one in await participants.list_async(hold=True)] == [caller]
    await participants(caller).update_async(hold=False)
    await phones.calls.settled()
    assert phones.service.told("/conference", "StatusCallbackEvent", "Muted", "Hold")[3:] == [
        ("participant-mute", "true", "false"),
        ("participant-hold", "true", "true"),
        ("participant-unhold", "true", "false"),
    ]
    assert phones.heard(caller)[-2:] == ["hold music", "back in the conversation"]
    with pytest.raises(TwilioRestException) as refused:
        await participants("nobody").fetch_async()
    assert refused.value.code == 20404


async def test_kicked_participant_goes_on_with_the_action(phones: Telephones) -> None:
    caller, advisor = await phones.ring(CALLER), await phones.ring(OTHER_CALLER)
    (room,) = await phones.client.conferences.list_async()
    await phones.client.conferences(room.sid).participants(advisor).delete_async()
    await phones.calls.settled()
    assert phones.heard(advisor)[-1] == "Takk for samtalen."
    assert phones.calls.leg(caller).expects == "conference"
    await phones.client.conferences(room.sid).participants(caller).delete_async()
    room = await phones.client.conferences(room.sid).fetch_async()
    assert room.reason_conference_ended == "participant-with-end-conference-on-exit-kicked"


async def test_conference_ended_over_rest(phones: Telephones) -> None:
    caller, advisor = await phones.ring(CALLER), await phones.ring(OTHER_CALLER)
    (room,) = await phones.client.conferences.list_async()
    ended = await phones.client.conferences(room.sid).update_async(status="completed")
    await phones.calls.settled()
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    assert {phones.heard(sid)[-1] for sid in (caller, advisor)} == {"Takk for samtalen."}
    assert phones.service.told("/conference", "StatusCallbackEvent", "ReasonParticipantLeft")[3:] == [
        ("participant-leave", "conference_ended_via_api"),
        ("participant-leave", "conference_ended_via_api"),
        ("conference-end", None),
    ]


async def test_redirected_out_of_the_conference_is_no_end_of_the_dial(phones: Telephones) -> None:
    phones.answer_from("/elsewhere", '<Say>Et annet sted.</Say><Pause length="5"/>')
    await phones.ring(CALLER)
    advisor = await phones.ring(OTHER_CALLER)
    await phones.client.calls(advisor).update_async(url=f"{phones.service.url}/elsewhere")
    await phones.calls.settled()
    assert phones.heard(advisor)[-2:] == ["Et annet sted.", "5 s"]
    assert phones.service.forms("/after") == []
    assert phones.service.told("/conference", "StatusCallbackEvent", "ReasonParticipantLeft")[-1] == (
        "participant-leave",
        "participant_updated_via_api",
    )


async def test_time_limit_and_star(phones: Telephones) -> None:
    phones.answer_from(
        "/voice", '<Dial timeLimit="10" hangupOnStar="true"><Conference>a</Conference></Dial><Say>Slutt.</Say>'
    )
    first, second, third = [await phones.ring() for _ in range(3)]
    await phones.press(first, "1*")
    assert phones.heard(first)[-1] == "Slutt."
    await phones.wait(10)
    assert [phones.heard(sid)[-1] for sid in (second, third)] == ["Slutt.", "Slutt."]
