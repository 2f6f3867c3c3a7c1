"""A turn as TwiML: pure rendering, no clock, no database. What Twilio reads aloud, asks and connects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse
from twilio.twiml.voice_response import Say as SayVerb

from helpline.channels.twilio import overrides
from helpline.core.turn import Ask, Bridge, Choice, End, Hold, Say, Turn, conference_name
from helpline.desk.house import House
from helpline.guidance.phrases import page_language
from helpline.guidance.spoken import spoken

#: The sound queue. Twilio makes it on demand; the order in it is ours.
QUEUE = "helpline"
#: Voice and language of `Say`. There is no nynorsk voice, so Ida reads both (DOMAIN §5.7).
_VOICES = {
    "nb": ("Polly.Ida-Neural", "nb-NO"),
    "nn": ("Polly.Ida-Neural", "nb-NO"),
    "en": ("Polly.Amy-Neural", "en-GB"),
}
#: Seconds of silence after a question until nobody answers; a number is keyed in more slowly.
_ANSWER_TIME = 6
_KEYING_TIME = 10
#: Seconds between two rounds of the wait document.
_WAIT_ROUND = 25
#: Seconds of silence before we try again after a failure of ours.
_BEFORE_AGAIN = 5


@dataclass(frozen=True, kw_only=True)
class Urls:
    """The addresses that the documents of one call lead to, as Twilio is given them."""

    public: str

    def _voice(self, path: str) -> str:
        return overrides(f"{self.public}/webhooks/twilio/voice{path}")

    def answer(self, number: int) -> str:
        """Where keys go."""
        return self._voice(f"/turn/{number}")

    def silence(self, number: int) -> str:
        """Where the call goes on when no key came."""
        return self._voice(f"/turn/{number}?quiet=1")

    def wait(self, contact_id: int) -> str:
        return self._voice(f"/wait/{contact_id}")

    def wait_key(self, contact_id: int) -> str:
        return self._voice(f"/waitkey/{contact_id}")

    def left(self, number: int) -> str:
        return self._voice(f"/left/{number}")

    def bridge(self, contact_id: int) -> str:
        return self._voice(f"/bridge/{contact_id}")

    def bridged(self, contact_id: int) -> str:
        return self._voice(f"/bridged/{contact_id}")

    def conference(self, contact_id: int) -> str:
        return self._voice(f"/conference/{contact_id}")

    def moment(self, language: str) -> str:
        """The short document heard while the other one is fetched."""
        return self._voice(f"/moment/{page_language(language)}")

    def again(self) -> str:
        """Where a call goes on after an apology."""
        return self._voice("/again")

    def fallback(self) -> str:
        return self._voice("/fallback")

    def leg(self, leg_id: int) -> str:
        return self._voice(f"/leg/{leg_id}")

    def leg_status(self, leg_id: int) -> str:
        return self._voice(f"/leg/{leg_id}/status")


@dataclass(frozen=True, kw_only=True)
class LegUrls(Urls):
    """The same for a telephone that we ring: keys accept the call, silence declines it."""

    leg_id: int

    def answer(self, number: int) -> str:
        return self._voice(f"/leg/{self.leg_id}/accept")

    def silence(self, number: int) -> str:
        return self._voice(f"/leg/{self.leg_id}/accept?quiet=1")


def render(turn: Turn, *, house: House, urls: Urls, on: date, with_advisor: bool = False, pause: int = 0) -> str:
    """The instructions of a turn as one document.

    `with_advisor` says that this telephone is the advisor's: the conversation starts with them. `pause` is seconds of
    silence first, where the same thing would otherwise come again at once.
    """
    document = VoiceResponse()
    if pause:
        document.pause(length=pause)
    #: Sayings that a question follows are said inside it, so that a key cuts them short.
    before: list[Say] = []
    for part in turn.instructions:
        match part:
            case Say():
                before.append(part)
                continue
            case Ask():
                document.append(_question(part, before, turn, house=house, urls=urls, on=on))
                document.redirect(urls.silence(turn.number + 1))
            case Hold():
                _say(document, before, turn.language)
                document.enqueue(
                    QUEUE, action=urls.left(turn.number + 1), wait_url=urls.wait(_contact(turn)), method="POST"
                )
            case Bridge():
                _say(document, before, turn.language)
                document.append(_room(part.contact_id, turn.language, urls=urls, with_advisor=with_advisor))
            case End():
                _say(document, before, turn.language)
                document.hangup()
            case _:
                assert_never(part)
        before = []
    _say(document, before, turn.language)
    return str(document)


def _contact(turn: Turn) -> int:
    if turn.contact_id is None:
        raise ValueError("Only a contact can wait in the queue.")
    return turn.contact_id


def _question(ask: Ask, before: list[Say], turn: Turn, *, house: House, urls: Urls, on: date) -> Gather:
    many = ask.digits == 0
    gather = Gather(
        input="dtmf",
        action=urls.answer(turn.number + 1),
        method="POST",
        timeout=_KEYING_TIME if many else _ANSWER_TIME,
        num_digits=None if many else ask.digits,
        # With one key to press, # and * are keys like the others: «that choice we do not know».
        finish_on_key="#" if many else "",
    )
    choices = [_choice(choice, turn, house=house, on=on) for choice in ask.choices]
    _say(gather, [*before, Say(text=ask.text), *choices], turn.language)
    return gather


def _choice(choice: Choice, turn: Turn, *, house: House, on: date) -> Say:
    language = choice.language or turn.language
    press = house.phrases.say(
        "press", language=language, channel="phone", on=on, label=choice.label, key=" ".join(choice.key)
    )
    return Say(text=press, language=language)


def _room(contact_id: int, language: str, *, urls: Urls, with_advisor: bool) -> Dial:
    """The conference of a contact. It starts with the advisor and ends with whoever leaves first: two people talk
    there, and nobody is left behind with music."""
    dial = Dial(action=urls.bridged(contact_id), method="POST")
    dial.conference(
        conference_name(contact_id),
        start_conference_on_enter=with_advisor,
        end_conference_on_exit=True,
        beep="false",
        wait_url=urls.moment(language),
        wait_method="POST",
        status_callback=urls.conference(contact_id),
        status_callback_method="POST",
        status_callback_event="join leave end",
    )
    return dial


def _say(verb: TwiML, says: Iterable[Say], language: str) -> None:
    """Read aloud, in `language` unless the words carry their own."""
    for say in says:
        if say.text.strip():
            own = say.language or language
            voice, spoken_language = _VOICES[page_language(own)]
            verb.append(SayVerb(spoken(say.text, language=own), voice=voice, language=spoken_language))


# Documents that belong to no turn.


def waiting(texts: Iterable[str], *, contact_id: int, language: str, urls: Urls) -> str:
    """One round in the queue: words, then silence in which a key may be pressed. Twilio asks for the next by itself."""
    document = VoiceResponse()
    gather = Gather(
        input="dtmf", action=urls.wait_key(contact_id), method="POST", timeout=_WAIT_ROUND, num_digits=1,
        finish_on_key="",
    )  # fmt: skip
    _say(gather, (Say(text=text) for text in texts), language)
    document.append(gather)
    return str(document)


def leave_queue() -> str:
    document = VoiceResponse()
    document.leave()
    return str(document)


def quiet(seconds: int) -> str:
    """Silence in the queue, for the moment in which the caller is fetched out of it."""
    document = VoiceResponse()
    document.pause(length=seconds)
    return str(document)


def moment(house: House, *, language: str, on: date) -> str:
    """What somebody hears who is first in the room."""
    document = VoiceResponse()
    words = house.phrases.say("call_one_moment", language=language, channel="phone", on=on)
    _say(document, [Say(text=words)], language)
    document.pause(length=15)
    return str(document)


def nothing() -> str:
    """An answer to which nobody listens any more."""
    return str(VoiceResponse())


def to_again(urls: Urls) -> str:
    """Go on where the call stands now."""
    document = VoiceResponse()
    document.redirect(urls.again())
    return str(document)


@dataclass(frozen=True, kw_only=True)
class Apologies:
    """What is heard when we fail: valid when nothing else works, built once at start.

    `call` tries again by itself; `queue` is the same for a wait document, where Twilio asks again.
    """

    call: str
    queue: str


def apologies(house: House, *, urls: Urls, on: date) -> Apologies:
    """The emergency numbers in Norwegian and English, then another try."""
    documents = []
    for with_redirect in (True, False):
        document = VoiceResponse()
        for language in ("nb", "en"):
            words = house.phrases.say("apology", language=language, channel="phone", on=on)
            _say(document, [Say(text=words)], language)
        document.pause(length=_BEFORE_AGAIN)
        if with_redirect:
            document.redirect(urls.again())
        documents.append(str(document))
    return Apologies(call=documents[0], queue=documents[1])
