"""What the words around an alarm weigh: they raise, they hold back by one level and say so, and few tell nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.codes import Urgency
from helpline.triage import read
from helpline.triage.alarms import judge, scan
from helpline.triage.lexicon import lexicon
from helpline.triage.normalise import tokens
from helpline.triage.weighing import add_up, features, weigh

WORDS = st.sampled_from(
    "jeg han hun mamma broren min ikke aldri tabletter kniv broa taket nå i kveld natt døde død vil ta livet sitt "
    "puster svarer gulvet blod skriker redd lurer på søknad vedtak takk kurs film 2012 ! . , hei my brother "
    "knife tonight".split()
)


@pytest.mark.parametrize(
    "answer",
    ["han kommer snart", "i kveld", "jente 16", "no", "nå", "vet ikke", "ringer i kveld", "jeg er her", "hun sover nå"],
)
def test_a_short_answer_is_no_danger(answer: str) -> None:
    assert read(answer).urgency is Urgency.GREEN


@pytest.mark.parametrize(
    "words",
    [
        "Mannen min har demens", "Moren min har ALS", "Broren min ruser seg", "My son has autism",
        "Jeg vet ikke hva jeg skal gjøre", "Eg veit ikkje kva eg skal gjere, mor mi er sjuk",
        "My mother is ill and I do not know what to do", "Ola lå i sengen da jeg kom kl. 14.",
    ],
)  # fmt: skip
def test_the_first_words_of_one_who_asks_are_no_danger(words: str) -> None:
    assert read(words).urgency is Urgency.GREEN


def test_what_the_lexicon_has_no_line_for_is_raised_with_the_words_that_weigh_most() -> None:
    found = read("Bestefar skulle bare ned i naustet, nå flyter lua hans i vannet og ingen har sett ham")
    raised = [alarm for alarm in found.alarms if alarm.entry.startswith("weighed.")]
    assert all(alarm.words for alarm in raised)
    assert all(alarm.entry == f"weighed.{alarm.code}" or alarm.code.startswith("suicide") for alarm in raised)


@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_it_lowers_one_level_at_most_and_says_so(text: str) -> None:
    known = lexicon()
    message = scan(text, tokens(text, known.vocabulary), known)
    judged, guarded = judge(message, known)
    weighed, after = weigh(message, judged, guarded)
    before = min((alarm.level.rank for alarm in judged), default=Urgency.GREEN.rank)
    now = min((alarm.level.rank for alarm in weighed), default=Urgency.GREEN.rank)
    assert now <= before or (before, now) == (Urgency.RED.rank, Urgency.YELLOW.rank)
    assert (now > before) == (after != guarded)
    assert {alarm.entry for alarm in judged} <= {alarm.entry for alarm in weighed}
    assert read(text) == read(text)


def test_two_lines_that_see_danger_are_never_held_back() -> None:
    text = (
        "I fjor var vi på kurs og film om selvmord, og vi lurer på søknaden om avlastning. Takk for hjelpen. "
        "Men nå har han tatt alle tablettene sine, og mamma puster ikke."
    )
    assert read(text).urgency is Urgency.RED


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_every_feature_has_its_place_among_the_words(text: str) -> None:
    known = lexicon()
    message = scan(text, tokens(text, known.vocabulary), known)
    count = len(message.tokens)
    assert all(0 <= first <= last < max(count, 1) for first, last in features(message).values())
    total = add_up(message)
    assert total is None or total.serious >= total.red - 1e-5
