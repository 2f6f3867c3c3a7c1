"""The letter beside a contact, `/contact/{id}/letter`: an advisor fills it in during a call, or goes on with what the
caller began, sees the letter and the remarks, and gives it to the caller. It is sent to nobody else."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from helpline.core.codes import Urgency
from helpline.core.questionnaire import Answers, Misread
from helpline.desk import attend, letter_draft, red
from helpline.errors import NotFound
from helpline.guidance.letters import LetterError
from helpline.guidance.phrases import page_language
from helpline.guidance.reading import LANGUAGES
from helpline.store import drafts
from helpline.store.tables import Contact, Draft, DraftKind
from helpline.web import questions, wired
from helpline.web.contact import stand
from helpline.web.guard import Signed, signed_in
from helpline.web.letter_view import after, file_answer, number_shown, piece_of, pieces, view
from helpline.web.pages import page

router = APIRouter(prefix="/contact/{contact_id}/letter")


def _today(request: Request, now: datetime) -> date:
    return now.astimezone(wired.house(request).zone).date()


def _here(contact_id: int, rest: str = "") -> RedirectResponse:
    return RedirectResponse(f"/contact/{contact_id}/letter{rest}", status_code=303)


@router.get("")
async def show(
    request: Request,
    contact_id: int,
    chapter: int | None = None,
    sent: bool = False,
    signed: Signed = Depends(signed_in),
) -> Response:
    """The letter and its form."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        found = await stand(session, contact_id, signed)
        draft = await drafts.newest(session, contact_id, DraftKind.LETTER, now=now)
        answers = drafts.answers(session, draft) if draft is not None else {}
    return _page(request, found.contact, draft, answers, signed, mine=found.closes, chapter=chapter, now=now, sent=sent)


@router.post("")
async def save(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Keep what is written, and go where the button says."""
    now = wired.clock(request).now()
    form = await request.form(max_fields=2000)
    house, on = wired.house(request), _today(request, now)
    go, add_to = str(form.get("go") or ""), form.get("add_to")
    chapter = str(form.get("chapter") or "")
    here = int(chapter) if chapter.isdecimal() and len(chapter) < 4 else 1
    async with wired.database(request).writing() as session:
        draft = await letter_draft.of_contact(session, contact_id, advisor=signed.advisor, now=now)
        chosen = form.get("language")
        if chosen in LANGUAGES:
            draft.language = str(chosen)
        before = drafts.answers(session, draft)
        answers, problems = questions.answers_from(form, house.letters.questionnaire, before, today=on)
        finding = await letter_draft.save(session, draft, answers, house=house, now=now, by_caller=False)
        # The advisor knows what was told; only what cannot wait holds them up.
        urgent = finding if finding is not None and finding.urgency is Urgency.RED else None
        stays = bool(add_to) or urgent is not None or (bool(problems) and go != "back")
        if go == "letter":
            try:
                await letter_draft.finish(session, draft, house=house, now=now)
            except LetterError:
                stays = True
        else:
            draft.finished_at = None
        language = page_language(draft.language)
        if not stays and go == "letter":
            return _here(contact_id)
        if not stays:
            forms = pieces(house.letters, answers, language)
            return _here(contact_id, after(forms, answers, here, back=go == "back"))
        contact = await attend.contact_for(session, contact_id, advisor=signed.advisor)
    lines = () if urgent is None else red.answer_lines(urgent, house=house, language=signed.advisor.language, on=on)
    return _page(
        request,
        contact,
        draft,
        answers,
        signed,
        mine=True,
        chapter=here,
        now=now,
        problems=problems,
        danger=lines,
        add_to=str(add_to) if add_to else None,
    )


@router.post("/anew")
async def anew(request: Request, contact_id: int, signed: Signed = Depends(signed_in)) -> Response:
    """Begin another letter; the one before stays until its time is up."""
    now = wired.clock(request).now()
    async with wired.database(request).writing() as session:
        await letter_draft.of_contact(session, contact_id, advisor=signed.advisor, now=now, anew=True)
    return _here(contact_id)


@router.post("/send")
async def send(request: Request, contact_id: int, how: str = Form(""), signed: Signed = Depends(signed_in)) -> Response:
    """Give the letter to the caller: the address of a one-time page (`how` is `link`), or a file on Telegram
    (`file`)."""
    now, house = wired.clock(request).now(), wired.house(request)
    async with wired.database(request).writing() as session:
        draft = await letter_draft.of_contact(session, contact_id, advisor=signed.advisor, now=now)
        send_it = letter_draft.send_file if how == "file" else letter_draft.send_link
        await send_it(session, draft, house=house, advisor=signed.advisor, now=now)
    return _here(contact_id, "?sent=true")


@router.get("/file.{file_format}")
async def file(request: Request, contact_id: int, file_format: str, signed: Signed = Depends(signed_in)) -> Response:
    """The letter as a file."""
    now = wired.clock(request).now()
    async with wired.database(request).reading() as session:
        await attend.contact_for(session, contact_id, advisor=signed.advisor)
        draft = await drafts.newest(session, contact_id, DraftKind.LETTER, now=now)
        if draft is None:
            raise NotFound("Denne siden finnes ikke.")
        answers = drafts.answers(session, draft)
    return await file_answer(
        wired.house(request), answers, page_language(draft.language), _today(request, now), file_format
    )


def _page(
    request: Request,
    contact: Contact,
    draft: Draft | None,
    answers: Answers,
    signed: Signed,
    *,
    mine: bool,
    chapter: int | None,
    now: datetime,
    problems: Mapping[str, Misread] | None = None,
    danger: Sequence[str] = (),
    add_to: str | None = None,
    sent: bool = False,
) -> HTMLResponse:
    """Form and letter side by side."""
    house, on = wired.house(request), _today(request, now)
    language = page_language(draft.language if draft is not None else contact.language)
    wrong = problems or {}
    forms = pieces(house.letters, answers, language)
    here = (
        piece_of(forms, next(iter(wrong)))
        if wrong
        else number_shown(forms, chapter, house.letters.questionnaire, answers)
    )
    seen = view(house.letters, answers, language, on)
    stop = seen.stop
    return page(
        request,
        "contact_letter.html",
        signed=signed,
        contact=contact,
        address=f"/contact/{contact.id}/letter",
        mine=mine,
        begun=draft is not None,
        draft_language=language,
        view=seen,
        letter=seen.letter,
        stop="" if stop is None else house.phrases.say(stop.phrase, language=language, channel="telegram", on=on),
        danger=danger,
        pieces=forms,
        piece_of=piece_of,
        current=forms[here - 1],
        kind=house.letters.kind(answers),
        sent=sent,
        languages=LANGUAGES,
        **questions.parts(
            forms[here - 1].questionnaire,
            answers,
            {path: reason for path, reason in wrong.items() if piece_of(forms, path) == here},
            language=language,
            add_to=add_to,
        ),
    )
