"""The simulator's own interface, `/simulator/api/…`: what the page's handsets do, and whoever orders faults.

Everything is JSON; what a person cannot do is answered 400 with `error` in one sentence. It is open to whoever reaches
the port, like the rest of a rehearsal: nothing here is real.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from helpline.simulator.bot_errors import BotError
from helpline.simulator.calls import Manner
from helpline.simulator.faults import Fault, FaultKind
from helpline.simulator.state import Simulator
from helpline.simulator.view import view

#: A look that nothing answers ends after this many seconds; the page then asks again.
LONGEST_LOOK = 25.0


class _Plain(APIRoute):
    """Answers 400 in one sentence for what a person cannot do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def plain(request: Request) -> Response:
            try:
                return await handle(request)
            except (ValueError, BotError) as problem:
                return JSONResponse({"error": str(problem)}, status_code=400)

        return plain


router = APIRouter(prefix="/simulator/api", route_class=_Plain)


def _simulator(request: Request) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    return simulator


Simulated = Annotated[Simulator, Depends(_simulator)]


def _known_call(simulator: Simulated, sid: str) -> str:
    if all(leg["sid"] != sid for leg in simulator.calls.legs()):
        raise ValueError("There is no such call.")
    return sid


CallSid = Annotated[str, Depends(_known_call)]


class Asked(BaseModel):
    """What every request body has in common: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FaultAsked(Asked):
    kind: FaultKind
    target: str = "*"
    times: int = Field(default=1, ge=1, le=10_000)
    seconds: float = Field(default=0.0, ge=0, le=3_600)
    status: int = Field(default=500, ge=400, le=599)
    code: int = 30003


class TextAsked(Asked):
    from_: str = Field(alias="from", min_length=1)
    to: str | None = None
    body: str
    media: tuple[str, ...] = ()


class SwitchAsked(Asked):
    on: bool


class CallAsked(Asked):
    """`from` null withholds the number."""

    from_: str | None = Field(alias="from")
    to: str | None = None


class KeysAsked(Asked):
    keys: str


class WordsAsked(Asked):
    words: str = Field(min_length=1)


class DeclineAsked(Asked):
    busy: bool = True


class MannerAsked(Asked):
    manner: Manner


class SayAsked(Asked):
    text: str
    chat: int | None = None
    reply_to: int | None = None


class EditAsked(Asked):
    message: int
    text: str
    chat: int | None = None


class SendAsked(Asked):
    kind: Literal["photo", "document", "voice", "location", "contact", "sticker"]
    caption: str = ""
    chat: int | None = None


class PressAsked(Asked):
    message: int
    data: str
    chat: int | None = None


class GroupAsked(Asked):
    group: int = Field(lt=0)
    member: bool


@router.get("/state")
async def state(simulator: Simulated, after: int = -1) -> dict[str, Any]:
    """Everything the page shows, when there is something newer than revision `after` or after a while anyway."""
    if after <= simulator.changes.revision:
        await simulator.changes.after(after, timeout=LONGEST_LOOK)
    return view(simulator)


# Texts.


@router.post("/texts", status_code=201)
async def send_text(simulator: Simulated, asked: TextAsked) -> dict[str, Any]:
    """A handset sends a text."""
    to = asked.to or simulator.settings.sms_number
    received = simulator.messages.receive(from_=asked.from_, to=to, body=asked.body, media=asked.media)
    return {"sids": [message.sid for message in received]}


@router.post("/opt-out")
async def switch_opt_out(simulator: Simulated, asked: SwitchAsked) -> dict[str, Any]:
    """Switch Twilio's own handling of STOP and START on or off."""
    simulator.messages.default_opt_out = asked.on
    simulator.changes.mark()
    return {"on": asked.on}


# Telephones.


@router.post("/calls", status_code=201)
async def place_call(simulator: Simulated, asked: CallAsked) -> dict[str, Any]:
    """Somebody rings us."""
    return {"sid": await simulator.calls.place_call(asked.from_, asked.to or simulator.settings.voice_number)}


@router.post("/calls/{sid}/press")
async def press_keys(simulator: Simulated, sid: CallSid, asked: KeysAsked) -> dict[str, Any]:
    """Keys are pressed."""
    simulator.calls.press(sid, asked.keys)
    return {}


@router.post("/calls/{sid}/speak")
async def speak(simulator: Simulated, sid: CallSid, asked: WordsAsked) -> dict[str, Any]:
    """Something is said."""
    simulator.calls.speak(sid, asked.words)
    return {}


@router.post("/calls/{sid}/answer")
async def answer_call(simulator: Simulated, sid: CallSid) -> dict[str, Any]:
    """A telephone that rings is answered."""
    simulator.calls.answer(sid)
    return {}


@router.post("/calls/{sid}/decline")
async def decline_call(simulator: Simulated, sid: CallSid, asked: DeclineAsked) -> dict[str, Any]:
    """A telephone that rings is not answered."""
    simulator.calls.decline(sid, busy=asked.busy)
    return {}


@router.post("/calls/{sid}/hang-up")
async def hang_up(simulator: Simulated, sid: CallSid) -> dict[str, Any]:
    """The telephone is put down."""
    simulator.calls.hang_up(sid)
    return {}


@router.post("/telephones/{number}")
async def behave(simulator: Simulated, number: str, asked: MannerAsked) -> dict[str, Any]:
    """What a telephone does from now on when it is rung."""
    simulator.calls.behave(number, asked.manner)
    return {}


# Telegram.


@router.post("/telegram/{person}/say", status_code=201)
async def say(simulator: Simulated, person: int, asked: SayAsked) -> dict[str, Any]:
    """A person writes."""
    message = simulator.telegram.say(person, asked.text, chat_id=asked.chat, reply_to=asked.reply_to)
    return {"message": message["message_id"]}


@router.post("/telegram/{person}/edit")
async def edit(simulator: Simulated, person: int, asked: EditAsked) -> dict[str, Any]:
    """A person changes what was written."""
    simulator.telegram.edit(person, asked.message, asked.text, chat_id=asked.chat)
    return {}


@router.post("/telegram/{person}/send", status_code=201)
async def send(simulator: Simulated, person: int, asked: SendAsked) -> dict[str, Any]:
    """A person sends a picture, a file, a place …"""
    message = simulator.telegram.send(person, asked.kind, caption=asked.caption, chat_id=asked.chat)
    return {"message": message["message_id"]}


@router.post("/telegram/{person}/press")
async def press_button(simulator: Simulated, person: int, asked: PressAsked) -> dict[str, Any]:
    """A person presses a button under a message."""
    return {"query": simulator.telegram.press(person, asked.message, asked.data, chat_id=asked.chat)}


@router.post("/telegram/{person}/block")
async def block(simulator: Simulated, person: int, asked: SwitchAsked) -> dict[str, Any]:
    """A person blocks the bot, or lets it write again."""
    if asked.on:
        simulator.telegram.block(person)
    else:
        simulator.telegram.unblock(person)
    return {}


@router.post("/telegram/{person}/group")
async def group(simulator: Simulated, person: int, asked: GroupAsked) -> dict[str, Any]:
    """A person puts the bot into a group or out of it."""
    if asked.member:
        simulator.telegram.group(asked.group, by=person)
    else:
        simulator.telegram.put_out(asked.group, by=person)
    return {}


@router.post("/telegram/{person}/unreadable", status_code=201)
async def unreadable(simulator: Simulated, person: int) -> dict[str, Any]:
    """Telegram sends something that the library cannot decode."""
    return {"update": simulator.telegram.unreadable(person)}


@router.post("/telegram-updates", status_code=201)
async def raw_update(simulator: Simulated, update: dict[str, Any]) -> dict[str, Any]:
    """Telegram sends an update of any shape; the identifier is added."""
    return {"update": simulator.telegram.updates.add_raw(update)}


# Faults.


@router.post("/faults", status_code=201)
async def order_fault(simulator: Simulated, asked: FaultAsked) -> dict[str, Any]:
    """Let something go wrong."""
    fault = Fault(kind=asked.kind, target=asked.target, seconds=asked.seconds, status=asked.status, code=asked.code)
    simulator.faults.order(fault, times=asked.times)
    return {"ordered": len(simulator.faults.ordered())}


@router.delete("/faults")
async def clear_faults(simulator: Simulated) -> dict[str, Any]:
    """Let everything go right again."""
    simulator.faults.clear()
    return {"ordered": 0}
