"""What any service of this kind must do at the least, in a process of its own: `python -m bench.floor`.

The same server, framework and signature check, and one durable insert through SQLAlchemy as its manual shows it, with
the settings of the database that the service has.
"""

from datetime import UTC, datetime
from typing import Any

import uvicorn
import uvloop
from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, String, Table, event, insert
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from helpline import settings
from helpline.channels.twilio import signed_form
from helpline.settings import Settings

_META = MetaData()
MESSAGE = Table(
    "floor_message",
    _META,
    Column("id", Integer, primary_key=True),
    Column("sid", String(64), unique=True),
    Column("at", DateTime(timezone=True)),
    Column("body", LargeBinary),
)


def _engine(loaded: Settings) -> AsyncEngine:
    if not loaded.is_sqlite:
        return create_async_engine(loaded.database_url, pool_size=20, max_overflow=10)
    engine = create_async_engine(loaded.database_url, pool_size=1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL", "secure_delete = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def build(loaded: Settings, engine: AsyncEngine) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings = loaded

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/webhooks/twilio/sms")
    async def text_in(request: Request, form: dict[str, str] = Depends(signed_form)) -> Response:
        async with engine.begin() as connection:
            await connection.execute(
                insert(MESSAGE).values(sid=form["MessageSid"], at=datetime.now(UTC), body=form["Body"].encode())
            )
        return Response("<Response/>", media_type="text/xml")

    return app


async def serve(loaded: Settings) -> None:
    engine = _engine(loaded)
    async with engine.begin() as connection:
        await connection.run_sync(_META.create_all)
    config = uvicorn.Config(
        build(loaded, engine),
        host=loaded.host,
        port=loaded.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve(settings.load()))
