"""Who contacts us and about what: each dimension of the record with its shares of known, its trend and a verdict."""

from dataclasses import replace

from helpline.web.panels import Panel
from helpline.web.report_asked import Asked
from helpline.web.report_trends import Beside, beside, by_value, interval_words, method, total, verdict_words
from helpline.web.reports_chart import count_words
from helpline.web.reports_numbers import rate

#: Who they are, then what it was about, in the order of the page.
WHO = ("relation", "gender", "age_band", "county", "caller_status", "language", "enquirer")
WHAT = ("topic", "challenge_area", "urgency", "outcome", "referred_from", "referred_to", "source")
#: What the page counts by; outcomes are counted anyway.
CUTS = tuple((dimension,) for dimension in ("channel", *WHO, *WHAT) if dimension != "outcome")


async def panels(asked: Asked) -> tuple[Panel, ...]:
    """The page."""
    other = await beside(asked)
    return (_all(asked, other), *(by_value(asked, other, dimension) for dimension in (*WHO, *WHAT)), method(asked))


def _all(asked: Asked, other: Beside) -> Panel:
    """Whether there are more contacts at all; by channel, since that is where a new door shows first."""
    panel = by_value(asked, other, "channel", name="contacts")
    found, language, t = total(asked, other), asked.language, asked.t
    said = [count_words(asked.counted.whole.count("contacts"), language) + "."]
    if found is None:
        said.append(other.why_not or "")
    else:
        said.append(
            t(
                "report_content.per_day",
                now=rate(found.rate_now, language),
                before=rate(found.rate_before, language),
                verdict=verdict_words(found, t),
            )
        )
        ends = interval_words(found, language, t)
        if ends is not None:
            said.append(t("report_content.change_is", interval=ends))
    return replace(panel, title=t("report_content.all_contacts"), summary=" ".join(said))
