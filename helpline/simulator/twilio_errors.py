"""Errors of the pretend Twilio REST interface, in Twilio's own shape."""

from starlette.responses import JSONResponse


class TwilioError(Exception):
    """A refusal: HTTP `status`, Twilio's `code` (0 where it has none), a message in English as theirs are."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> JSONResponse:
        """The answer the real one would give."""
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else None
        return JSONResponse(
            {
                "code": self.code,
                "message": self.message,
                "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
                "status": self.status,
            },
            status_code=self.status,
            headers=headers,
        )


def not_found(path: str) -> TwilioError:
    """20404 for a resource that is not there."""
    return TwilioError(404, 20404, f"The requested resource {path} was not found")
