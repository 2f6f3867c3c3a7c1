"""What the service itself says: phrases as data, in bokmål, nynorsk and English, for eye, short text and ear."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from helpline.guidance.filling import REFERENCE, fill, reference_problem, references
from helpline.guidance.numbers import HelpNumber
from helpline.guidance.reading import KnowledgeError, read_fields

#: Which wording a channel prefers; all fall back to `text`.
FORMS = {"sms": "sms", "phone": "spoken", "telegram": "text"}
_PARAMETER = re.compile(r"\{([a-z_]+)\}")

#: Readers of these understand bokmål best; everyone else gets English when their own language is missing.
_SCANDINAVIAN = {"nb", "no", "sv", "da", "se"}


def page_language(language: str | None) -> str:
    """The language of the three that we write which a person of this language reads best."""
    if language in ("nb", "nn", "en"):
        return str(language)
    return "nb" if language is None or language in _SCANDINAVIAN else "en"


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """All phrases by id, form and language."""

    texts: Mapping[str, Mapping[str, Mapping[str, str]]]
    numbers: Mapping[str, HelpNumber]

    def has(self, phrase: str) -> bool:
        return phrase in self.texts

    def say(self, phrase: str, *, language: str, channel: str, on: date, **parameters: str | int) -> str:
        """The words of a phrase for a channel, with numbers and parameters filled in.

        Raises:
            KeyError: there is no such phrase, or it needs a parameter that was not given.
        """
        forms = self.texts[phrase]
        words = forms.get(FORMS.get(channel, "text"), forms["text"])[page_language(language)]
        words = fill(words, numbers=self.numbers, offers={}, on=on, language=page_language(language))
        words = _PARAMETER.sub(lambda match: str(parameters[match[1]]), words)
        return re.sub(r"[ \t]{2,}", " ", words).strip()


def read_phrases(path: Path, numbers: Mapping[str, HelpNumber]) -> Phrases:
    """Read and check the phrases.

    Raises:
        KnowledgeError: a language is missing, or a phrase names an unknown or unconfirmed number.
    """
    file = read_fields(path)
    texts: dict[str, dict[str, dict[str, str]]] = {}
    for name in file.names():
        fields = file.inner(name)
        forms = {"text": dict(fields.languages("text"))}
        for form in ("sms", "spoken"):
            if fields.optional(form) is not None:
                forms[form] = dict(fields.languages(form))
        fields.finish()
        for words in (words for languages in forms.values() for words in languages.values()):
            for reference in references(words):
                problem = reference_problem(reference, numbers, {})
                if problem is not None:
                    raise KnowledgeError(path, fields.line, f"«{name}»: {problem}")
            if "{" in _PARAMETER.sub("", REFERENCE.sub("", words)):
                raise KnowledgeError(path, fields.line, f"«{name}» has a brace that is neither number nor parameter.")
        texts[name] = forms
    return Phrases(texts=texts, numbers=numbers)
