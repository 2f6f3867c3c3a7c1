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


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            "Fant testamentet hans på kjøkkenbordet, datert i dag, og jakka henger igjen i gangen, og bilen er borte.",
            "hang",
        ),
        (
            "Hører gjennom veggen at han kaster henne i gulvet igjen, hun skrek «ikke halsen», nå er det stille",
            "exception",
        ),
        (
            "sønnen min tok hele glasset med Ritalin til eksamen, nå klapper hjertet og han ser folk i taket",
            "fiction",
        ),
        (
            "Nå ligger han i badekaret uten vann, iskald, med halvåpne øyne og pupiller som knappenålshoder",
            "negation",
        ),
        ("Mannen min måkte snø. Nå har han ikke farge i ansiktet og sier det stråler opp i kjeven.", "negation"),
    ],
)  # fmt: skip
def test_danger_beside_what_a_guard_held_back_is_raised_and_the_guard_stays_to_be_seen(words: str, why: str) -> None:
    found = read(words)
    assert found.urgency is Urgency.RED
    assert [alarm.entry.partition(".")[0] for alarm in found.alarms if alarm.level is Urgency.RED] == ["weighed"]
    assert any(held.why.startswith(why) and held.before is Urgency.RED for held in found.guarded)


@pytest.mark.parametrize(
    "words",
    [
        "jeg har ingen planer om å ta livet mitt", "Moren min kommer ikke til å ta livet sitt, sier legen på møtet",
        "Han sa han skulle drepe meg hvis jeg vant i sjakk igjen, og så lo vi begge to",
        "Vi så en film på kurset der en mann henger seg, og etterpå snakket vi om sorg",
    ],
)  # fmt: skip
def test_what_is_held_back_alone_stays_so(words: str) -> None:
    assert read(words).urgency is not Urgency.RED


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
