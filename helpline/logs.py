"""Structured logs that hold ids and kinds, never words people wrote, numbers or tokens, also not through libraries."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

#: What may never reach a log, whoever writes it: bot tokens, phone numbers, query strings and bearer tokens.
_SECRETS = (
    (re.compile(r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{20,}"), "[bot token]"),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), "[password]"),
    (re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+"), r"\1?[query]"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "bearer [token]"),
    (re.compile(r"\b(?:AC|SK)[0-9a-f]{32}\b"), "[account]"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])"), "[token]"),
    (re.compile(r"(?<![\w-])\+?\d(?:[ -]?\d){7,14}(?![\w-])"), "[number]"),
    (re.compile(r"/l/[A-Za-z0-9_-]{8,}"), "/l/[token]"),
)


#: Names under which only something that may not be logged can hide.
_NEVER = frozenset({"text", "body", "words", "number", "handle", "to", "from", "token", "password", "payload", "raw"})


def redact(text: str) -> str:
    """The text without tokens, passwords, query strings and phone numbers."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _redact_event(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key not in {"timestamp", "level"}:
            event[key] = _without_secrets(value, key)
    return event


def _without_secrets(value: object, name: str = "") -> object:
    if name.lower() in _NEVER:
        return "[left out]"
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _without_secrets(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    # Whatever else it is, it would be shown by its own words.
    return redact(str(value)) if not name.startswith("_") else value


def set_up(*, json: bool = True, level: str = "INFO") -> None:
    """Send every log line, ours and the libraries', through one redacting formatter on standard error."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [stream]
    root.setLevel(level)
    # These log whole addresses and bodies at INFO.
    for name in (
        "httpx",
        "httpcore",
        "aiohttp.access",
        "twilio",
        "aiogram.event",
        "uvicorn.access",
        "apscheduler",
        "bm25s",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one room; pass ids and kinds as keyword arguments."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
