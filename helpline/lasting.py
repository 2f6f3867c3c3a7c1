"""Making what stays for as long as the process: libraries, the lexicon, the knowledge."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def made_to_last() -> Iterator[None]:
    """What is made meanwhile is never looked through for garbage: hundreds of thousands of objects that all stay.
    Looking through them while they come costs a tenth of the start and more, and ever after something at each look."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
