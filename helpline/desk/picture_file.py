"""A drawing as a PNG file, made in a process of its own (`picture_sheet`), so that the service stays small."""

import asyncio
import sys

from helpline.errors import HelplineError
from helpline.logs import get

log = get("helpline.pictures")

#: Seconds until a picture that is not done is given up.
PATIENCE = 30.0
_AT_ONCE = asyncio.Semaphore(2)


class CannotMakePicture(HelplineError):
    """The picture could not be made; the SVG file is there all the same."""

    status = 503


async def png(svg: str) -> bytes:
    """An SVG drawing that stands alone as PNG.

    Raises:
        CannotMakePicture: it took too long or failed.
    """
    async with _AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "helpline.desk.picture_sheet",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(PATIENCE):
                made, _ = await process.communicate(svg.encode())
        except TimeoutError:
            made = b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0 or not made:
        log.error("picture_failed", ended=process.returncode)
        raise CannotMakePicture("Bildet kunne ikke lages nå. Prøv igjen, eller last ned SVG-fila.")
    return made
