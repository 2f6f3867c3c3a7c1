"""The keys of a telephone: which answers of a question they choose between, one key each."""

from helpline.core.questionnaire import Option, Question

#: Most answers that one key can choose between.
ONE_KEY = 9
#: Reads out the next answers, where there are more than that.
MORE = "9"
_AT_ONCE = ONE_KEY - 1


def has_more(question: Question) -> bool:
    """Whether a question has more answers than there are keys: they are read out a few at a time."""
    return len(question.options) > ONE_KEY


def all_read_out(question: Question) -> list[tuple[Option, ...]]:
    """The answers, in the parts in which they are read out: one, or a few at a time."""
    if not has_more(question):
        return [question.options]
    return [question.options[first : first + _AT_ONCE] for first in range(0, len(question.options), _AT_ONCE)]


def read_out(question: Question, turned: int) -> tuple[Option, ...]:
    """The answers that are read out together, the first on key 1. `turned` is how often the caller asked for more;
    after the last ones the first come again."""
    parts = all_read_out(question)
    return parts[turned % len(parts)]
