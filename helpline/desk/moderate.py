"""Reading what relatives shared before anybody else does: take out, approve, refuse. Who decided is logged."""

from collections.abc import Collection
from datetime import datetime

from helpline.core import identity
from helpline.errors import HelplineError, NotFound, TakenByAnother
from helpline.store import access, experiences
from helpline.store.db import WriteSession
from helpline.store.tables import Advisor, Experience, ExperienceState


async def _undecided(session: WriteSession, experience_id: int) -> Experience:
    found = await experiences.by_id(session, experience_id, lock=True)
    if found is None:
        raise NotFound("Denne erfaringen finnes ikke, eller den er slettet.")
    if found.state is not ExperienceState.NEW:
        raise TakenByAnother("En annen har allerede tatt stilling til denne erfaringen.")
    return found


async def take_out(session: WriteSession, experience_id: int, phrases: Collection[str]) -> int:
    """Replace words or phrases by […] everywhere in it. Returns how many places; what was there is gone.

    Raises:
        NotFound, TakenByAnother: it is not there to be changed.
        HelplineError: no words were given, or none of them stand in it.
    """
    found = await _undecided(session, experience_id)
    if not any(phrase.strip() for phrase in phrases):
        raise HelplineError("Velg ordene som skal ut, eller skriv dem.")
    words = experiences.words(session, found)
    spans = identity.spans_of(words, phrases)
    if not spans:
        raise HelplineError("Ordene står ikke i teksten. Skriv dem slik de står der.")
    experiences.put_words(session, found, identity.without(words, spans))
    return len(spans)


async def decide(
    session: WriteSession, experience_id: int, state: ExperienceState, *, advisor: Advisor, now: datetime
) -> None:
    """Approve or refuse. What is refused is erased after 30 days; what is approved can be handed on.

    Raises:
        NotFound, TakenByAnother: it is gone, or somebody decided before.
        HelplineError: that is no decision.
    """
    if state is ExperienceState.NEW:
        raise HelplineError("Velg om erfaringen kan brukes eller ikke.")
    found = await _undecided(session, experience_id)
    found.state = state
    found.decided_at = now
    found.decided_by = advisor.id
    await access.log(session, now=now, action=f"experience_{state.value}", advisor_id=advisor.id)


async def erase(session: WriteSession, experience_id: int, *, advisor: Advisor, now: datetime) -> None:
    """Take one away for good, decided or not: somebody asked for it, or it should never have been kept.

    Raises:
        NotFound: there is no such experience.
    """
    found = await experiences.by_id(session, experience_id, lock=True)
    if found is None:
        raise NotFound("Denne erfaringen finnes ikke, eller den er slettet.")
    await session.delete(found)
    await access.log(session, now=now, action="experience_erased", advisor_id=advisor.id)
