"""aiogram, with the schemas of its types made when they are first needed.

At import aiogram has pydantic make a schema for each of its hundreds of types, one by one and each with all the types
within it: three seconds of processor time and 100 MB (docs/performance.md), for a bot that uses a dozen of them. Here
that step is put off. pydantic makes the schema of a type by itself at its first use, and is then told where the types
that are named in it are found. What the library decodes, checks and refuses stays the same.
"""

import sys
from importlib import import_module
from typing import Any

from pydantic import BaseModel

_NAMES: dict[str, Any] = {}


def load() -> None:
    """Import aiogram with its schemas put off. Nothing is done when it has been imported before."""
    if "aiogram" in sys.modules:
        return
    make = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(_put_off)  # type: ignore[assignment, method-assign]  # put back below
    try:
        import_module("aiogram")
    finally:
        BaseModel.model_rebuild = make  # type: ignore[method-assign]
    methods = import_module("aiogram.methods.base")
    for root in (import_module("aiogram.types.base").TelegramObject, methods.TelegramMethod, methods.Response):
        root.model_rebuild = classmethod(_make)


def _put_off(_cls: type[BaseModel], /, *, _types_namespace: dict[str, Any] | None = None, **_: Any) -> None:
    """Stands in for pydantic's `model_rebuild` during the import: remembers the names that aiogram hands over."""
    _NAMES.update(_types_namespace or {})


def _make(cls: type[BaseModel], /, *, _types_namespace: Any = None, **how: Any) -> bool | None:
    """pydantic's `model_rebuild`, which it calls at a type's first use, with the names remembered."""
    how.pop("_parent_namespace_depth", None)
    made: bool | None = BaseModel.model_rebuild.__func__(  # type: ignore[attr-defined]
        cls, _types_namespace=_types_namespace or _NAMES, **how
    )
    return made
