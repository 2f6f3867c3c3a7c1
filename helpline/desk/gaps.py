"""Gaps in the knowledge: counts questions that no article answered, and groups them for the editors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from helpline import triage
from helpline.desk.house import House
from helpline.guidance import without_identity
from helpline.store import gaps
from helpline.store.db import WriteSession
from helpline.store.gaps import Gap

#: Long enough to see what comes back with the seasons. Our own choice, like the words that are kept at all.
KEPT = timedelta(days=180)
#: Two questions are one group when they share this part of their words.
ALIKE = 0.5
#: Words that name a group.
MOST_WORDS = 6

CALLER, ADVISOR = "caller", "advisor"


async def count(
    session: WriteSession, question: str, *, house: House, asked_by: str, language: str, now: datetime
) -> None:
    """Count a question that got no answer: day, language, topics, and the words that are left without identity."""
    await gaps.add(
        session,
        asked_on=now.astimezone(house.zone).date(),
        asked_by=asked_by,
        language=language,
        topics=triage.read(question).topics,
        words=without_identity(question, house.library.ordinary),
    )


async def forget(session: WriteSession, *, house: House, now: datetime) -> None:
    """Remove what has been kept for its time."""
    await gaps.forget(session, before=now.astimezone(house.zone).date() - KEPT)


@dataclass(kw_only=True)
class GapGroup:
    """Questions that are about the same, the newest first."""

    stems: frozenset[str]
    topics: set[str]
    gaps: list[Gap] = field(default_factory=list)

    @property
    def last(self) -> date:
        return max(gap.asked_on for gap in self.gaps)

    @property
    def words(self) -> tuple[str, ...]:
        """The words most often used, small ones left out; empty when only topics are known."""
        used = Counter(word for gap in self.gaps for word in gap.words)
        return tuple(word for word, _ in used.most_common(MOST_WORDS))

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(gap.language for gap in self.gaps))

    def asked_by(self, whom: str) -> int:
        return sum(gap.asked_by == whom for gap in self.gaps)


def grouped(found: Sequence[Gap], *, house: House) -> list[GapGroup]:
    """Gaps by likeness of their words; those without words by topic. The group asked for last comes first, and of
    several on one day the largest."""
    groups: list[GapGroup] = []
    for gap in found:
        stems, topics = frozenset(house.library.stems(" ".join(gap.words))), frozenset(gap.topics)
        for group in groups:
            alike = _likeness(stems, group.stems) >= ALIKE if stems else not group.stems and topics == group.topics
            if alike:
                group.gaps.append(gap)
                group.topics |= topics
                break
        else:
            groups.append(GapGroup(stems=stems, topics=set(topics), gaps=[gap]))
    return sorted(groups, key=lambda group: (group.last, len(group.gaps)), reverse=True)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
