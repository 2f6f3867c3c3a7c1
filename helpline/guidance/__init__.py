"""KNOWLEDGE: articles, help numbers, offers and the first words in danger, with search. Pure once loaded."""

from helpline.guidance.anonymous import without_identity
from helpline.guidance.articles import EMERGENCY_SLUG, Article, Audience, Source, SourceKind
from helpline.guidance.check import (
    HIGHEST_LIX,
    SENTENCE_WORDS,
    SHORT_CHARACTERS,
    SPOKEN_WORDS,
    Problem,
    Readability,
    Severity,
    check,
    measured,
    readability,
)
from helpline.guidance.danger import leading_alarm, numbers_for
from helpline.guidance.lengths import gsm_length, lix
from helpline.guidance.library import Library
from helpline.guidance.markdown import to_html, to_plain
from helpline.guidance.numbers import HelpNumber, is_help_number
from helpline.guidance.offers import Intake, Offer
from helpline.guidance.reading import ALL_LANGUAGES, LANGUAGES, KnowledgeError
from helpline.guidance.replies import Reply
from helpline.guidance.search import WEAKEST_HIT, Hit

__all__ = [
    "ALL_LANGUAGES",
    "EMERGENCY_SLUG",
    "HIGHEST_LIX",
    "LANGUAGES",
    "SENTENCE_WORDS",
    "SHORT_CHARACTERS",
    "SPOKEN_WORDS",
    "WEAKEST_HIT",
    "Article",
    "Audience",
    "HelpNumber",
    "Hit",
    "Intake",
    "KnowledgeError",
    "Library",
    "Offer",
    "Problem",
    "Readability",
    "Reply",
    "Severity",
    "Source",
    "SourceKind",
    "check",
    "gsm_length",
    "is_help_number",
    "leading_alarm",
    "lix",
    "measured",
    "numbers_for",
    "readability",
    "to_html",
    "to_plain",
    "without_identity",
]
