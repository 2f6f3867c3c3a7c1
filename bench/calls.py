"""How soon a call is answered: the voice webhook with many in flight, and at an even pace."""

from collections.abc import Iterator
from pathlib import Path

from bench import traffic
from bench.figure import Figure, percentile
from bench.installation import PROVIDERS, Installation, run_load
from bench.size import Size


def measure(folder: Path, size: Size, *, databases: dict[str, str | None]) -> Iterator[Figure]:
    """Every request is the first of a new call, the dearest one: it opens a contact and speaks the menu."""
    for name, url in databases.items():
        here = Installation.at(folder / name, url)
        here.prepare()
        with here.running(*PROVIDERS), here.service():
            run_load(here.port, [traffic.raw_call(here.port) for _ in range(size.calls_at_once)], connections=8)
            many = run_load(
                here.port,
                [traffic.raw_call(here.port) for _ in range(size.calls_in_flight)],
                connections=size.calls_at_once,
            )
            paced = run_load(
                here.port,
                [traffic.raw_call(here.port) for _ in range(size.calls_paced)],
                connections=64,
                rate=size.call_rate,
            )
        yield Figure(
            what=f"Call answered, p99 with {size.calls_at_once} in flight, {name}",
            value=1000 * percentile(many.waits, 0.99),
            unit="ms",
            target=250.0,
            note=f"{size.calls_in_flight} calls, {size.calls_in_flight / many.seconds:.0f} a second",
        )
        yield Figure(
            what=f"Call answered, p99 at {size.call_rate:g} calls a second, {name}",
            value=1000 * percentile(paced.waits, 0.99),
            unit="ms",
            target=100.0,
            note=f"{size.calls_paced} calls; p50 {1000 * percentile(paced.waits, 0.5):.0f} ms",
        )
