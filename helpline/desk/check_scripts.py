"""Whether the guided conversations can be walked and said: at load, and for `helpline knowledge check`.

That nobody gets stuck is `triage.script_check`. Here it is whether every phrase exists and every text keeps within its
channel's measure, in each language; docs/conversations.md says what these are and why.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpline.core import sms_text
from helpline.core.questionnaire import AnswerKind, Misread, Question, Questionnaire
from helpline.core.sms_text import Encoding
from helpline.desk.keys import all_read_out, has_more
from helpline.guidance import Library
from helpline.guidance.letters import Letters
from helpline.guidance.phrases import Phrases
from helpline.guidance.rights import RightsGuide
from helpline.triage.script import LANGUAGES, SAYING, Script, Shows, Step, plain_words
from helpline.triage.script_check import problems as walking_problems

#: Parts of one text. Each is paid for, and a telephone may show them apart.
SMS_PARTS = 3
#: Characters of one message, and bytes that a button carries (Bot API: sendMessage, InlineKeyboardButton).
TELEGRAM_CHARACTERS = 4096
BUTTON_BYTES = 64
#: Characters on a button; longer ones are cut off on most telephones.
BUTTON_LABEL = 80
#: Words that are said before a caller can act: nobody keeps more in mind, and at 150 words a minute it is 24 seconds.
SPOKEN_WORDS = 60
#: And with all keys named after them.
SPOKEN_WITH_KEYS = 110
#: Titles of rights in one text; the others follow on demand.
RIGHTS_AT_ONCE = 4

#: Where a phrase needs something of the moment: about the longest that it can be.
_SAMPLES: Mapping[str, str] = {
    "opens": "Vi åpner mandag 30. november kl. 10.",
    "hours": "Mandag, tirsdag og torsdag kl. 10–15, onsdag kl. 10–19.",
    "wait": "Ventetiden er omtrent 45 minutter.",
    "was": "Annen familie, ektefelle eller samboer",
    "taken": "For den som er syk er du: Kjæreste, eks, venn eller nabo.",
    "address": "https://helpline.example/l/" + 43 * "x",
    "remarks": 280 * "x",
    "why": 280 * "x",
    "number": "+47 900 00 000",
    "laws": "pasient- og brukerrettighetsloven § 2-8; helse- og omsorgstjenesteloven § 3-6",
    "seen": "2026-07-02",
    "words": "«Kristiansund», «Møre og Romsdal», «912 34 567», «eksempel@example.org», «Marianne» ...",
    "story": 70 * "x",
    "offer": "Selvstyrt gruppe",
    "offers": "Digital skrivetime (onsdager kl. 10–11)",
    "label": "Ja",
    "key": "1",
}
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
#: What the questions say around themselves (`desk.ask`), and other phrases that no step names.
SAID_BY_THE_DESK = (
    "answer_ways answer_several answer_picked answer_may_skip answer_was answer_taken answer_none answer_one_more "
    "answer_yes_or_no answer_old_button answer_edited answer_nothing_to_keep answers_kept nothing_to_go_on_with "
    "choice_yes choice_no choice_done choice_skip choice_keep choice_back choice_more page_address page_result "
    "rights_found rights_none rights_gone rights_ask_advisor rights_perhaps rights_perhaps_spoken rights_law "
    "rights_number nothing_found suggestion letter_can_go_on letter_remarks letter_gone letter_unfinished "
    "choice_instead share_go_on share_interrupted share_found_quietly share_summary_quietly share_kept interest_kept "
    "interest_open_now interest_closed_now interest_off interest_not_on interest_written evaluation_ask "
    "evaluation_thanks evaluation_had call_evaluation call_evaluation_thanks safe_yes safe_no help_now "
    "help_now_quietly red_in_queue red_closed left_queue added_to_message press going_quiet evaluation_how "
    "in_norwegian only_in_norwegian media_beside_words waiting_automatic"
).split()


#: What a script names and the desk works out: one of these phrases.
WORKED_OUT = {
    "letter_stopped": (
        "letter_danger letter_danger_unsure letter_for_child letter_not_for_adult letter_only_relatives "
        "letter_only_nearest letter_no_authority letter_can_go_on"
    ).split()
}


@dataclass(frozen=True, kw_only=True)
class Content:
    """What the scripts are held against."""

    library: Library
    phrases: Phrases
    rights: RightsGuide
    letters: Letters

    def questionnaire(self, name: str) -> Questionnaire:
        return {"rights": self.rights.questionnaire, "letter": self.letters.questionnaire}[name]


def problems(name: str, script: Script, content: Content, *, spoken: bool) -> Iterator[str]:
    """Everything that is wrong with a script, a sentence each: file, step, and what is wrong."""
    articles = frozenset(article.slug for article in content.library.articles)
    found = list(
        walking_problems(script, spoken=spoken, articles=articles, questionnaires=frozenset({"rights", "letter"}))
    )
    found += _missing_phrases(script, content.phrases)
    for step in script.steps.values():
        found += _unheard(script, step, content)
    if not found:
        for step in script.steps.values():
            found += (_spoken if spoken else _written)(step, content)
    for problem in dict.fromkeys(found):
        yield f"{name}: {problem}"


def _missing_phrases(script: Script, phrases: Phrases) -> Iterator[str]:
    for step in script.steps.values():
        labels = [way.label for way in step.ways if way.label]
        said = [way.argument for way in step.all_ways() if way.do in SAYING and way.argument]
        for named in (*step.say, *filter(None, [step.ask]), *labels, *said):
            for phrase in WORKED_OUT.get(named, [named]):
                if not phrases.has(phrase):
                    yield f"step {step.id}: the phrase {phrase} does not exist."
    misread = [f"answer_{reason.value}" for reason in _TAKEN_IN_CONVERSATION]
    for phrase in (*script.courtesies, *SAID_BY_THE_DESK, *misread):
        if not phrases.has(phrase):
            yield f"the phrase {phrase}, which the service says by itself, does not exist."


def _unheard(script: Script, step: Step, content: Content) -> Iterator[str]:
    """Words of an answer that mean something else before the question gets to hear them."""
    if step.asks is None:
        return
    ways = (*step.ways, *script.anywhere)
    for question in content.questionnaire(step.asks).questions:
        for one in (question, *question.parts):
            for option in one.options:
                for word in (*option.label.values(), *option.words):
                    if any(way.means(plain_words(word)) for way in ways):
                        yield f"step {step.id}, question {one.id}: «{word}» is heard as something else before it."


#: Reasons that belong to files of answers are said by the commands.
_TAKEN_IN_CONVERSATION = frozenset(Misread) - {Misread.UNKNOWN_QUESTION, Misread.WRONG_KIND}


def _written(step: Step, content: Content) -> Iterator[str]:
    for language in LANGUAGES:
        for channel in ("sms", "telegram"):
            say = _Words(content, language, channel)
            said = [say(phrase) for phrase in (*step.say, *filter(None, [step.ask]))]
            labels = [(way.key, say(way.label)) for way in step.ways_in(language) if way.label is not None] + _held_out(
                step, say
            )
            yield from _fits(f"step {step.id}", "\n\n".join(said), labels, say, step=step.id)
            if step.asks is not None:
                for question in content.questionnaire(step.asks).questions:
                    yield from _question(step, question, say)


@dataclass(frozen=True)
class _Words:
    """The words of phrases in one language on one channel, with samples for what the moment adds."""

    content: Content
    language: str
    channel: str

    def __call__(self, phrase: str) -> str:
        if phrase in WORKED_OUT:
            return max((self(one) for one in WORKED_OUT[phrase]), key=len)
        forms = self.content.phrases.texts[phrase]
        words = forms.get({"sms": "sms", "phone": "spoken"}.get(self.channel, "text"), forms["text"])[self.language]
        words = re.sub(r"\{number:[a-z_]+\}", "22 40 00 40", words)
        return _PARAMETER.sub(lambda match: self._sample(match[1]), words)

    def _sample(self, parameter: str) -> str:
        match parameter:
            case "title":
                return max((article.title for article in self.content.library.articles), key=len)
            case "kind":
                return max((kind.label[self.language] for kind in self.content.letters.kinds.values()), key=len)
            case _:
                return _SAMPLES.get(parameter, "1000")


def _held_out(step: Step, say: _Words) -> list[tuple[str, str]]:
    """The longest choices that a step can come to hold out."""
    match step.shows:
        case Shows.ARTICLES | Shows.SUGGESTION:
            titles = sorted(_titles(say), key=len)
            return [("9", title) for title in titles[-3 if step.shows is Shows.ARTICLES else -1 :]]
        case Shows.RIGHTS:
            titles = sorted({right.title[say.language] for right in say.content.rights.rights}, key=len)
            if say.channel == "telegram":
                return [("99", title) for title in titles]
            prefix = say("rights_perhaps").partition(":")[0]
            return [("99", f"{prefix}: {title}") for title in titles[-RIGHTS_AT_ONCE:]]
        case Shows.INSTEAD:
            return [("2", say("choice_instead"))]
        case _:
            return []


def _titles(say: _Words) -> set[str]:
    """The titles of articles as they are held out in a language, those that it has no version of in Norwegian."""
    articles = say.content.library.articles
    own = {article.slug for article in articles if article.language == say.language}
    named = say.content.phrases.texts["in_norwegian"]["text"][say.language] if say.language == "en" else "{title}"
    others = {named.replace("{title}", one.title) for one in articles if one.language == "nb" and one.slug not in own}
    return {article.title for article in articles if article.language == say.language} | others


def _question(step: Step, question: Question, say: _Words) -> Iterator[str]:
    for one in (question, *question.parts):
        name = one.id if one is question else f"{question.id}.{one.id}"
        where = f"step {step.id}, question {name}"
        lines = [one.words(say.language, say.channel)]
        if one.hint and say.channel == "telegram":
            lines.append(one.hint[say.language])
        if one.kind is AnswerKind.CHOICES:
            lines.append(say("answer_several"))
        if not one.required:
            lines.append(say("answer_may_skip"))
        labels = [
            (option.code if say.channel == "telegram" else str(number), option.label[say.language])
            for number, option in enumerate(one.options, start=1)
        ]
        # The longest name that the question can come to have, in a list with many rows.
        button = f"{step.id}/{question.id}" + ("" if one is question else f".99.{one.id}")
        yield from _fits(where, "\n".join(lines), [*labels, ("0", say("choice_back"))], say, step=button)


def _fits(where: str, text: str, choices: list[tuple[str, str]], say: _Words, *, step: str) -> Iterator[str]:
    where = f"{where} ({say.language}, {say.channel})"
    if say.channel == "telegram":
        if len(text) > TELEGRAM_CHARACTERS:
            yield f"{where}: {len(text)} characters; at most {TELEGRAM_CHARACTERS}."
        for key, label in choices:
            if len(f"{step}:{key}".encode()) > BUTTON_BYTES:
                yield f"{where}: the button «{key}» carries more than {BUTTON_BYTES} bytes."
            if len(label) > BUTTON_LABEL:
                yield f"{where}: «{label}» has {len(label)} characters; at most {BUTTON_LABEL} on a button."
        return
    whole = sms_text.plain("\n".join([text, *(f"{key} = {label}" for key, label in choices)]))
    size = sms_text.measure(whole)
    if size.encoding is not Encoding.GSM7:
        strange = next(sign for sign in whole if sms_text.measure(sign).encoding is not Encoding.GSM7)
        yield f"{where}: «{strange}» is not in the alphabet of SMS (GSM-7), which makes the text twice as dear."
    if size.parts > SMS_PARTS:
        yield f"{where}: {size.parts} SMS parts; at most {SMS_PARTS}."


def _spoken(step: Step, content: Content) -> Iterator[str]:
    for language in LANGUAGES:
        say = _Words(content, language, "phone")
        said = [say(phrase) for phrase in (*step.say, *filter(None, [step.ask]))]
        keys = [say("press").replace("Ja", say(way.label)) for way in step.ways_in(language) if way.label is not None]
        where = f"step {step.id} ({language}, spoken)"
        yield from _can_be_heard(where, said, keys)
        if step.asks is None:
            continue
        for question in content.questionnaire(step.asks).questions:
            where = f"step {step.id}, question {question.id} ({language}, spoken)"
            if not question.keyed:
                if question.required:
                    yield f"{where}: it must be answered, and the keys of a telephone cannot."
                continue
            several = [say("answer_several")] if question.kind is AnswerKind.CHOICES else []
            for options in all_read_out(question):
                more = [say("choice_more")] if has_more(question) else []
                labels = [*(option.label[language] for option in options), *more]
                keys = [f"{label}, tast {number}." for number, label in enumerate(labels, 1)]
                yield from _can_be_heard(where, [question.words(language, "phone"), *several], keys)


def _can_be_heard(where: str, said: list[str], keys: list[str]) -> Iterator[str]:
    words = len(" ".join(said).split())
    if words > SPOKEN_WORDS:
        yield f"{where}: {words} words; at most {SPOKEN_WORDS} before the keys."
    words += len(" ".join(keys).split())
    if words > SPOKEN_WITH_KEYS:
        yield f"{where}: {words} words with the keys; at most {SPOKEN_WITH_KEYS}."
