"""Every text of the guided conversations keeps within its channel's measure, and what does not is named."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from helpline.core.codes import AtRisk, Urgency
from helpline.core.questionnaire import AnswerKind, Option, Question, Questionnaire
from helpline.core.sms_text import Encoding, measure, plain
from helpline.desk.check_scripts import SMS_PARTS, SPOKEN_WORDS, Content, problems
from helpline.desk.house import House
from helpline.desk.keys import all_read_out
from helpline.guidance import LANGUAGES
from helpline.guidance.danger import ORDER, QUIET, numbers_for
from tests.conftest import MONDAY
from tests.guidance.test_emergency import TELLING

THREE = ("nb", "nn", "en")


def content(house: House) -> Content:
    return Content(library=house.library, phrases=house.phrases, rights=house.rights, letters=house.letters)


def found(house: House, changed: Content) -> list[str]:
    return [
        *problems("text.yaml", house.text_script, changed, spoken=False),
        *problems("call.yaml", house.call_script, changed, spoken=True),
    ]


def test_the_conversations_of_the_service_are_sound(house: House) -> None:
    assert found(house, content(house)) == []


@pytest.mark.parametrize("word", ["hjelp", "Hopp over"])
def test_an_answer_that_can_never_be_heard_is_named(house: House, word: str) -> None:
    option = Option(code="c", label=same("Valg"), words=(word,))
    asked = Question(id="q", kind=AnswerKind.CHOICE, ask=same("Hva?"), options=(option,))
    assert any(
        f"question q: «{word}» is heard as something else" in one for one in found(house, with_question(house, asked))
    )


def with_phrase(house: House, name: str, **forms: str) -> Content:
    texts = dict(house.phrases.texts)
    texts[name] = {**texts[name], **{form: dict.fromkeys(THREE, words) for form, words in forms.items()}}
    return replace(content(house), phrases=replace(house.phrases, texts=texts))


def without_phrase(house: House, name: str) -> Content:
    texts = {one: forms for one, forms in house.phrases.texts.items() if one != name}
    return replace(content(house), phrases=replace(house.phrases, texts=texts))


def with_question(house: House, question: Question) -> Content:
    questionnaire = Questionnaire(id="rights", questions=(*house.rights.questionnaire.questions, question))
    return replace(content(house), rights=replace(house.rights, questionnaire=questionnaire))


def same(words: str) -> dict[str, str]:
    return dict.fromkeys(THREE, words)


def choice(count: int, *, code: str = "c", required: bool = False, label: str = "Valg") -> Question:
    options = tuple(Option(code=f"{code}{number}", label=same(f"{label} {number}")) for number in range(count))
    return Question(id="q", kind=AnswerKind.CHOICE, ask=same("Hva?"), options=options, required=required)


#: A question in own words, which the keys of a telephone cannot answer.
TOLD = Question(id="q", kind=AnswerKind.TEXT, ask=same("Hva?"), required=True)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda h: without_phrase(h, "choose"), "text.yaml: step menu: the phrase choose does not exist."),
        (lambda h: without_phrase(h, "letter_danger"), "step letter_stopped: the phrase letter_danger does not"),
        (lambda h: without_phrase(h, "answer_too_long"), "the phrase answer_too_long, which the service says by"),
        (lambda h: with_phrase(h, "choose", text="x" * 460), "text.yaml: step menu (nb, sms): 4 SMS parts; at most 3."),
        (lambda h: with_phrase(h, "choose", text="Привет"), "step menu (nb, sms): «П» is not in the alphabet"),
        (lambda h: with_phrase(h, "what_matters", text="y" * 4000, sms="kort"), "step welcome (nn, telegram): 4"),
        (lambda h: with_phrase(h, "call_choose", text="ord " * 61), "call.yaml: step again (nb, spoken): 61 words"),
        (lambda h: with_phrase(h, "choice_advisor", text="z" * 81, sms="kort"), "characters; at most 80 on a button."),
        (lambda h: with_question(h, TOLD), "question q (nb, spoken): it must be answered,"),
        (lambda h: with_question(h, choice(2, code="c" * 60)), "question q (nb, telegram): the button «"),
        (lambda h: with_question(h, choice(40, label="En lang etikett")), "question q (nb, sms): "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_step_and_channel(
    house: House, change: Callable[[House], Content], says: str
) -> None:
    sentences = found(house, change(house))
    assert any(says in sentence for sentence in sentences), sentences[:5]


def test_a_question_with_many_answers_is_read_out_a_few_at_a_time(house: House) -> None:
    assert found(house, with_question(house, choice(12, required=True))) == []
    assert [len(options) for options in all_read_out(choice(9))] == [9]
    assert [len(options) for options in all_read_out(choice(18))] == [8, 8, 2]
    wordy = choice(12, label=13 * "ord ")
    assert any("words with the keys; at most 110" in sentence for sentence in found(house, with_question(house, wordy)))


def test_a_question_in_own_words_is_left_out_on_the_telephone(house: House) -> None:
    assert found(house, with_question(house, replace(TOLD, required=False))) == []


@pytest.mark.parametrize("channel", ["sms", "telegram", "phone"])
def test_every_phrase_fits_by_itself(house: House, channel: str) -> None:
    """Also those that no step names."""
    for name, forms in house.phrases.texts.items():
        words = forms.get({"sms": "sms", "phone": "spoken"}.get(channel, "text"), forms["text"])
        for language in THREE:
            if channel == "telegram":
                assert len(words[language]) <= 4096, name
            elif channel == "sms" and not name.startswith("call_"):
                size = measure(plain(words[language].replace("{number:", "").replace("{", "").replace("}", "")))
                assert size.encoding is Encoding.GSM7 or "{" in words[language], name
                assert size.parts <= SMS_PARTS, name
            elif name.startswith(("call_", "answer_", "rights_")) and "spoken" in forms:
                assert len(words[language].split()) <= SPOKEN_WORDS, name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("alarm", "level"), list(product(ORDER, (Urgency.RED, Urgency.YELLOW))))
def test_the_first_line_of_every_answer_is_one_sms_part_with_a_number(
    house: House, alarm: str, level: Urgency, language: str
) -> None:
    """All alarms, languages and channels: SMS counts parts, Telegram and the telephone take the same words."""
    for at_risk in AtRisk:
        first = house.library.emergency_answer([alarm], at_risk, language, MONDAY.date(), level)[0]
        size = measure(plain(first))
        assert (size.encoding, size.parts) == (Encoding.GSM7, 1)
        assert "\n" not in first
        numbers = [house.library.number(name).display for name in numbers_for([alarm], level, at_risk)]
        assert any(number is not None and number in first for number in numbers)


@pytest.mark.parametrize("language", THREE)
@pytest.mark.parametrize("phrase", ["letter_danger", "letter_danger_unsure"])
def test_the_gates_of_a_letter_are_one_sms_part_and_tell_nothing(house: House, phrase: str, language: str) -> None:
    words = house.phrases.say(phrase, language=language, channel="sms", on=MONDAY.date())
    assert measure(plain(words)).parts == 1
    assert "113" in words
    assert not TELLING.search(words)


@pytest.mark.parametrize("language", THREE)
def test_a_line_about_violence_tells_nothing_whatever_stands_beside_it(house: House, language: str) -> None:
    for other, level, at_risk in product(ORDER, (Urgency.RED, Urgency.YELLOW), AtRisk):
        for quiet in QUIET:
            for line in house.library.emergency_answer([quiet, other], at_risk, language, MONDAY.date(), level):
                assert not TELLING.search(line), (quiet, other, line)
