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
        yield _beside_floor(folder / name, size, name, whole_url, floor_url)


def _beside_floor(folder: Path, size: Size, name: str, whole_url: str | None, floor_url: str | None) -> Figure:
    whole = Installation.at(folder / "whole", whole_url)
    floor = Installation.at(folder / "floor", floor_url, simulator_port=whole.simulator_port)
    whole.prepare()
    rates: dict[int, list[float]] = {whole.port: [], floor.port: []}
    with ExitStack() as up:
        up.enter_context(whole.running(*PROVIDERS))
        up.enter_context(whole.running(*HELD))
        up.enter_context(floor.running(*FLOOR))
        for port in rates:
            _round(port, size)  # warm-up: code paths, statement caches, pools
        for _ in range(size.rounds):
            for port, found in rates.items():
                found.append(_round(port, size))
    return Figure(
        what=f"Signed texts taken in, triaged and answered, {name}",
        value=median(rates[whole.port]),
        unit="a second",
        beside=median(rates[floor.port]),
        beside_what="floor",
        target=0.5,
        at_least=True,
        note=f"{size.connections} connections, one text in four opens a contact; outbox held; "
        f"median of {size.rounds} alternating rounds of {size.texts}",
    )


def _round(port: int, size: Size) -> float:
    requests = [traffic.raw_text(text, port) for text in traffic.texts(size.texts)]
    seen = run_load(port, requests, connections=size.connections)
    return len(requests) / seen.seconds
