"""How people ask: questions with the article that answers each, which the search knows beside the keywords.

`knowledge/asked.csv` has a line a question: `article` answers it, `also` names others that do as well, separated by
spaces. A dash in the place of the article says that none of ours does, nor should: what is more like those is shown
no article. An editor who sees in the gaps what people asked in vain adds a line.
"""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

from helpline.guidance.reading import KnowledgeError, read_text
from helpline.guidance.search import NO_ARTICLE, fold

_COLUMNS = ["article", "also", "question"]


def read_asked(path: Path, slugs: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The questions that each article answers, by its slug; those that none answers by `search.NO_ARTICLE`.

    Raises:
        KnowledgeError: the file is missing, a line names an article that is not there, or a question stands twice.
    """
    reader = csv.reader(read_text(path).splitlines(), strict=True)
    found: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    try:
        if next(reader, None) != _COLUMNS:
            raise KnowledgeError(path, 1, f"must begin with the columns {', '.join(_COLUMNS)}.")
        for row in reader:
            line = reader.line_num
            if len(row) != len(_COLUMNS) or not row[2].strip():
                raise KnowledgeError(
                    path, line, "must have an article, others that answer it too or nothing, and a question."
                )
            article, also, question = row
            same = fold(question)
            if same in lines:
                raise KnowledgeError(path, line, f"asks the same as line {lines[same]}: name both articles there.")
            lines[same] = line
            if article == NO_ARTICLE and also:
                raise KnowledgeError(path, line, "has a dash for no article, and names one that answers.")
            for slug in (article, *also.split()):
                if slug != NO_ARTICLE and slug not in slugs:
                    raise KnowledgeError(path, line, f"names the article «{slug}», which does not exist.")
                found.setdefault(slug, []).append(question)
    except csv.Error as error:
        raise KnowledgeError(path, reader.line_num, f"is not readable CSV: {error}.") from error
    return {slug: tuple(questions) for slug, questions in found.items()}
