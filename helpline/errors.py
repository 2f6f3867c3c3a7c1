"""Errors that a person may meet. The sentence says what happened and what to do."""


class HelplineError(Exception):
    """An expected error: a status for HTTP and one sentence a tired person can act on.

    `status` is the HTTP status that a page or webhook answers with; on the command line every one of them is exit 1.
    """

    status = 400

    def __init__(self, sentence: str, *, status: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if status is not None:
            self.status = status


class NotAllowed(HelplineError):
    """Signed in, but the role does not reach this far."""

    status = 403


class NotFound(HelplineError):
    """No such thing, or not for you to see."""

    status = 404


class TakenByAnother(HelplineError):
    """Somebody else was first: the contact, the offer or the row has moved on."""

    status = 409


class SettingsError(HelplineError):
    """The settings make no safe start."""

    status = 500


class ProviderSilent(HelplineError):
    """Twilio or Telegram does not answer us now; it is asked again later."""

    status = 502


class CannotStore(HelplineError):
    """The database refused or is away; the provider is asked to come again."""

    status = 503
