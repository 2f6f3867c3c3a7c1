"""The parts of the real twilio library that these tests use, imported in one place: it ships no types."""

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # twilio ships no types

__all__ = ["RequestValidator"]
