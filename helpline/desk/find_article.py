"""Questions answered from the articles: the best one, the next best held out beside it, and what none answers."""

import re

from helpline.core.codes import Channel
from helpline.core.turn import Choice
from helpline.desk import gaps, safe
from helpline.desk.scene import Scene
from helpline.guidance import WEAKEST_HIT, Article
from helpline.store import contacts
from helpline.store.tables import Entry
from helpline.triage.script import plain_words

#: Other articles that are held out beside the one that was read.
OTHERS = 3
#: Most words of a question, and how one begins that has no question mark. «Når» is left out: it begins stories too.
_LONGEST_QUESTION = 25
_BEGINS_A_QUESTION = re.compile(
    r"(?:hva|hvem|hvor|hvordan|hvorfor|hvilken|hvilket|hvilke|kva|kven|kvar|kor|korleis|kvifor|what|who|where|how|why|which)\b"
    r"|(?:er|kan|koster|kostar|har|får|må|skal|finnes|finst) (?:du|dere|dykk|de|det|jeg|eg|man|noen|nokon)\b"
    r"|(?:are|is|can|could|do|does|have|may|must|will) (?:you|i|it|this|there|anyone|anybody|somebody|we)\b"
    # Asking for a person is asking when that will be.
    r"|(?:jeg|eg|i) (?:vil|ønsker|ynskjer|må|want|need|would like)(?: \w+){0,2} (?:snakke|prate|talk|speak)\b"
)
#: Codes in a contact's memory: the articles held out now, and the entry with the question.
HELD_OUT, ASKED_IN = "articles", "asked_in"
_NORWEGIAN = ("nb", "nn")
#: A suggestion answers no question, and the topic was named: less will do than for an answer (`WEAKEST_HIT`).
_WEAKEST_SUGGESTION = 0.3
#: Beginning of a Telegram button's key, before the article's name: an old button still means what it said.
BUTTON = "a."


async def search(scene: Scene) -> bool:
    """Answer the caller's words from the best article and hold out the next ones. False when none is good enough."""
    if scene.script.is_greeting(scene.heard):
        return False
    if plain_words(scene.heard).isdecimal():
        scene.say(scene.phrase("no_such_choice"))
        return False
    hits = scene.house.library.search(
        scene.heard, language=scene.language, limit=1 + OTHERS, audience="caller", on=scene.on
    )
    slugs = [hit.slug for hit in hits if hit.score >= WEAKEST_HIT]
    if not slugs or not read(scene, slugs[0]):
        scene.remember(**{HELD_OUT: None, ASKED_IN: None})
        scene.say(scene.phrase("nothing_found"))
        await _count(scene, scene.heard)
        return False
    scene.remember(**{HELD_OUT: slugs[1:], ASKED_IN: scene.entry_id})
    return True


def is_question(words: str) -> bool:
    """Whether somebody asks for an answer, rather than tells: a short message with a question mark, or one that begins
    as questions do. A long one is a story, whatever it asks on its way."""
    said = plain_words(words)
    return len(said.split()) <= _LONGEST_QUESTION and ("?" in words or _BEGINS_A_QUESTION.match(said) is not None)


def answer(scene: Scene) -> bool:
    """Answer a question of one who waits from the best article, without holding out others: an advisor comes. False
    when none is good enough."""
    if plain_words(scene.heard).isdecimal():
        return False
    hits = scene.house.library.search(scene.heard, language=scene.language, limit=1, audience="caller", on=scene.on)
    return bool(hits) and hits[0].score >= WEAKEST_HIT and read(scene, hits[0].slug)


async def nothing_fits(scene: Scene) -> None:
    """No article is what was asked for last: the question is one that nobody has answered yet."""
    asked_in = scene.contact.memory.get(ASKED_IN)
    asked = await scene.session.get(Entry, asked_in) if asked_in is not None else None
    question = contacts.words(scene.session, asked) if asked is not None else None
    scene.remember(**{HELD_OUT: None, ASKED_IN: None})
    if question is not None:
        await _count(scene, question)


async def _count(scene: Scene, question: str) -> None:
    """Count a question for the editors, without anything that says whose it was."""
    await gaps.count(
        scene.session,
        question,
        house=scene.house,
        asked_by=gaps.CALLER,
        language=scene.contact.language,
        now=scene.now,
    )


def read(scene: Scene, slug: str) -> bool:
    """Say an article and note that it was used. False when there is no such article today."""
    articles = scene.house.library.for_caller(slug, scene.contact.language, scene.on)
    if not scene.by_phone and articles and all(_is_foreign(scene, article) for article in articles):
        scene.say(scene.phrase("only_in_norwegian"))
    for article in articles:
        scene.say(article.spoken if scene.by_phone else article.short)
    if not articles:
        return False
    used = scene.contact.draft.get("articles_used", [])
    if slug not in used:
        scene.contact.draft = {**scene.contact.draft, "articles_used": [*used, slug]}
    return True


def named(scene: Scene, article: Article) -> str:
    """An article's title, and beside it that the article is in Norwegian, for one with whom we speak English."""
    return scene.phrase("in_norwegian", title=article.title) if _is_foreign(scene, article) else article.title


def _is_foreign(scene: Scene, article: Article) -> bool:
    return scene.language not in _NORWEGIAN and article.language in _NORWEGIAN


def suggest(scene: Scene) -> None:
    """Hold out the article that fits the caller's own words best, if it is about the one topic that they named. Nothing
    when they named several or none, and nothing that would tell on a telephone that others read."""
    found: list[str] = []
    if len(scene.topics) == 1 and not safe.quietly(scene.contact):
        library = scene.house.library
        for hit in library.search(scene.heard, language=scene.language, limit=1, audience="caller", on=scene.on):
            article = library.article(hit.slug, hit.language, scene.on)
            if article is not None and hit.score >= _WEAKEST_SUGGESTION and scene.topics[0] in article.topics:
                found = [hit.slug]
    scene.remember(**{HELD_OUT: found or None})


def held_out(scene: Scene) -> list[Article]:
    """The articles that the caller can choose between now, by number."""
    slugs = scene.contact.memory.get(HELD_OUT, [])
    found = (scene.house.library.article(slug, scene.language, scene.on) for slug in slugs)
    return [article for article in found if article is not None]


def choices(scene: Scene, first: int) -> list[Choice]:
    """One choice for each; in a text they are numbered from `first`."""
    by_button = scene.channel is Channel.TELEGRAM
    return [
        Choice(key=f"{BUTTON}{article.slug}" if by_button else str(number), label=named(scene, article))
        for number, article in enumerate(held_out(scene), start=first)
    ]


def chosen(scene: Scene, words: str, first: int) -> bool:
    """Read the article that these words choose: by its number, its title, or a button. False when they choose none."""
    articles = held_out(scene)
    said = plain_words(words)
    slug = words.removeprefix(BUTTON) if words.startswith(BUTTON) else None
    for number, article in enumerate(articles, start=first):
        if said in (str(number), plain_words(article.title), plain_words(named(scene, article))):
            slug = article.slug
    if slug is None or not read(scene, slug):
        return False
    scene.remember(**{HELD_OUT: [article.slug for article in articles if article.slug != slug] or None})
    return True


def title_of(scene: Scene, key: str) -> str | None:
    """What stood on an article's button; None when the key is no article's."""
    article = scene.house.library.article(key.removeprefix(BUTTON), scene.language, scene.on)
    return named(scene, article) if key.startswith(BUTTON) and article is not None else None
