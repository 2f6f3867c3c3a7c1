"""Invented answers to the questions of a concern letter, for every kind of it."""

from typing import Any

from helpline.guidance.letters import Letters

#: Everything that any kind asks, answered. The people and places are invented.
EVERYTHING: dict[str, Any] = {
    "danger_now": "no",
    "under_18": "no",
    "decision": "Avslag på avlastning fra Lillevik kommune, 12. oktober 2026",
    "learned_on": "2026-11-10",
    "recipient": "Lillevik kontor, Storgata 1",
    "person_name": "Ola Eksempel",
    "person_born": "1998-05-04",
    "person_address": "Eksempelveien 1, Lillevik",
    "your_name": "Kari Eksempel",
    "name_or_anonymous": "Kari Eksempel",
    "relation": "mor",
    "standing": "nearest",
    "authority": "yes",
    "examination": "yes",
    "your_contact": "900 00 123, helst etter kl. 16",
    "your_place": "Lillevik",
    "request": "Jeg ber om at dere tar kontakt med Ola denne uken",
    "events": [
        {
            "what": "Ola lå i sengen da jeg kom kl. 14. Han hadde ikke spist siden dagen før",
            "when": "2026-11-03",
            "seen_by": "me",
            "said": "Jeg orker ikke mer",
        },
        {
            "what": "Han svarte ikke da vi ringte på",
            "when": "2026-10-28",
            "seen_by": "together",
            "who": "en søster",
        },
        {
            "what": "Han ringte på kl. 2 og spurte hvilken dag det var",
            "when": "midten av oktober",
            "seen_by": "told",
            "who": "en nabo",
        },
    ],
    "matter": "Vi har ventet på svar fra kommunen siden august.",
    "change": "Han går ikke på jobb lenger og åpner ikke posten. Det har vart siden september.",
    "danger": "Han kjører bil uten å ha sovet.",
    "children": "yes",
    "children_how": "To barn på fire og seks år. De er hos oss i helgene.",
    "tried": "Jeg ringte legekontoret 5. november. De ba meg skrive.",
    "help_today": "Ingen.",
    "understanding": "Jeg tror han ikke klarer å be om hjelp selv.",
    "wishes": "Et hjemmebesøk innen én uke.",
    "knows": "yes",
    "may_know": "yes",
    "attachments": "Kopi av vedtaket",
    "copy_to": "Fastlegen",
}


def whole(kind: str, **more: Any) -> dict[str, Any]:
    """Answers to everything, for a kind."""
    about_a_child = {"under_18": "yes", "person_born": "2018-05-04"} if kind == "child_welfare" else {}
    return {**EVERYTHING, **about_a_child, "kind": kind, **more}


def bare(letters: Letters, kind: str, **more: Any) -> dict[str, Any]:
    """Answers to what must be answered, and nothing else."""
    answers: dict[str, Any] = {"danger_now": "no", "kind": kind}
    full = whole(kind)
    while missing := letters.questionnaire.missing(answers):
        name = missing[0].id
        answers[name] = [{"what": full["events"][0]["what"]}] if name == "events" else full[name]
    return answers | more
