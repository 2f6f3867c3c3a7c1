"""Questions: what language a message is in, whether it speaks of danger and to whom, and what it is about."""

from helpline.triage.finding import Alarm, Finding, Guarded
from helpline.triage.reading import get_ready, read

__all__ = ["Alarm", "Finding", "Guarded", "get_ready", "read"]
