"""One-time pages, `/l/{token}`: a letter or the rights guide, filled in and read without a sign-in.

The address alone shows a page with one button and tells nothing; pressing it spends the link and gives this browser a
key (a cookie for this address only). Everything works without a script.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from helpline.core.questionnaire import Answers, Misread, Question, Questionnaire
from helpline.desk import letter_draft, page_links, red
from helpline.desk.house import House
from helpline.desk.page_links import GONE, LinkGone, LinkSpent, OpenPage
from helpline.errors import HelplineError, NotAllowed, NotFound
from helpline.guidance.letters import LetterError, Stop
from helpline.guidance.phrases import page_language
from helpline.settings import Settings
from helpline.store import drafts
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Draft, DraftKind
from helpline.triage import Finding
from helpline.web import questions, wired
from helpline.web.letter_view import NOTHING, Piece, after, file_answer, number_shown, piece_of, pieces, view
from helpline.web.pages import page
from helpline.web.rights_view import found_part
from helpline.web.words import say

router = APIRouter(prefix="/l/{token}")

#: Bytes of a form: every question of the longest letter answered to the full, as browsers encode it.
LARGEST = 400_000


def _cookie(settings: Settings) -> str:
    """The key's name. `__Host-` cannot be had: the key is for one address, not for the whole host."""
    return "__Secure-page" if settings.public_url.startswith("https://") else "page"


def _key(request: Request) -> str | None:
    return request.cookies.get(_cookie(wired.settings(request)))


def _with_key(request: Request, answer: Response, token: str, key: str) -> Response:
    """The browser keeps the key for as long as the page may lie idle."""
    settings = wired.settings(request)
    answer.set_cookie(
        _cookie(settings),
        key,
        max_age=int(page_links.IDLE.total_seconds()),
        path=f"/l/{token}",
        httponly=True,
        samesite="strict",
        secure=settings.public_url.startswith("https://"),
    )
    return answer


def _private(answer: Response) -> Response:
    """No search engine, no archive, no copy on disk, whatever this page shows."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _own_page(request: Request) -> None:
    """Forms come from our own page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("Send inn fra vår egen side.")


def _here(token: str, rest: str = "") -> RedirectResponse:
    return RedirectResponse(f"/l/{token}{rest}", status_code=303)


@router.api_route("", methods=["GET", "HEAD"])
async def show(request: Request, token: str, chapter: int | None = None) -> Response:
    """The page for the browser that opened it; a button for one that may; nothing that tells for everybody else."""
    now = wired.clock(request).now()
    key = _key(request)
    async with wired.database(request).reading() as session:
        found = await page_links.behind(session, token, key, now=now)
        if found is not None:
            return _kept(request, _draft_page(request, session, found, token, chapter=chapter), token)
    return _private(await _door(request, token, now=now))


async def _door(request: Request, token: str, *, now: datetime) -> Response:
    """Before the page: the button, or why there is none."""
    problem: HelplineError | None = None
    async with wired.database(request).reading() as session:
        try:
            await page_links.refuse_guessing(session, _address(request), now=now)
            await page_links.waits(session, token, now=now)
        except HelplineError as refusal:
            problem = refusal
    if isinstance(problem, LinkGone):
        async with wired.database(request).writing() as session:
            await page_links.missed(session, _address(request), now=now)
    return page(
        request,
        "one_time_door.html",
        status=problem.status if problem else 200,
        token=token,
        problem=problem,
        spent=isinstance(problem, LinkSpent),
        deleted=False,
    )


@router.post("")
async def open_once(request: Request, token: str) -> Response:
    """«Åpne»: spend the link."""
    _own_page(request)
    now = wired.clock(request).now()
    try:
        async with wired.database(request).writing() as session:
            await page_links.refuse_guessing(session, _address(request), now=now)
            if await page_links.behind(session, token, _key(request), now=now) is not None:
                return _private(_here(token))
            key = await page_links.open_once(session, token, now=now)
    except HelplineError:
        return _private(await _door(request, token, now=now))
    return _private(_with_key(request, _here(token), token, key))


@router.post("/answers")
async def save(request: Request, token: str) -> Response:
    """Keep what is written, and go where the button says. What cannot be taken is kept as it was written."""
    _own_page(request)
    now = wired.clock(request).now()
    form = await _form_of(request)
    house, on = wired.house(request), _today(request, now)
    go, here, add_to = str(form.get("go") or ""), _number(form.get("chapter")), form.get("add_to")
    async with wired.database(request).writing() as session:
        found = await _behind(request, session, token, now=now, lock=True)
        await page_links.used(session, found, now=now)
        draft = found.draft
        before = drafts.answers(session, draft)
        answers, problems = questions.answers_from(form, _questionnaire(house, draft), before, today=on)
        finding = await letter_draft.save(session, draft, answers, house=house, now=now, by_caller=True)
        stop = _stop(house, draft, answers, on)
        stays = stop is not None or finding is not None or bool(add_to) or (bool(problems) and go != "back")
        forms = _forms(house, draft, answers)
        if go == "letter" and not stays:
            new = draft.kind is DraftKind.RIGHTS and _newly_asked(forms, answers)
            stays = bool(new) or not await _finished(session, draft, house=house, now=now)
        else:
            draft.finished_at = None
        if not stays:
            to = "" if go == "letter" else after(forms, answers, here, back=go == "back")
            return _kept(request, _here(token, to), token)
        answer = _form(
            request,
            found,
            answers,
            token,
            chapter=here,
            on=on,
            problems=problems,
            danger=_danger(finding, house=house, language=page_language(draft.language), on=on),
            add_to=str(add_to) if add_to else None,
            named=go == "letter",
        )
    return _kept(request, answer, token)


async def _form_of(request: Request) -> FormData:
    """What was sent.

    Raises:
        HelplineError: it is larger than any letter.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST:
        raise HelplineError("Dette er for mye tekst. Kort det ned, og prøv igjen.", status=413)
    return await request.form(max_fields=2000)


def _questionnaire(house: House, draft: Draft) -> Questionnaire:
    return house.rights.questionnaire if draft.kind is DraftKind.RIGHTS else house.letters.questionnaire


def _stop(house: House, draft: Draft, answers: Answers, on: date) -> Stop | None:
    """A gate before a letter; the rights guide has none."""
    return None if draft.kind is DraftKind.RIGHTS else house.letters.stop(answers, on)


def _forms(house: House, draft: Draft, answers: Answers) -> list[Piece]:
    """The forms of a letter; the one of the rights guide, which asks little."""
    language = page_language(draft.language)
    if draft.kind is DraftKind.LETTER:
        return pieces(house.letters, answers, language)
    asked = house.rights.questionnaire
    return [Piece(number=1, title=say("one_time.rights", language), questionnaire=asked, done=False)]


def _newly_asked(forms: list[Piece], answers: Answers) -> list[Question]:
    """Questions that these answers have led to, and that did not stand on the page."""
    return [one for piece in forms for one in piece.questionnaire.asked(answers) if one.id not in answers]


async def _finished(session: WriteSession, draft: Draft, *, house: House, now: datetime) -> bool:
    """Whether it is done."""
    if draft.kind is DraftKind.RIGHTS:
        draft.finished_at = now
        return True
    try:
        await letter_draft.finish(session, draft, house=house, now=now)
    except LetterError:
        return False
    return True


@router.get("/letter.{file_format}")
async def file(request: Request, token: str, file_format: str) -> Response:
    """The letter as a file."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        found = await _behind(request, session, token, now=now)
        answers = drafts.answers(session, found.draft)
    if found.draft.kind is not DraftKind.LETTER:
        raise NotFound("Denne siden finnes ikke.")
    language = page_language(found.draft.language)
    return _private(await file_answer(wired.house(request), answers, language, _today(request, now), file_format))


@router.post("/delete")
async def delete(request: Request, token: str) -> Response:
    """«Slett»: the draft and its links are gone at once."""
    _own_page(request)
    now = wired.clock(request).now()
    async with wired.database(request).writing() as session:
        found = await _behind(request, session, token, now=now, lock=True)
        language = page_language(found.draft.language)
        await drafts.remove(session, found.draft)
    answer = page(
        request, "one_time_door.html", language=language, token=token, problem=None, spent=False, deleted=True
    )
    answer.delete_cookie(_cookie(wired.settings(request)), path=f"/l/{token}")
    return _private(answer)


async def _behind(request: Request, session: ReadSession, token: str, *, now: datetime, lock: bool = False) -> OpenPage:
    """What this browser's key opens.

    Raises:
        LinkGone: it opens nothing (any more).
    """
    found = await page_links.behind(session, token, _key(request), now=now, lock=lock)
    if found is None:
        raise LinkGone(GONE)
    return found


def _draft_page(
    request: Request, session: ReadSession, found: OpenPage, token: str, *, chapter: int | None
) -> Response:
    """The letter when it is done, and the form when it is not or when one goes back to it."""
    answers = drafts.answers(session, found.draft)
    on = _today(request, wired.clock(request).now())
    if found.draft.finished_at is None or chapter is not None:
        return _form(request, found, answers, token, chapter=chapter, on=on)
    house, language = wired.house(request), page_language(found.draft.language)
    if found.draft.kind is DraftKind.RIGHTS:
        return page(
            request,
            "one_time_rights.html",
            language=language,
            token=token,
            amk=_amk(house),
            expires=found.draft.expires_at,
            **found_part(house.rights.apply(answers, on), house=house, language=language),
        )
    seen = view(house.letters, answers, language, on)
    if seen.letter is None:
        return _form(request, found, answers, token, chapter=None, on=on, named=True)
    return page(
        request,
        "one_time_letter.html",
        language=language,
        asks_in=language,
        token=token,
        amk=_amk(house),
        view=seen,
        letter=seen.letter,
        kind=house.letters.kinds[seen.letter.kind],
        pieces=pieces(house.letters, answers, language),
        piece_of=piece_of,
        expires=found.draft.expires_at,
    )


def _form(
    request: Request,
    found: OpenPage,
    answers: Answers,
    token: str,
    *,
    chapter: int | None,
    on: date,
    problems: Mapping[str, Misread] | None = None,
    danger: Sequence[str] = (),
    add_to: str | None = None,
    named: bool = False,
) -> HTMLResponse:
    """One of the forms. `named`: everything that hinders the letter is named, also what stands in other forms."""
    house, draft, language = wired.house(request), found.draft, page_language(found.draft.language)
    forms = _forms(house, draft, answers)
    wrong = problems or {}
    shown = number_shown(forms, chapter, _questionnaire(house, draft), answers)
    here = piece_of(forms, next(iter(wrong))) if wrong else shown
    is_letter = draft.kind is DraftKind.LETTER
    seen = view(house.letters, answers, language, on) if is_letter else NOTHING
    stop = seen.stop
    return page(
        request,
        "one_time_form.html",
        language=language,
        status=422 if wrong or stop else 200,
        token=token,
        amk=_amk(house),
        pieces=forms,
        piece_of=piece_of,
        current=forms[here - 1],
        stop=_said(stop, house=house, language=language, on=on),
        danger=danger,
        faults=seen.faults if named and stop is None else (),
        remarks=[one for one in seen.remarks if piece_of(forms, one.path) == here and one.found],
        is_letter=is_letter,
        expires=found.draft.expires_at,
        **questions.parts(forms[here - 1].questionnaire, answers, problems or {}, language=language, add_to=add_to),
    )


def _said(stop: Stop | None, *, house: House, language: str, on: date) -> str:
    """What is said at a gate; nothing where none is shut."""
    return "" if stop is None else house.phrases.say(stop.phrase, language=language, channel="telegram", on=on)


def _danger(finding: Finding | None, *, house: House, language: str, on: date) -> Sequence[str]:
    """Numbers first, when what was written speaks of danger."""
    return () if finding is None else red.answer_lines(finding, house=house, language=language, on=on)


def _amk(house: House) -> str:
    return house.library.numbers["amk"].display or ""


def _today(request: Request, now: datetime) -> date:
    return now.astimezone(wired.house(request).zone).date()


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 4 else 1


def _kept(request: Request, answer: Response, token: str) -> Response:
    """The answer, with the browser's key for another while."""
    return _private(_with_key(request, answer, token, _key(request) or ""))
