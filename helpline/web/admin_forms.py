"""What the pages of administration share: whoever may, what a form holds, and how a page answers."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from babel.dates import format_date
from babel.numbers import format_decimal
from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from helpline.core.duty import Role
from helpline.errors import HelplineError
from helpline.web.guard import Signed, needs
from helpline.web.pages import page
from helpline.web.words import page_language, sentence, words

Manager = Annotated[Signed, Depends(needs(Role.MANAGER))]
Admin = Annotated[Signed, Depends(needs(Role.ADMIN))]

#: The pages in the order of the menu, each with the role that it takes.
SECTIONS = (
    ("roster", Role.MANAGER),
    ("advisors", Role.ADMIN),
    ("hours", Role.ADMIN),
    ("tokens", Role.ADMIN),
    ("articles", Role.MANAGER),
    ("gaps", Role.MANAGER),
    ("log", Role.MANAGER),
)


async def fields(request: Request) -> dict[str, str]:
    """The texts of a form by name; a field that comes twice has its last value."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def draw(
    request: Request,
    section: str,
    signed: Signed,
    *,
    problem: HelplineError | None = None,
    asked: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page of administration. With a problem it is shown above the form, and `asked` is what the form held."""
    english = page_language(signed.advisor.language) == "en"
    locale = "en_GB" if english else "nb_NO"
    done = request.query_params.get("done", "")
    return page(
        request,
        f"admin_{section}.html",
        signed=signed,
        status=problem.status if problem is not None else 200,
        section=section,
        sections=[name for name, role in SECTIONS if signed.may(role)],
        problem=sentence(problem.sentence, signed.advisor.language) if problem is not None else None,
        asked=asked or {},
        done=done if problem is None and f"done.{done}" in words() else "",
        date_words=lambda day: format_date(day, "EEE d MMM" if english else "EEE d. MMM", locale=locale),
        decimal=lambda value: format_decimal(value, "#,##0.#", locale=locale),
        **values,
    )


def back(address: str, done: str) -> Response:
    """To the page again after a change, which says what was done. `address` may hold a query."""
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}done={done}", status_code=303)


def day_from(text: str, *, what: str) -> date:
    """A day as a form gives it.

    Raises:
        HelplineError: it is none; the sentence names `what`.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HelplineError(f"{what}: «{text}» er ikke en dato. Skriv den som 2026-01-31.") from error
