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


def read_out(question: Question, turned: int) -> tuple[Option, ...]:
    """The answers that are read out together, the first on key 1. `turned` is how often the caller asked for more;
    after the last ones the first come again."""
    if not has_more(question):
        return question.options
    first = turned % len(range(0, len(question.options), _AT_ONCE)) * _AT_ONCE
    return question.options[first : first + _AT_ONCE]


def all_read_out(question: Question) -> list[tuple[Option, ...]]:
    """Everything that can be read out for a question."""
    times = len(range(0, len(question.options), _AT_ONCE)) if has_more(question) else 1
    return [read_out(question, turned) for turned in range(times)]
