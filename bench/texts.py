"""Inbound signed texts a second through the whole service, beside the floor, in alternating rounds."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench import traffic
from bench.figure import Figure
from bench.installation import FLOOR, HELD, PROVIDERS, Installation, run_load
from bench.size import Size


def measure(folder: Path, size: Size, *, databases: dict[str, tuple[str | None, str | None]]) -> Iterator[Figure]:
    """`databases`: a name for each kind, and the addresses for the service and for the floor (None: SQLite files)."""
    for name, (whole_url, floor_url) in databases.items():
        yield from _beside_floor(folder / name, size, name, whole_url, floor_url)


def _beside_floor(
    folder: Path, size: Size, name: str, whole_url: str | None, floor_url: str | None
) -> Iterator[Figure]:
    whole = Installation.at(folder / "whole", whole_url)
    floor = Installation.at(folder / "floor", floor_url, simulator_port=whole.simulator_port)
    whole.prepare()
    rates: dict[str, list[float]] = {"whole": [], "floor": []}
    costs: dict[str, list[float]] = {"whole": [], "floor": []}
    with ExitStack() as up:
        up.enter_context(whole.running(*PROVIDERS))
        sides = {
            "whole": (whole.port, up.enter_context(whole.running(*HELD))),
            "floor": (floor.port, up.enter_context(floor.running(*FLOOR))),
        }
        for round_ in range(size.rounds + 1):
            for side, (port, process) in sides.items():
                before = process.processor_seconds
                requests = [traffic.raw_text(text, port) for text in traffic.texts(size.texts)]
                seen = run_load(port, requests, connections=size.connections)
                if round_ > 0:  # the first is the warm-up: code paths, statement caches, pools
                    rates[side].append(len(requests) / seen.seconds)
                    costs[side].append(1000 * (process.processor_seconds - before) / len(requests))
    yield Figure(
        what=f"Signed texts taken in, triaged and answered, {name}",
        value=median(rates["whole"]),
        unit="a second",
        beside=median(rates["floor"]),
        beside_what="floor",
        target=0.5,
        at_least=True,
        note=f"{size.connections} connections, one text in four opens a contact; outbox held; "
        f"median of {size.rounds} alternating rounds of {size.texts}",
    )
    yield Figure(
        what=f"Processor time of one such text, {name}",
        value=median(costs["whole"]),
        unit="ms",
        beside=median(costs["floor"]),
        beside_what="floor",
        note="of the service's process alone, so nearly the same whatever else the machine does",
    )
