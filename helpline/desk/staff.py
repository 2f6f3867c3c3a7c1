"""Who signs in: advisors, managers and administrators added, changed, closed, and given new passwords."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from helpline.core.duty import Duty, Role
from helpline.desk import duty, sign_in
from helpline.desk.house import House
from helpline.desk.numbers import advisor_number, shown
from helpline.errors import HelplineError, NotFound
from helpline.store import access, advisors, sign_ins
from helpline.store.db import ReadSession, WriteSession
from helpline.store.tables import Advisor

#: Letters and digits that cannot be taken for each other when a password is read out.
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One of the staff, as lists show them. `phone` is written for people; None when there is none."""

    id: int
    email: str
    name: str
    role: Role
    phone: str | None
    active: bool
    paged_on_red: bool
    language: str
    duty: Duty
    duty_since: datetime


async def members(session: ReadSession) -> list[Member]:
    """Everyone, those who are closed last."""
    found = [_member(session, advisor) for advisor in await advisors.everyone(session)]
    return sorted(found, key=lambda member: not member.active)


async def member(session: ReadSession, advisor_id: int) -> Member:
    """One of the staff.

    Raises:
        NotFound: there is no such advisor.
    """
    return _member(session, await _found(session, advisor_id))


async def add(
    session: WriteSession,
    *,
    email: str,
    name: str,
    role: Role,
    phone: str | None = None,
    password: str,
    now: datetime,
    paged_on_red: bool = False,
    language: str = "nb",
    by: int | None = None,
) -> Advisor:
    """A new advisor, off duty. `by` is the advisor who adds them; None on the command line.

    Raises:
        HelplineError: the e-mail is none or is taken, the name is empty, or phone or password cannot be used.
    """
    email = email.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise HelplineError(f"«{email}» er ikke en e-postadresse.")
    if await advisors.by_email(session, email) is not None:
        raise HelplineError(f"{email} finnes fra før.")
    advisor = Advisor(
        email=email,
        name=_name(name),
        role=role,
        active=True,
        phone_sealed=_sealed(session, phone),
        language=language,
        paged_on_red=paged_on_red,
        duty=Duty.OFF,
        duty_since=now,
        created_at=now,
    )
    _refuse_page_without_phone(advisor)
    session.add(advisor)
    await session.flush()
    await sign_in.set_password(session, advisor, password)
    await access.log(session, now=now, action="advisor_added", advisor_id=by, reason=f"{email} ({role.value})")
    return advisor


async def change(
    session: WriteSession,
    advisor_id: int,
    *,
    name: str,
    role: Role,
    phone: str | None,
    active: bool,
    paged_on_red: bool,
    language: str,
    house: House,
    now: datetime,
    by: int | None = None,
) -> Advisor:
    """Change an advisor. Whoever is closed goes off duty and is signed out everywhere.

    Raises:
        NotFound: there is no such advisor.
        HelplineError: name or phone cannot be used, or nobody would be left to administer the service.
        TakenByAnother: whoever is to be closed is in a call.
    """
    advisor = await _found(session, advisor_id)
    stays_admin = active and role is Role.ADMIN
    if advisor.active and advisor.role is Role.ADMIN and not stays_admin:
        await _refuse_last_admin(session, advisor)
    before = _said(session, advisor)
    if advisor.active and not active:
        if advisor.duty is not Duty.OFF:
            await duty.go_off(session, advisor, house=house, now=now)
        await sign_ins.end_all(session, advisor.id)
    advisor.name, advisor.role, advisor.active = _name(name), role, active
    if phone != _phone(session, advisor):
        advisor.phone_sealed = _sealed(session, phone)
    advisor.paged_on_red, advisor.language = paged_on_red, language
    _refuse_page_without_phone(advisor)
    await session.flush()
    after = _said(session, advisor)
    if after != before:
        # What changed, not to what where it is a telephone number.
        words = "; ".join(f"{field}: {after[field]}" for field in after if after[field] != before[field])
        await access.log(session, now=now, action="advisor_changed", advisor_id=by, reason=f"{advisor.email}: {words}")
    return advisor


async def reset(session: WriteSession, email: str, *, now: datetime, by: int | None = None) -> str:
    """A new random password, shown once; every browser of theirs is signed out.

    Raises:
        NotFound: nobody has that e-mail.
    """
    advisor = await advisors.by_email(session, email)
    if advisor is None:
        raise NotFound(f"Det finnes ingen med e-postadressen {email.strip()}.")
    password = new_password()
    await sign_in.set_password(session, advisor, password)
    await access.log(session, now=now, action="password_reset", advisor_id=by, reason=advisor.email)
    return password


def new_password() -> str:
    """A random password that can be read aloud: four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(4))


async def _found(session: ReadSession, advisor_id: int) -> Advisor:
    advisor = await advisors.by_id(session, advisor_id)
    if advisor is None:
        raise NotFound("Denne rådgiveren finnes ikke.")
    return advisor


async def _refuse_last_admin(session: WriteSession, advisor: Advisor) -> None:
    others = await advisors.admins(session)
    if not any(other.id != advisor.id for other in others):
        raise HelplineError("Det må være minst én aktiv administrator. Gi rollen til en annen først.")


def _refuse_page_without_phone(advisor: Advisor) -> None:
    if advisor.paged_on_red and advisor.phone_sealed is None:
        raise HelplineError("Den som skal varsles på SMS ved rød henvendelse, må ha et telefonnummer.")


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not 1 <= len(name) <= 120:
        raise HelplineError("Skriv et navn på høyst 120 tegn.")
    return name


def _sealed(session: WriteSession, phone: str | None) -> bytes | None:
    return session.keyring.seal(advisor_number(phone)) if phone and phone.strip() else None


def _phone(session: ReadSession, advisor: Advisor) -> str | None:
    number = advisors.phone(session, advisor)
    return shown(number) if number is not None else None


def _member(session: ReadSession, advisor: Advisor) -> Member:
    return Member(
        id=advisor.id,
        email=advisor.email,
        name=advisor.name,
        role=advisor.role,
        phone=_phone(session, advisor),
        active=advisor.active,
        paged_on_red=advisor.paged_on_red,
        language=advisor.language,
        duty=advisor.duty,
        duty_since=advisor.duty_since,
    )


def _said(session: ReadSession, advisor: Advisor) -> dict[str, str]:
    number = advisors.phone(session, advisor)
    return {
        "name": advisor.name,
        "role": advisor.role.value,
        "active": "yes" if advisor.active else "no",
        "paged_on_red": "yes" if advisor.paged_on_red else "no",
        "language": advisor.language,
        "phone": f"…{number[-2:]}" if number else "none",
    }
