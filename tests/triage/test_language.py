"""The language of short texts."""

import pytest

from helpline.triage.language import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Jeg vet ikke hva jeg skal gjøre med sønnen min", "nb"),
        ("Eg veit ikkje kva eg skal gjere med sonen min", "nn"),
        ("Jag vet inte vad jag ska göra med min son", "sv"),
        ("Jeg ved ikke, hvad jeg skal gøre ved min søn", "da"),
        ("I do not know what to do about my son", "en"),
        ("Mun in dieđe maid galggan dahkat", "se"),
        ("Nie wiem, co mam zrobić z moim synem", "pl"),
        ("Ma garanayo waxaan sameeyo wiilkayga", "so"),
        ("Я не знаю, что мне делать с сыном", "ru"),
        ("Я не знаю, що мені робити із сином", "uk"),
        ("لا أعرف ماذا أفعل مع ابني", "ar"),
        ("نمی دانم با پسرم چه کار کنم", "fa"),
        ("مجھے نہیں معلوم کہ میں کیا کروں", "ur"),
        ("ንወደይ እንታይ ከም ዝገብር ኣይፈልጥን", "ti"),
        ("æ veit ikkje ka æ ska gjør", "nb"),
    ],
)
def test_sentences(text: str, language: str) -> None:
    assert identify(text) == language


@pytest.mark.parametrize("text", ["", "hjelp", "help", "ok", "1", "👍", "Oslo", "ja takk", "stop", "12 34", "info"])
def test_a_word_or_two_tell_nothing(text: str) -> None:
    assert identify(text) is None


@pytest.mark.parametrize("previous", ["nb", "nn"])
def test_close_languages_stay_with_what_was_spoken(previous: str) -> None:
    assert identify("det er greit for meg", previous=previous) == previous


def test_a_clear_text_switches() -> None:
    assert identify("eg veit ikkje kva eg skal gjere no", previous="nb") == "nn"
    assert identify("I would like to talk to someone", previous="nb") == "en"
