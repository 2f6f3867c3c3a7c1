"""Which number first: the decision order of DOMAIN §1.2, the first match winning."""

from collections.abc import Iterable

from helpline.core.codes import AtRisk, Urgency

#: Alarms from the one that is answered first. Where somebody is violent or a place burns, those who can stop it come
#: first; then life and health; then what can wait some minutes. (DOMAIN §1.2, 1-6.)
ORDER = (
    "fire",
    "violence_now",
    "threat_to_other",
    "missing_person",
    "medical_emergency",
    "overdose_poisoning",
    "suicide_self",
    "suicide_other",
    "self_harm",
    "child_at_risk",
    "psychosis",
    "violence_pattern",
    "caregiver_exhaustion",
)

#: Alarms whose answer must say nothing that betrays it on a telephone that others read.
QUIET = frozenset({"violence_now", "violence_pattern", "threat_to_other"})

#: Alarms whose first line names what it is about, and which are answered by the same people as violence is.
_TELLING = frozenset({"psychosis", "child_at_risk"})

#: Something was swallowed.
SWALLOWED = "overdose_poisoning"
#: A wish to die or to harm oneself.
INTENT = frozenset({"suicide_self", "suicide_other", "self_harm"})

_RED = {
    "fire": ("fire", "amk"),
    "violence_now": ("police", "amk"),
    "threat_to_other": ("police", "amk"),
    "missing_person": ("police", "amk"),
    "medical_emergency": ("amk",),
    "overdose_poisoning": ("amk",),
    "suicide_self": ("amk", "mental_helse"),
    "suicide_other": ("amk", "mental_helse"),
    "self_harm": ("amk", "mental_helse"),
    "child_at_risk": ("police", "alarmtelefonen"),
    "psychosis": ("amk", "police"),
    "violence_pattern": ("police", "vo_linjen"),
    "caregiver_exhaustion": ("legevakt", "mental_helse", "kirkens_sos"),
}

_NOT_RED = {
    "fire": ("fire",),
    "violence_now": ("vo_linjen", "police", "police_not_urgent"),
    "threat_to_other": ("police_not_urgent", "police", "legevakt"),
    "missing_person": ("police",),
    "medical_emergency": ("legevakt", "amk"),
    "overdose_poisoning": ("giftinformasjonen", "amk"),
    "suicide_self": ("legevakt", "mental_helse", "kirkens_sos", "amk"),
    "suicide_other": ("legevakt", "mental_helse", "kirkens_sos", "amk"),
    "self_harm": ("legevakt", "mental_helse", "kirkens_sos", "amk"),
    "child_at_risk": ("alarmtelefonen", "police"),
    "psychosis": ("legevakt", "mental_helse", "amk"),
    "violence_pattern": ("vo_linjen", "police", "police_not_urgent"),
    "caregiver_exhaustion": ("mental_helse", "kirkens_sos", "parorendelinjen"),
}

#: No alarm, and somebody needs to talk while we are closed (DOMAIN §1.2, 10).
_NO_ALARM = ("parorendelinjen", "mental_helse", "legevakt", "amk")


def leading_alarm(alarm_codes: Iterable[str]) -> str | None:
    """The alarm that the first line answers, or None without alarms.

    Raises:
        ValueError: a code is not an alarm.
    """
    codes = set(alarm_codes)
    unknown = codes.difference(ORDER)
    if unknown:
        raise ValueError(f"«{min(unknown)}» is not an alarm.")
    leading = min(codes, key=ORDER.index, default=None)
    if leading in _TELLING and codes & QUIET:
        # Where there is violence too, its own line says no more than number and action.
        return min(codes & QUIET, key=ORDER.index)
    return leading


def effective_level(alarm_codes: Iterable[str], level: Urgency) -> Urgency:
    """The level to answer at: something swallowed together with a wish to die or to harm oneself is always red.

    Giftinformasjonen is for a small accidental intake only. A clinician is to confirm this rule (DOMAIN §1.2, 4).
    """
    codes = set(alarm_codes)
    return Urgency.RED if SWALLOWED in codes and codes & INTENT else level


def numbers_for(alarm_codes: Iterable[str], level: Urgency, at_risk: AtRisk | None) -> tuple[str, ...]:
    """Ids of the help numbers to give, the most urgent first and none twice.

    Args:
        alarm_codes: the alarms found at `level`, of the code list `alarm`.
        level: red when a life is in danger now.
        at_risk: who is in danger; a child adds the line for children.

    Raises:
        ValueError: a code is not an alarm.
    """
    codes = tuple(alarm_codes)
    leading = leading_alarm(codes)
    if leading is None:
        return _NO_ALARM
    table = _RED if effective_level(codes, level) is Urgency.RED else _NOT_RED
    ids = list(table[leading])
    if at_risk is AtRisk.CHILD:
        ids.append("alarmtelefonen")
    for code in sorted(set(codes) - {leading}, key=ORDER.index):
        ids += table[code]
    if INTENT.intersection(codes) and "giftinformasjonen" in ids:
        ids.remove("giftinformasjonen")
    return tuple(dict.fromkeys(ids))
