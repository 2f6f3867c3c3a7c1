"""What one message says: level, subject, span, guards; and that nothing breaks the reading."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.core.codes import AtRisk, Urgency, code_lists
from helpline.triage import Finding, read

RED, YELLOW, GREEN = Urgency.RED, Urgency.YELLOW, Urgency.GREEN


@pytest.mark.parametrize(
    ("text", "urgency", "at_risk", "code"),
    [
        ("mannen min har slått meg i natt og han er på vei hjem", RED, AtRisk.SELF, "violence_now"),
        ("dattera skrev at hun ikke vil leve og nå tar hun ikke telefonen", RED, AtRisk.OTHER, "suicide_other"),
        ("he took all his pills", RED, AtRisk.OTHER, "overdose_poisoning"),
        ("pappa puster ikke", RED, AtRisk.OTHER, "medical_emergency"),
        ("sønnen min sier han skal ta livet sitt", RED, AtRisk.OTHER, "suicide_other"),
        ("jeg skal ta livet mitt i kveld", RED, AtRisk.SELF, "suicide_self"),
        ("jeg er 11 år og pappa slår meg", RED, AtRisk.CHILD, "child_at_risk"),
        ("jeg er 12 og vil ikke leve mer", YELLOW, AtRisk.CHILD, "suicide_self"),
        ("datteren min på 14 sier hun vil dø", YELLOW, AtRisk.CHILD, "suicide_other"),
        ("han rister babyen", RED, AtRisk.CHILD, "child_at_risk"),
        ("eg er redd han", YELLOW, AtRisk.SELF, "violence_pattern"),
        ("det brenner i leiligheten", RED, AtRisk.UNKNOWN, "fire"),
        ("jeg orker ikke mer", YELLOW, AtRisk.SELF, "suicide_self"),
        ("mannen min orker ikke mer", YELLOW, AtRisk.OTHER, "suicide_other"),
    ],
)  # fmt: skip
def test_danger_is_seen_and_whose_it_is(text: str, urgency: Urgency, at_risk: AtRisk, code: str) -> None:
    found = read(text)
    assert found.urgency is urgency
    assert found.at_risk is at_risk
    assert code in {alarm.code for alarm in found.alarms}


@pytest.mark.parametrize(
    "text",
    [
        "Hei, har dere en samtalegruppe i Bergen?",
        "Kva rettar har eg som pårørande?",
        "jeg dør av latter",
        "vi slår i hjel tiden mens vi venter",
        "jeg er gift med en mann som har demens",
        "det stemmer at jeg bor i Oslo",
        "",
        "   ",
        "\x00\x00",
        "👍",
    ],
)
def test_ordinary_messages_are_green(text: str) -> None:
    assert read(text).urgency is GREEN


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("jeg vil ikke ta livet mitt", "negation"),
        ("jeg har ingen planer om å ta livet mitt", "negation"),
        ("for ti år siden prøvde han å ta livet sitt", "history"),
        ("jeg så en film der han sier han skal drepe alle", "fiction"),
    ],
)
def test_a_guard_lowers_one_level_and_says_why(text: str, why: str) -> None:
    found = read(text)
    assert found.urgency is YELLOW
    assert any(guarded.why.startswith(why) and guarded.after is YELLOW for guarded in found.guarded)


def test_an_idiom_is_set_aside_but_logged() -> None:
    found = read("jeg dør nå av latter")
    assert found.alarms == ()
    assert any(guarded.after is None for guarded in found.guarded)


@pytest.mark.parametrize(
    "text",
    [
        "jeg vil ikke leve",
        "det er ikke det at jeg ikke vil dø",
        "jeg klarer ikke å la være å tenke på selvmord",
        "jeg spiser ikke og jeg vil dø",
        "ikke at det spiller noen rolle, men jeg vil dø",
    ],
)
def test_negation_that_is_the_danger_or_belongs_elsewhere_lowers_nothing(text: str) -> None:
    assert read(text).urgency is not GREEN


@pytest.mark.parametrize(
    "text",
    [
        "PAPPA PUSTER IKKE!!!",
        "pappa puuuster ikkkke",
        "p\u200bappa pus\u200bter ik\u00adke",
        "pappapusterikke",
        "p a p p a  p u s t e r  i k k e",
        "pappa pus\x00ter ikke",
        "ｐａｐｐａ ｐｕｓｔｅｒ ｉｋｋｅ",
    ],
)
def test_odd_writing_hides_nothing(text: str) -> None:
    assert read(text).urgency is RED


def test_spans_count_characters_of_the_original() -> None:
    text = "Hei 🙂.  Mannen  min PUUSTER\u200b ikke!"
    alarm = read(text).alarms[0]
    assert text[slice(*alarm.span)] == alarm.words == "PUUSTER\u200b ikke"


@given(text=st.text(max_size=300), previous=st.sampled_from([None, "nb", "en"]))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_sound_finding(text: str, previous: str | None) -> None:
    _sound(text, read(text, previous_language=previous))


WORDS = [*"jeg vil ikke leve han har kniv tatt alle pillene . , ikkje 10 år 🔪".split(), "\n"]


@given(words=st.lists(st.sampled_from(WORDS), max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_row_of_telling_words_gives_a_sound_finding(words: list[str]) -> None:
    text = " ".join(words)
    _sound(text, read(text))


def _sound(text: str, found: Finding) -> None:
    codes, topics = code_lists()["alarm"], code_lists()["topic"]
    assert (found.at_risk is None) == (not found.alarms)
    assert found.urgency is min((alarm.level for alarm in found.alarms), key=lambda level: level.rank, default=GREEN)
    assert set(found.topics) <= set(topics)
    for alarm in found.alarms:
        assert alarm.code in codes
        assert 0 <= alarm.span[0] < alarm.span[1] <= len(text)
        assert alarm.words == text[slice(*alarm.span)]


@pytest.mark.parametrize(
    "piece",
    ["jeg orker ikke mer ", "a", "tatt ", "puster ikke. ", "ikke ", "jeg vil ta ", "🔪", "\x00", "å" * 30 + " "],
)
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    read("jeg vil ikke ta alle pillene. han puster ikke")
    started = time.perf_counter()
    read((piece * (100_000 // len(piece) + 1))[:100_000])
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    "text",
    [
        "Han har truet med å drepe meg og nå er han på vei",
        "hun tok livet av seg på trening sa de, men hun har tatt alle pillene",
        "jeg dør ikke av latter, jeg har tatt alle pillene",
    ],
)
def test_an_idiom_hides_no_danger_beside_it(text: str) -> None:
    assert read(text).urgency is RED
