"""`python -m bench`: every figure in one run, as a table or with `--json` as one document."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import calls, counters, language, machine, page, postgres, queue, rooms, search, texts, topics, triage
from bench.figure import Figure, shown
from bench.installation import Failed
from bench.size import SMALL, Size

#: Names for `--only`, in the order in which they are measured.
BENCHES = ("texts", "page", "calls", "queue", "counters", "rooms", "triage", "search", "language", "topics")
#: Those that need no database.
_PURE = {"rooms", "triage", "search", "language", "topics"}


def measure(folder: Path, size: Size, only: Iterable[str], *, with_postgres: bool) -> Iterator[Figure | Failed]:
    """Every figure that was asked for, one after the other so that none disturbs another.

    Where something did not start or did not answer, that comes in place of the figures, and the next bench goes on.
    """
    chosen = set(only)
    with ExitStack() as up:
        server = up.enter_context(postgres.server()) if with_postgres and chosen - _PURE else None

        def two() -> dict[str, tuple[str | None, str | None]]:
            found: dict[str, tuple[str | None, str | None]] = {"SQLite": (None, None)}
            return found | ({"PostgreSQL": (server.new_database(), server.new_database())} if server else {})

        def one() -> dict[str, str | None]:
            return {"SQLite": None} | ({"PostgreSQL": server.new_database()} if server else {})

        figures: dict[str, Callable[[], Iterable[Figure]]] = {
            "texts": lambda: texts.measure(folder / "texts", size, databases=two()),
            "page": lambda: page.measure(folder / "page", size, databases=one()),
            "calls": lambda: calls.measure(folder / "calls", size, databases=one()),
            "queue": lambda: queue.measure(folder / "queue", size, databases=two()),
            "counters": lambda: counters.measure(folder / "counters", size, databases=two()),
            "rooms": partial(_rooms, folder / "rooms", size),
            "triage": triage.measure,
            "search": search.measure,
            "language": language.measure,
            "topics": topics.measure,
        }
        for name in BENCHES:
            if name in chosen:
                try:
                    yield from figures[name]()
                except Failed as failure:
                    yield failure


def _rooms(folder: Path, size: Size) -> Iterator[Figure]:
    yield rooms.measure_triage(size)
    yield rooms.measure_search(size)
    yield from rooms.measure_start(folder, size)


def _table(figures: Iterable[Figure]) -> Table:
    table = Table(title="Helpline, measured", show_lines=False)
    for name in ("Figure", "Value", "Floor or target", "Ratio", "Verdict"):
        table.add_column(name, justify="right" if name in ("Value", "Ratio") else "left")
    for figure in figures:
        ratio = "–" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(figure.what, f"{shown(figure.value)} {figure.unit}", figure.bound, ratio, figure.verdict)
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns the exit code: 1 when something did not start or did not answer."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--only", nargs="+", choices=BENCHES, default=BENCHES, help="measure only these")
    parser.add_argument("--small", action="store_true", help="small numbers, to see that it runs; not to be quoted")
    parser.add_argument("--records", type=int, help="records in the larger log of the counters (one million)")
    parser.add_argument("--no-postgres", action="store_true", help="leave PostgreSQL out")
    asked = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    progress = Console(stderr=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="helpline-bench-") as name:
        folder = Path(name)
        described = machine.describe(folder)
        figures: list[Figure] = []
        failures = 0
        size = SMALL if asked.small else Size()
        if asked.records:
            size = replace(size, records_many=asked.records)
        for found in measure(folder, size, asked.only, with_postgres=not asked.no_postgres):
            if isinstance(found, Failed):
                failures += 1
                progress.print(f"[red]{found}[/red]", highlight=False)
                continue
            progress.print(f"{time.monotonic() - begun:5.0f} s  {found.what}", highlight=False)
            figures.append(found)
    if asked.json:
        sys.stdout.write(
            json.dumps({"machine": described, "figures": [figure.as_data() for figure in figures]}, ensure_ascii=False)
            + "\n"
        )
        return 1 if failures else 0
    console.print(_table(figures))
    for figure in figures:
        if figure.note:
            console.print(f"  {figure.what}: {figure.note}.", highlight=False)
    for name, words in described.items():
        console.print(f"  {name}: {words}", highlight=False)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
