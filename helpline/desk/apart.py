"""What is heavy happens in a process of its own: the service stays small, and a file that fails takes nothing along.

The program is a module of the desk that reads JSON on standard input and writes a file on standard output.
"""

import asyncio
import json
import sys

#: Each takes some fifty megabytes: two at a time keep the machine free for those who wait.
_AT_ONCE = asyncio.Semaphore(2)


class NotMade(Exception):
    """The program failed, or took too long; `ended` is its exit code."""

    def __init__(self, ended: int | None) -> None:
        super().__init__(f"the program ended with {ended}")
        self.ended = ended


async def made(program: str, argument: str, document: object, *, patience: float) -> bytes:
    """What a program makes of a document within so many seconds.

    Raises:
        NotMade: it took too long, failed, or made nothing.
    """
    async with _AT_ONCE:
        # On standard input, not as an argument: arguments stand in the list of processes. No environment, so no key.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            program,
            argument,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        found = b""
        try:
            async with asyncio.timeout(patience):
                found, _ = await process.communicate(json.dumps(document).encode())
        except TimeoutError:
            found = b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0 or not found:
            raise NotMade(process.returncode)
        return found
