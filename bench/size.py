"""How much is measured: enough to trust, or just enough to see that it runs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Size:
    """Counts of everything. Every load is bounded by these."""

    rounds: int = 5
    texts: int = 240
    connections: int = 16
    page_texts: int = 300
    page_rate: float = 50.0
    calls_at_once: int = 50
    calls_in_flight: int = 600
    calls_paced: int = 200
    call_rate: float = 20.0
    queue_short: int = 100
    queue_long: int = 10_000
    claims: int = 150
    triaged: int = 6_000
    searches: int = 1_000
    starts: int = 3
    records_few: int = 100_000
    records_many: int = 1_000_000


#: For the test that each bench runs.
SMALL = Size(
    rounds=1,
    texts=16,
    connections=4,
    page_texts=10,
    calls_at_once=4,
    calls_in_flight=8,
    calls_paced=5,
    queue_short=10,
    queue_long=60,
    claims=5,
    triaged=50,
    searches=10,
    starts=1,
    records_few=4_000,
    records_many=8_000,
)
