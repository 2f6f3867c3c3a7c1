"""What is read aloud, asked and connected, document by document; each read back by a reader as strict as Twilio's."""

from datetime import date

import pytest

from helpline.channels import twiml
from helpline.core.turn import Ask, Bridge, Choice, End, Hold, Instruction, Say, Turn
from helpline.desk.house import House
from helpline.guidance.spoken import spoken
from helpline.simulator.twiml import Purpose, parse
from helpline.simulator.voice_verbs import Conference, Dial, Document, Enqueue, Gather, Hangup, Pause, Redirect
from helpline.simulator.voice_verbs import Say as Heard

ON = date(2026, 11, 23)
URLS = twiml.Urls(public="https://line.example")
VOICE = "https://line.example/webhooks/twilio/voice"
AGAIN = "#rc=5&rp=5xx,ct,rt&tt=15000"
QUESTION = Ask(
    text="Hva vil du?",
    choices=(
        Choice(key="1", label="For å snakke med en rådgiver"),
        Choice(key="9", label="For English", language="en"),
    ),
    step="open",
)


def rendered(house: House, *instructions: Instruction, language: str = "nb", number: int = 3) -> Document:
    turn = Turn(contact_id=7, instructions=instructions, number=number, language=language)
    return parse(twiml.render(turn, house=house, urls=URLS, on=ON))


@pytest.mark.parametrize(
    ("text", "language", "heard"),
    [
        ("Ring 113.", "nb", "Ring 1 1 3."),
        ("Ring 112, eller 110 ved brann!", "nb", "Ring 1 1 2, eller 1 1 0 ved brann!"),
        ("Lege: 116 117.", "nb", "Lege: 1 1 6, 1 1 7."),
        ("Ring 116\u00a0123 hele døgnet.", "nb", "Ring 1 1 6, 1 2 3 hele døgnet."),
        ("Kirkens SOS 22 40 00 40", "nb", "Kirkens SOS 2 2, 4 0, 0 0, 4 0"),
        ("Mobil 915 08 588.", "nb", "Mobil 9 1 5, 0 8, 5 8 8."),
        ("Ring 21525353.", "nb", "Ring 2 1, 5 2, 5 3, 5 3."),
        ("Ring 91508588.", "nb", "Ring 9 1 5, 0 8, 5 8 8."),
        ("Ring 116117.", "nb", "Ring 1 1 6, 1 1 7."),
        ("Politiet: 02800.", "nb", "Politiet: 0 2 8 0 0."),
        ("Ring +47 21 52 53 53.", "nb", "Ring pluss 4 7, 2 1, 5 2, 5 3, 5 3."),
        ("Call +4791508588.", "en", "Call plus 4 7, 9 1 5, 0 8, 5 8 8."),
        ("Du er nummer 113 i køen.", "nb", "Du er nummer 113 i køen."),
        ("You are number 112 in the queue.", "en", "You are number 112 in the queue."),
        ("Ventetiden er omtrent 110 minutter.", "nb", "Ventetiden er omtrent 110 minutter."),
        ("Du er nummer 2 i køen.", "nb", "Du er nummer 2 i køen."),
        ("mandag–fredag kl. 10–15.", "nb", "mandag–fredag kl. 10–15."),
        ("Vi åpner mandag 4. januar kl. 09.30.", "nb", "Vi åpner mandag 4. januar kl. 09.30."),
        ("Hver dag 10:00–15:00 i 2026.", "nb", "Hver dag 10:00–15:00 i 2026."),
        ("Snakk, tast 1.", "nb", "Snakk, tast 1."),
        ("38,1 % av 1 731", "nb", "38,1 % av 1 731"),
        ("Lås\x00 opp\x0b <nå> & hør", "nb", "Lås opp <nå> & hør"),
        ("", "nb", ""),
    ],
)
def test_telephone_numbers_are_spelled_and_other_figures_are_not(text: str, language: str, heard: str) -> None:
    assert spoken(text, language=language) == heard


@pytest.mark.parametrize(
    ("language", "voice", "spoken_language"),
    [
        ("nb", "Polly.Ida-Neural", "nb-NO"),
        ("nn", "Polly.Ida-Neural", "nb-NO"),
        ("se", "Polly.Ida-Neural", "nb-NO"),
        ("en", "Polly.Amy-Neural", "en-GB"),
        ("pl", "Polly.Amy-Neural", "en-GB"),
    ],
)
def test_each_language_has_a_voice(house: House, language: str, voice: str, spoken_language: str) -> None:
    document = rendered(house, Say(text="113"), End(), language=language)
    assert document.verbs == (Heard(text="1 1 3", voice=voice, language=spoken_language), Hangup())


def test_question_is_asked_inside_the_gather_with_what_was_said_before(house: House) -> None:
    gather, silence = rendered(house, Say(text="Hei."), QUESTION).verbs
    assert isinstance(gather, Gather)
    assert [prompt.text for prompt in gather.prompts if isinstance(prompt, Heard)] == [
        "Hei.",
        "Hva vil du?",
        "For å snakke med en rådgiver, tast 1.",
        "For English, press 9.",
    ]
    assert (gather.num_digits, gather.finish_on_key, gather.timeout) == (1, "", 6)
    assert (gather.dtmf, gather.speech, gather.action_on_empty_result) == (True, False, False)
    assert gather.action == f"{VOICE}/turn/4{AGAIN}"
    assert silence == Redirect(url=f"{VOICE}/turn/4?quiet=1{AGAIN}")


def test_words_in_another_language_are_read_by_its_voice(house: House) -> None:
    """«For English, press 9» is for those who understand no Norwegian voice."""
    gather, _ = rendered(house, Say(text="Call 113.", language="en"), QUESTION, language="nn").verbs
    assert isinstance(gather, Gather)
    assert gather.prompts == (
        Heard(text="Call 1 1 3.", voice="Polly.Amy-Neural", language="en-GB"),
        Heard(text="Hva vil du?", voice="Polly.Ida-Neural", language="nb-NO"),
        Heard(text="For å snakke med en rådgiver, tast 1.", voice="Polly.Ida-Neural", language="nb-NO"),
        Heard(text="For English, press 9.", voice="Polly.Amy-Neural", language="en-GB"),
    )


def test_number_is_keyed_in_until_the_hash_key(house: House) -> None:
    gather, _ = rendered(house, Ask(text="Tast nummeret ditt.", digits=0)).verbs
    assert isinstance(gather, Gather)
    assert (gather.num_digits, gather.finish_on_key, gather.timeout) == (None, "#", 10)


def test_waiting_stands_in_the_queue_with_our_wait_document(house: House) -> None:
    said, enqueue = rendered(house, Say(text="Du er nummer 2 i køen."), Hold()).verbs
    assert isinstance(said, Heard)
    assert enqueue == Enqueue(name="helpline", action=f"{VOICE}/left/4{AGAIN}", wait_url=f"{VOICE}/wait/7{AGAIN}")


@pytest.mark.parametrize("with_advisor", [False, True])
def test_the_room_starts_with_the_advisor_and_ends_with_whoever_leaves(house: House, with_advisor: bool) -> None:
    turn = Turn(contact_id=7, instructions=(Bridge(contact_id=7),), language="nn")
    document = parse(twiml.render(turn, house=house, urls=URLS, on=ON, with_advisor=with_advisor))
    assert document.verbs == (
        Dial(
            nouns=(
                Conference(
                    name="contact-7",
                    start_on_enter=with_advisor,
                    end_on_exit=True,
                    beep="false",
                    wait_url=f"{VOICE}/moment/nn{AGAIN}",
                    status_callback=f"{VOICE}/conference/7{AGAIN}",
                    status_callback_events=("join", "leave", "end"),
                ),
            ),
            action=f"{VOICE}/bridged/7{AGAIN}",
        ),
    )


def test_a_telephone_that_we_ring_accepts_with_a_key_and_declines_with_silence(house: House) -> None:
    turn = Turn(contact_id=7, instructions=(Ask(text="Tast en tast for å svare."),))
    document = parse(twiml.render(turn, house=house, urls=twiml.LegUrls(public=URLS.public, leg_id=5), on=ON))
    gather, silence = document.verbs
    assert isinstance(gather, Gather)
    assert gather.action == f"{VOICE}/leg/5/accept{AGAIN}"
    assert silence == Redirect(url=f"{VOICE}/leg/5/accept?quiet=1{AGAIN}")


def test_words_alone_and_a_pause_first(house: House) -> None:
    turn = Turn(contact_id=7, instructions=(Say(text="Ha det."), Say(text="  ")))
    document = parse(twiml.render(turn, house=house, urls=URLS, on=ON, pause=5))
    assert document.verbs == (Pause(length=5), Heard(text="Ha det.", voice="Polly.Ida-Neural", language="nb-NO"))


def test_only_a_contact_can_wait(house: House) -> None:
    with pytest.raises(ValueError, match="Only a contact"):
        twiml.render(Turn(instructions=(Hold(),)), house=house, urls=URLS, on=ON)


def test_the_apology_gives_the_emergency_numbers_and_tries_again(house: House) -> None:
    apologies = twiml.apologies(house, urls=URLS, on=ON)
    *words, pause, again = parse(apologies.call).verbs
    assert [word.language for word in words if isinstance(word, Heard)] == ["nb-NO", "en-GB"]
    assert all(isinstance(word, Heard) and "1 1 3" in word.text and "1 1 6, 1 1 7" in word.text for word in words)
    assert (pause, again) == (Pause(length=5), Redirect(url=f"{VOICE}/again{AGAIN}"))
    # In the queue Twilio asks again by itself, and a redirect would lead to verbs that may not stand there.
    assert not any(isinstance(verb, Redirect) for verb in parse(apologies.queue, purpose=Purpose.QUEUE_WAIT).verbs)


@pytest.mark.parametrize(
    ("document", "purpose"),
    [
        (twiml.waiting(["Du er nummer 1."], contact_id=7, language="nb", urls=URLS), Purpose.QUEUE_WAIT),
        (twiml.leave_queue(), Purpose.QUEUE_WAIT),
        (twiml.quiet(3), Purpose.QUEUE_WAIT),
        (twiml.nothing(), Purpose.CALL),
        (twiml.to_again(URLS), Purpose.CALL),
    ],
)
def test_the_other_documents_are_allowed_where_they_stand(document: str, purpose: Purpose) -> None:
    assert parse(document, purpose=purpose)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_wait_document_of_a_room_holds_no_keys(house: House, language: str) -> None:
    assert parse(twiml.moment(house, language=language, on=ON), purpose=Purpose.CONFERENCE_WAIT)
