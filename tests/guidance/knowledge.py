"""The project's own knowledge directory, and copies of it that tests may spoil."""

import shutil
from datetime import date
from pathlib import Path

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"

#: The day that the content was written and its sources were read.
WRITTEN = date(2026, 11, 22)


def copied(to: Path, *, whole: bool = False) -> Path:
    """A small knowledge directory: our data files and the emergency article in its three languages. `whole` copies
    everything."""
    directory = to / "knowledge"
    if whole:
        shutil.copytree(KNOWLEDGE, directory)
        return directory
    (directory / "rights").mkdir(parents=True)
    for name in (
        "numbers.yaml",
        "offers.yaml",
        "emergency.yaml",
        "words.yaml",
        "replies.yaml",
        "laws.yaml",
        "ordinary.yaml",
    ):
        shutil.copy(KNOWLEDGE / name, directory / name)
    (directory / "asked.csv").write_text("article,also,question\n", encoding="utf-8")
    for path in (KNOWLEDGE / "rights").glob("nar-det-haster.*.md"):
        shutil.copy(path, directory / "rights" / path.name)
    return directory


ARTICLE = """---
slug: prove
language: nb
title: "En prøve"
audience: [caller, advisor]
topics: [rights]
keywords:
  - prøve
sources:
  - {statute: "pasient- og brukerrettighetsloven § 1-3", seen: 2026-07-02}
valid_from: 2026-01-01
reviewed_on: 2026-11-22
review_by: 2027-05-22
reviewed_by:
---

## spoken

Ring {number:amk}.

## short

Ring {number:amk}.

## full

Ring {number:amk}. Les [når det haster](nar-det-haster).
"""
