"""Sentences that advisors put into a reply by typing «/», as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from helpline.guidance.filling import REFERENCE, reference_problem, references
from helpline.guidance.numbers import HelpNumber
from helpline.guidance.reading import Fields, read_fields


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One of them: the words, and the title that an advisor looks for. Both by language."""

    id: str
    title: Mapping[str, str]
    text: Mapping[str, str]


def read_replies(path: Path, numbers: Mapping[str, HelpNumber]) -> tuple[Reply, ...]:
    """The replies of `replies.yaml`, in the order of the file.

    Raises:
        KnowledgeError: a language is missing, a number is unknown or typed in; names the line.
    """
    file = read_fields(path)
    return tuple(_read(name, file.inner(name), numbers) for name in file.names())


def _read(name: str, fields: Fields, numbers: Mapping[str, HelpNumber]) -> Reply:
    reply = Reply(id=name, title=fields.languages("title"), text=fields.languages("text"))
    fields.finish()
    for words in (*reply.title.values(), *reply.text.values()):
        for reference in references(words):
            problem = reference_problem(reference, numbers, {})
            if problem is not None:
                raise fields.error(f"«{name}»: {problem}")
        left = REFERENCE.sub("", words)
        if re.search(r"\d", left):
            raise fields.error(f"«{name}» has a number typed in; name it as {{number:id}}.")
        if "{" in left:
            raise fields.error(f"«{name}» has a brace that is no number.")
    return reply
