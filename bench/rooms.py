"""Figures of single rooms: triage, knowledge search, and the service's start and memory."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench import traffic
from bench.figure import Figure, percentile
from bench.installation import PROVIDERS, ROOT, SERVE, Installation
from bench.size import Size
from helpline import triage
from helpline.guidance import Library

QUERIES = (
    "taushetsplikt", "hva kan fastlegen si til meg", "rettigheter som pårørende", "barn som pårørende", "tvang",
    "avlastning", "pleiepenger", "bekymringsmelding barnevern", "mannen min drikker", "broren min vil ikke ha hjelp",
    "hvordan klage på vedtak", "selvmord", "hjelp til søsken", "økonomi og gjeld", "informasjon uten samtykke",
    "kven kan eg snakke med", "støttekontakt", "demens", "right to information", "my mother is ill", "rusmidler",
    "dødsfall i familien", "skyld og skam", "spiseforstyrrelse", "individuell plan", "koordinator", "egne grenser",
)  # fmt: skip


def measure_triage(size: Size) -> Figure:
    """Whole messages read (language, alarms, topics), by the processor time of one core."""
    words = [text for conversation in traffic.CONVERSATIONS for text in conversation]
    # A number of its own in each, so that no message has been seen before.
    messages = [f"{words[number % len(words)]} {number}" for number in range(size.triaged)]
    for message in messages[: len(words)]:
        triage.read(message)
    rates = []
    for part in range(size.rounds):
        share = messages[part :: size.rounds]
        begun = time.process_time()
        for message in share:
            triage.read(message)
        rates.append(len(share) / (time.process_time() - begun))
    return Figure(
        what="Triage of one message",
        value=median(rates),
        unit="a second a core",
        target=2000.0,
        at_least=True,
        note=f"{size.triaged} messages of {sum(map(len, messages)) // len(messages)} characters on average",
    )


def measure_search(size: Size) -> Figure:
    """Knowledge search as the guided conversation and the console ask for it."""
    library = Library.load(ROOT / "knowledge")
    for query in QUERIES:
        library.search(query)
    taken = []
    for number in range(size.searches):
        query = QUERIES[number % len(QUERIES)]
        begun = time.perf_counter()
        library.search(query)
        taken.append(1000 * (time.perf_counter() - begun))
    return Figure(
        what=f"Knowledge search in {len(library.articles)} articles, p99",
        value=percentile(taken, 0.99),
        unit="ms",
        target=5.0,
        note=f"{size.searches} searches; p50 {percentile(taken, 0.5):.2f} ms",
    )


def measure_start(folder: Path, size: Size) -> Iterator[Figure]:
    """`helpline serve` with every channel on, on a database that is there already: until ready, and memory at rest."""
    here = Installation.at(folder)
    here.prepare()
    starts, memory = [], []
    with here.running(*PROVIDERS):
        for _ in range(size.starts):
            with here.running(*SERVE) as service:
                starts.append(service.seconds_to_ready)
                # The catch-up at start has run, and nothing is asked of it.
                time.sleep(2)
                memory.append(service.resident)
    yield Figure(
        what="`helpline serve` until /health/ready answers",
        value=median(starts),
        unit="s",
        target=3.0,
        note=f"median of {size.starts} starts, every channel on",
    )
    yield Figure(
        what="Memory of the whole service at rest",
        value=median(memory),
        unit="MB resident",
        target=250.0,
        note="one process, every channel on",
    )
