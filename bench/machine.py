"""The machine and the software that the figures were read on."""

import os
import platform
import sqlite3
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median


def describe(folder: Path) -> dict[str, str]:
    """In words, with what the figures depend on most: cores, their speed, and how long a durable write takes."""
    return {
        "read": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "one core": f"{_loop_speed():.0f} million additions a second in Python",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "durable write": f"{1000 * _durable_write(folder):.2f} ms (4 kB and fsync, median)",
        "load at start": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "libraries": ", ".join(
            f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "sqlalchemy", "aiosqlite", "asyncpg")
        )
        + f", SQLite {sqlite3.sqlite_version}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _loop_speed() -> float:
    begun, total = time.process_time(), 0
    for number in range(2_000_000):
        total += number
    return 2 / (time.process_time() - begun)


def _durable_write(folder: Path) -> float:
    path, taken = folder / "durable", []
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            begun = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - begun)
    path.unlink()
    return median(taken)
