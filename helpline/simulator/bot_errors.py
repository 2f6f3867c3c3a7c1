"""Refusals of the pretend Bot API, in Telegram's own shape and words."""

from starlette.responses import JSONResponse


class BotError(Exception):
    """A refusal: Telegram's `error_code` (also the HTTP status) and its description."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description

    def response(self) -> JSONResponse:
        """The answer the real one would give."""
        document = {"ok": False, "error_code": self.code, "description": self.description}
        return JSONResponse(document, status_code=self.code)


def bad_request(words: str) -> BotError:
    """400, in Telegram's words."""
    return BotError(400, f"Bad Request: {words}")
