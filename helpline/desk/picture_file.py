"""A drawing as a PNG file, made in a process of its own (`picture_sheet`)."""

from helpline.desk import apart
from helpline.errors import HelplineError
from helpline.logs import get

log = get("helpline.pictures")

#: Seconds until a picture that is not done is given up.
PATIENCE = 30.0


class CannotMakePicture(HelplineError):
    """The picture could not be made; the SVG file is there all the same."""

    status = 503


async def png(svg: str) -> bytes:
    """An SVG drawing that stands alone as PNG.

    Raises:
        CannotMakePicture: it took too long or failed.
    """
    try:
        return await apart.made("helpline.desk.picture_sheet", "png", {"svg": svg}, patience=PATIENCE)
    except apart.NotMade as problem:
        log.error("picture_failed", ended=problem.ended)
        raise CannotMakePicture("Bildet kunne ikke lages nå. Prøv igjen, eller last ned SVG-fila.") from problem
