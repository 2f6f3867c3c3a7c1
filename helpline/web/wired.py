"""What `app.py` has put on `app.state`, with its types."""

from typing import cast

from fastapi import Request

from helpline.clock import Clock
from helpline.desk.house import House
from helpline.settings import Settings
from helpline.store.db import Database
from helpline.store.notices import InProcessNotices


def database(request: Request) -> Database:
    """Where sessions are opened."""
    return cast(Database, request.app.state.database)


def house(request: Request) -> House:
    """Knowledge, scripts and the rules of the house."""
    return cast(House, request.app.state.house)


def clock(request: Request) -> Clock:
    """Where the time comes from."""
    return cast(Clock, request.app.state.clock)


def settings(request: Request) -> Settings:
    """The settings of this installation."""
    return cast(Settings, request.app.state.settings)


def notices(request: Request) -> InProcessNotices:
    """What live pages listen to."""
    return cast(InProcessNotices, request.app.state.notices)
