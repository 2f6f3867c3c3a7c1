"""What managers see above every report when the last recount found a difference; the template is `recounted.html`."""

from helpline.core.duty import Role
from helpline.desk import recount
from helpline.store.db import ReadSession
from helpline.web.guard import Signed


async def differing(session: ReadSession, signed: Signed) -> recount.Recount | None:
    """The last recount, to a manager and when it found something: `recounted` of the template."""
    found = await recount.last(session) if signed.may(Role.MANAGER) else None
    return found if found is not None and found.differences else None
