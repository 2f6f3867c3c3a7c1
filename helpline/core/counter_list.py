"""The list of counters: what each figure means, in words that stand wherever the figure does.

Waiting starts in the queue; short abandons are shown but left out of the service level; shares are of known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: Seconds within which a call should be answered, unless another threshold is asked for.
ANSWER_WITHIN = 60
#: Seconds under which leaving the queue is a short abandon; the desk decides the outcome by it.
SHORT_ABANDON_UNDER = 10


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What a figure means. Texts of people are in bokmål and English; None is «does not apply»."""

    name: str
    #: contacts, sessions, persons, attendances, groups, letters, share (0–1), seconds or points (0–10).
    unit: str
    title_nb: str
    title_en: str
    definition_nb: str
    definition_en: str
    #: Where the clock starts, for times.
    clock_start_nb: str | None = None
    clock_start_en: str | None = None
    #: Seconds.
    threshold: int | None = None
    denominator_nb: str | None = None
    denominator_en: str | None = None
    exclusions_nb: str | None = None
    exclusions_en: str | None = None
    version: int = 1


_QUEUE_NB, _QUEUE_EN = "når den som venter går inn i køen, etter menyen", "on entering the queue, after the menu"
_INCOMING_NB = "utgående henvendelser og de som er ført i ettertid"
_INCOMING_EN = "outbound contacts and those entered afterwards"
_OUTSIDE_NB = f"{_INCOMING_NB}; utfall som ikke hører med, for eksempel utenfor åpningstid"
_OUTSIDE_EN = f"{_INCOMING_EN}; outcomes that do not belong, such as outside opening hours"

_CALLBACK_NB = "tilbakeringinger som endte i rådgivning eller henvisning og er ført slik"
_CALLBACK_EN = "callbacks that ended in counselling or referral and are recorded as that"

_DEFINED = (
    Counter(
        name="contacts",
        unit="contacts",
        title_nb="Henvendelser",
        title_en="Contacts",
        definition_nb="Avsluttede henvendelser i alle kanaler, talt på dagen de kom. En henvendelse er ingen person.",
        definition_en="Closed contacts on all channels, counted on the day they came. A contact is not a person.",
    ),
    Counter(
        name="sessions",
        unit="sessions",
        title_nb="Rådgivningstimer",
        title_en="Advice sessions",
        definition_nb="Gjennomførte rådgivningstimer.",
        definition_en="Advice sessions held.",
    ),
    Counter(
        name="persons",
        unit="persons",
        title_nb="Personer i rådgivning",
        title_en="People in advice sessions",
        definition_nb="Summen av deltakere i rådgivningstimene; den som kommer to ganger, telles to ganger.",
        definition_en="The sum of participants in advice sessions; whoever comes twice counts twice.",
    ),
    Counter(
        name="attendances",
        unit="attendances",
        title_nb="Deltakelser",
        title_en="Attendances",
        definition_nb="Oppmøter på grupper, kurs, skrivetilbud og arrangementer; ikke antall ulike personer.",
        definition_en="Attendances at groups, courses, writing and events; not the number of different people.",
    ),
    Counter(
        name="attendances_support_group",
        unit="attendances",
        title_nb="Deltakelser på samtalegrupper",
        title_en="Attendances at support groups",
        definition_nb="Oppmøter på samtalegrupper; ikke antall ulike personer. Del av deltakelsene.",
        definition_en="Attendances at support groups; not the number of different people. Part of the attendances.",
    ),
    Counter(
        name="attendances_writing",
        unit="attendances",
        title_nb="Deltakelser på skrivetilbud",
        title_en="Attendances at writing",
        definition_nb="Oppmøter på skrivetilbud; ikke antall ulike personer. Del av deltakelsene.",
        definition_en="Attendances at writing; not the number of different people. Part of the attendances.",
    ),
    Counter(
        name="attendances_course",
        unit="attendances",
        title_nb="Deltakelser på kurs",
        title_en="Attendances at courses",
        definition_nb="Oppmøter på kurs; ikke antall ulike personer. Del av deltakelsene.",
        definition_en="Attendances at courses; not the number of different people. Part of the attendances.",
    ),
    Counter(
        name="attendances_event",
        unit="attendances",
        title_nb="Deltakelser på arrangementer",
        title_en="Attendances at events",
        definition_nb="Oppmøter på arrangementer; ikke antall ulike personer. Del av deltakelsene.",
        definition_en="Attendances at events; not the number of different people. Part of the attendances.",
    ),
    Counter(
        name="groups",
        unit="groups",
        title_nb="Selvstyrte grupper",
        title_en="Self-run groups",
        definition_nb="Selvstyrte grupper, én per gruppe og år.",
        definition_en="Self-run groups, one a group and year.",
    ),
    Counter(
        name="answered",
        unit="contacts",
        title_nb="Besvart",
        title_en="Answered",
        definition_nb="Innkommende henvendelser som en rådgiver svarte på, også ved å ringe tilbake.",
        definition_en="Incoming contacts that an advisor answered, also by calling back.",
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="not_answered",
        unit="contacts",
        title_nb="Ikke besvart",
        title_en="Not answered",
        definition_nb="Innkommende henvendelser som ville til en rådgiver, men ikke fikk svar: forlot køen, ingen på "
        "vakt, full kø, beskjed, mislykket tilbakeringing eller teknisk feil.",
        definition_en="Incoming contacts that wanted an advisor and got none: left the queue, nobody on duty, queue "
        "full, message left, callback failed or technical failure.",
        exclusions_nb=f"{_OUTSIDE_NB}; de som la på med en gang",
        exclusions_en=f"{_OUTSIDE_EN}; short abandons",
    ),
    Counter(
        name="abandoned",
        unit="contacts",
        title_nb="Forlot køen",
        title_en="Abandoned",
        definition_nb="Forlot køen før en rådgiver svarte, etter grensen for å ha lagt på med en gang.",
        definition_en="Left the queue before an advisor answered, later than the threshold of short abandons.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        threshold=SHORT_ABANDON_UNDER,
    ),
    Counter(
        name="short_abandons",
        unit="contacts",
        title_nb="La på med en gang",
        title_en="Short abandons",
        definition_nb="Forlot køen innen grensen. Vises, men holdes utenfor servicegraden.",
        definition_en="Left the queue within the threshold. Shown, and left out of the service level.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        threshold=SHORT_ABANDON_UNDER,
    ),
    Counter(
        name="redials",
        unit="contacts",
        title_nb="Nye forsøk innen et døgn",
        title_en="Redials within 24 hours",
        definition_nb="Forsøk på å nå en rådgiver fra noen som ikke fikk svar det siste døgnet.",
        definition_en="Attempts to reach an advisor by somebody who got no answer in the last 24 hours.",
        clock_start_nb="ved forrige forsøk uten svar",
        clock_start_en="at the earlier attempt without answer",
        threshold=86400,
        exclusions_nb=_OUTSIDE_NB,
        exclusions_en=_OUTSIDE_EN,
    ),
    Counter(
        name="answer_rate",
        unit="share",
        title_nb="Svarprosent, av forsøk",
        title_en="Answer rate, by attempts",
        definition_nb="Besvarte henvendelser som andel av alle forsøk på å nå en rådgiver.",
        definition_en="Answered contacts as a share of all attempts to reach an advisor.",
        denominator_nb="besvart + ikke besvart + de som la på med en gang",
        denominator_en="answered + not answered + short abandons",
        exclusions_nb=_OUTSIDE_NB,
        exclusions_en=_OUTSIDE_EN,
    ),
    Counter(
        name="answer_rate_callers",
        unit="share",
        title_nb="Svarprosent, av innringere",
        title_en="Answer rate, by callers",
        definition_nb="Som svarprosenten av forsøk, men den som prøver igjen innen et døgn etter å ikke ha fått svar, "
        "telles én gang. Uten kjent nummer telles hvert forsøk som en innringer.",
        definition_en="As the answer rate by attempts, but whoever tries again within 24 hours of an attempt without "
        "answer counts once. Without a known number every attempt counts as a caller.",
        denominator_nb="forsøk minus nye forsøk innen et døgn",
        denominator_en="attempts minus redials within 24 hours",
        exclusions_nb=_OUTSIDE_NB,
        exclusions_en=_OUTSIDE_EN,
    ),
    Counter(
        name="service_level",
        unit="share",
        title_nb="Servicegrad",
        title_en="Service level",
        definition_nb="Besvart innen grensen, som andel av besvarte og ikke besvarte.",
        definition_en="Answered within the threshold, as a share of answered and not answered.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        threshold=ANSWER_WITHIN,
        denominator_nb="besvart med kjent ventetid + ikke besvart",
        denominator_en="answered with a known wait + not answered",
        exclusions_nb=f"{_OUTSIDE_NB}; de som la på med en gang; besvarte uten kjent ventetid",
        exclusions_en=f"{_OUTSIDE_EN}; short abandons; answered without a known wait",
    ),
    Counter(
        name="service_level_answered",
        unit="share",
        title_nb="Servicegrad av besvarte",
        title_en="Service level of answered",
        definition_nb="Besvart innen grensen, som andel av de besvarte alene.",
        definition_en="Answered within the threshold, as a share of answered contacts alone.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        threshold=ANSWER_WITHIN,
        denominator_nb="besvart med kjent ventetid",
        denominator_en="answered with a known wait",
        exclusions_nb=f"{_INCOMING_NB}; alle som ikke ble besvart",
        exclusions_en=f"{_INCOMING_EN}; all that were not answered",
    ),
    Counter(
        name="waited",
        unit="contacts",
        title_nb="Ventet i køen",
        title_en="Waited in the queue",
        definition_nb="Innkommende henvendelser med kjent ventetid: de som fikk svar, og de som gikk før de fikk det.",
        definition_en="Incoming contacts with a known wait: those that were answered, and those that left before it.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="left",
        unit="contacts",
        title_nb="Gikk uten svar",
        title_en="Left without an answer",
        definition_nb="De som gikk fra køen før en rådgiver svarte, også de som la på med en gang, der ventetiden er "
        "kjent.",
        definition_en="Those who left the queue before an advisor answered, short abandons too, where the wait is "
        "known.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="left_median",
        unit="seconds",
        title_nb="Ventet før de gikk, median",
        title_en="Wait before leaving, median",
        definition_nb="Halvparten av dem som forlot køen, gikk tidligere enn dette. Fordelingen er frafallskurven.",
        definition_en="Half of those who left the queue left earlier than this. The distribution is the abandon curve.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        denominator_nb="forlot køen eller la på med en gang, med kjent ventetid",
        denominator_en="abandoned and short abandons with a known wait",
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="wait_median",
        unit="seconds",
        title_nb="Ventetid, median",
        title_en="Wait, median",
        definition_nb="Halvparten av de besvarte ventet kortere enn dette.",
        definition_en="Half of the answered waited less than this.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        denominator_nb="besvart med kjent ventetid",
        denominator_en="answered with a known wait",
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="wait_mean",
        unit="seconds",
        title_nb="Ventetid, gjennomsnitt",
        title_en="Wait, mean",
        definition_nb="Gjennomsnittlig ventetid for de besvarte.",
        definition_en="The mean wait of the answered.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        denominator_nb="besvart med kjent ventetid",
        denominator_en="answered with a known wait",
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="wait_p90",
        unit="seconds",
        title_nb="Ventetid, ni av ti",
        title_en="Wait, nine in ten",
        definition_nb="Minst ni av ti besvarte ventet ikke lenger enn dette.",
        definition_en="At least nine in ten of the answered waited no longer than this.",
        clock_start_nb=_QUEUE_NB,
        clock_start_en=_QUEUE_EN,
        denominator_nb="besvart med kjent ventetid",
        denominator_en="answered with a known wait",
        exclusions_nb=_INCOMING_NB,
        exclusions_en=_INCOMING_EN,
    ),
    Counter(
        name="handling_median",
        unit="seconds",
        title_nb="Behandlingstid, median",
        title_en="Handling time, median",
        definition_nb="Samtale og etterarbeid i besvarte henvendelser; halvparten tok kortere tid enn dette.",
        definition_en="Conversation and wrap-up of answered contacts; half took less than this.",
        clock_start_nb="når rådgiveren svarer",
        clock_start_en="when the advisor answers",
        denominator_nb="besvart med kjent behandlingstid",
        denominator_en="answered with a known handling time",
    ),
    Counter(
        name="handling_mean",
        unit="seconds",
        title_nb="Behandlingstid, gjennomsnitt",
        title_en="Handling time, mean",
        definition_nb="Samtale og etterarbeid i besvarte henvendelser, i gjennomsnitt.",
        definition_en="Conversation and wrap-up of answered contacts, on average.",
        clock_start_nb="når rådgiveren svarer",
        clock_start_en="when the advisor answers",
        denominator_nb="besvart med kjent behandlingstid",
        denominator_en="answered with a known handling time",
    ),
    Counter(
        name="returning",
        unit="share",
        title_nb="Har kontaktet oss før",
        title_en="Have been in touch before",
        definition_nb="Henvendelser fra noen som har kontaktet oss før, som andel av dem der det er kjent.",
        definition_en="Contacts from somebody who was in touch before, as a share of those where it is known.",
        denominator_nb="henvendelser ført som ny eller har kontaktet oss før",
        denominator_en="contacts recorded as new or returning",
        exclusions_nb="ukjent og ikke spurt",
        exclusions_en="unknown and not asked",
    ),
    Counter(
        name="callbacks_promised",
        unit="contacts",
        title_nb="Lovet å ringe tilbake",
        title_en="Callbacks promised",
        definition_nb="Henvendelser som endte med at vi ringte tilbake, eller prøvde uten å nå fram.",
        definition_en="Contacts that ended in our calling back, or trying to in vain.",
        exclusions_nb=_CALLBACK_NB,
        exclusions_en=_CALLBACK_EN,
    ),
    Counter(
        name="callbacks_kept",
        unit="share",
        title_nb="Ringt tilbake som lovet",
        title_en="Callbacks kept",
        definition_nb="Tilbakeringinger som nådde fram, som andel av dem vi lovet.",
        definition_en="Callbacks that reached the caller, as a share of those promised.",
        denominator_nb="ringt tilbake + ikke nådd ved tilbakeringing",
        denominator_en="called back + callback failed",
        exclusions_nb=_CALLBACK_NB,
        exclusions_en=_CALLBACK_EN,
    ),
    Counter(
        name="asked_what_matters",
        unit="share",
        title_nb="Spurt «Hva er viktigst for deg?»",
        title_en="Asked «What matters most to you?»",
        definition_nb="Henvendelser der vi spurte hva som er viktigst, som andel av dem der det er ført.",
        definition_en="Contacts in which we asked what matters most, as a share of those where it is recorded.",
        denominator_nb="henvendelser der ja eller nei er ført",
        denominator_en="contacts recorded yes or no",
        exclusions_nb="henvendelser der det ikke er ført",
        exclusions_en="contacts where it is not recorded",
    ),
    Counter(
        name="letters",
        unit="letters",
        title_nb="Bekymringsmeldinger laget",
        title_en="Concern letters made",
        definition_nb="Bekymringsmeldinger som ble laget i henvendelsene.",
        definition_en="Concern letters made in the contacts.",
    ),
    Counter(
        name="knowledge_used",
        unit="share",
        title_nb="Brukte en artikkel",
        title_en="Used an article",
        definition_nb="Henvendelser der minst én artikkel fra kunnskapsbasen ble brukt, som andel av dem vi hjalp.",
        definition_en="Contacts in which at least one article was used, as a share of those we helped.",
        denominator_nb="henvendelser besvart av en rådgiver eller veiledet uten rådgiver, alle retninger",
        denominator_en="contacts answered by an advisor or guided without one, in all directions",
        exclusions_nb="ikke besvarte henvendelser",
        exclusions_en="contacts that were not answered",
    ),
    Counter(
        name="evaluations",
        unit="contacts",
        title_nb="Svarte på om det hjalp",
        title_en="Told us whether it helped",
        definition_nb="Henvendelser der innringeren ga poeng for hvor mye vi hjalp.",
        definition_en="Contacts in which the caller gave points for how much we helped.",
    ),
    Counter(
        name="evaluation",
        unit="points",
        title_nb="Hvor mye vi hjalp, gjennomsnitt",
        title_en="How much we helped, mean",
        definition_nb="Gjennomsnittet av det innringerne selv svarte på hvor mye vi hjalp med det som var viktigst, "
        "fra 0 (ikke noe) til 10 (svært mye).",
        definition_en="The mean of what callers themselves answered to how much we helped with what mattered most, "
        "from 0 (nothing) to 10 (very much).",
        denominator_nb="henvendelser der innringeren har svart",
        denominator_en="contacts in which the caller answered",
        exclusions_nb="henvendelser uten svar; vi spør ikke når noen var i akutt fare, eller når det ikke er sikkert "
        "at det er trygt å skrive",
        exclusions_en="contacts without an answer; we do not ask when somebody was in acute danger, or when it is not "
        "certain that writing is safe",
    ),
)

#: All counters by name, in the order pages show them.
COUNTERS: Mapping[str, Counter] = {counter.name: counter for counter in _DEFINED}
