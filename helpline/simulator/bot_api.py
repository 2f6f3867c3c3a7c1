"""Telegram's Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import hmac
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from helpline.simulator.bot_errors import BotError, bad_request
from helpline.simulator.bot_methods import Parameters, Upload, call
from helpline.simulator.state import Simulator

router = APIRouter()


@router.api_route("/bot{token}/{method}", methods=["GET", "POST"])
async def bot_method(request: Request, token: str, method: str) -> JSONResponse:
    """Run a method and answer as Telegram does."""
    try:
        simulator = _opened(request, token)
        result = await call(simulator.telegram, method, await _parameters(request))
    except BotError as refusal:
        return refusal.response()
    return JSONResponse({"ok": True, "result": result})


@router.get("/file/bot{token}/files/{file_id}")
async def bot_file(request: Request, token: str, file_id: str) -> Response:
    """Download what getFile named."""
    try:
        file = _opened(request, token).telegram.files.get(file_id)
    except BotError as refusal:
        return refusal.response()
    if file is None:
        return BotError(404, "Not Found").response()
    return Response(file.content, media_type="application/octet-stream")


def _opened(request: Request, token: str) -> Simulator:
    simulator: Simulator = request.app.state.simulator
    if not hmac.compare_digest(token.encode(), simulator.settings.telegram_token.encode()):
        raise BotError(401, "Unauthorized")
    return simulator


async def _parameters(request: Request) -> Parameters:
    given: dict[str, Any] = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind == "application/json":
        try:
            body = await request.json()
        except ValueError as problem:
            raise bad_request("can't parse JSON object") from problem
        if not isinstance(body, dict):
            raise bad_request("object expected")
        given |= body
    elif kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    content = await value.read()
                    mime_type = value.content_type or "application/octet-stream"
                    uploads[name] = Upload(value.filename or name, mime_type, content)
                else:
                    given[name] = value
    return Parameters(given, uploads)
