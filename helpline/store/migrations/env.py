"""Alembic's entry: the connection is handed in by `store.upgrade`."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from helpline.store.tables import Coded, Instant, Table, UrgencyRank

_PLAIN = {Instant: "sa.DateTime(timezone=True)", Coded: "sa.String(32)", UrgencyRank: "sa.SmallInteger()"}


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types as what the database sees, so that a migration never needs today's code."""
    return _PLAIN.get(type(item), False) if kind == "type" else False


connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True, render_item=_render)
with context.begin_transaction():
    context.run_migrations()
