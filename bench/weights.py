"""`make weights`: learns the points of `helpline.triage.weighing` from the tuning messages.

Needs scikit-learn (`requirements/train.txt`), which the service does not. The same messages give the same table.
`python -m bench.weights --costs` also prints what each beginning of red and yellow would cost, on messages that the
table was not learnt from (folds of the tuning part). The test part is never opened here.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier

from helpline.triage import weighing
from helpline.triage.alarms import Message, scan
from helpline.triage.lexicon import Combination, Entry, Lexicon, lexicon
from helpline.triage.normalise import tokens

DATA = Path(__file__).parents[1] / "tests" / "triage" / "data"
#: How closely the points follow the messages.
CLOSELY = 20.0
#: In fewer messages than this a feature says nothing of the next one.
LEAST_MESSAGES = 3
#: A feature with points below this share of its column's greatest everywhere is left out.
LEAST_POINTS = 0.012
FOLDS = 3
#: Kinds with fewer messages than this are learnt as the commonest of their level.
LEAST_OF_A_KIND = 10
COMMONEST = "suicide_other"

#: The numbers of a message's features.
Features = Sequence[int]


def messages() -> list[dict[str, Any]]:
    """The tuning messages, the ordinary sentences as green ones, and the lexicon's own examples of its lines."""
    labelled = [json.loads(line) for line in (DATA / "tuning.jsonl").read_text(encoding="utf-8").splitlines()]
    ordinary = (DATA / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    green = [{"urgency": "green", "text": line} for line in ordinary if line.strip()]
    lines: list[Entry | Combination] = [*lexicon().entries, *lexicon().combinations]
    told = [
        {"urgency": line.level.value, "alarm": line.code, "text": example}
        for line in lines
        for example in line.examples
    ]
    return labelled + green + told


def learnt_from() -> str:
    """A digest of what the table is learnt from; a test holds the table to it."""
    parts = [(DATA / name).read_bytes() for name in ("tuning.jsonl", "ordinary.txt")]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def kinds(labelled: list[dict[str, Any]]) -> list[str]:
    """What each message is learnt as: its level, and the kind of danger."""
    names = [
        "green" if message["urgency"] == "green" else f"{message['urgency']}:{message.get('alarm') or COMMONEST}"
        for message in labelled
    ]
    times = Counter(names)
    return [
        name if name == "green" or times[name] >= LEAST_OF_A_KIND else f"{name.partition(':')[0]}:{COMMONEST}"
        for name in names
    ]


class Learnt:
    """Points learnt from messages: of each kind of danger, and of who is in danger where that is known (`risks`)."""

    def __init__(self, found: Sequence[Features], names: Sequence[str], risks: Sequence[str | None]) -> None:
        seen = Counter(number for features in found for number in features)
        self.numbers = sorted(number for number, times in seen.items() if times >= LEAST_MESSAGES)
        self.row = {number: place for place, number in enumerate(self.numbers)}
        times = np.array([seen[number] for number in self.numbers])
        self.rarity = np.log((1 + len(found)) / (1 + times)) + 1
        self.model = self._fitted(found, names)
        self.kinds = list(self.model.classes_)
        known = [place for place, risk in enumerate(risks) if risk is not None]
        self.whom = self._fitted(
            [found[place] for place in known], [f"{weighing.WHOM}{risks[place]}" for place in known]
        )

    def _fitted(self, found: Sequence[Features], names: Sequence[str]) -> Any:
        model = OneVsRestClassifier(LogisticRegression(C=CLOSELY, solver="liblinear"), n_jobs=-1)
        return model.fit(self.matrix(found), names)

    def matrix(self, found: Sequence[Features]) -> Any:
        rows, columns, values = [], [], []
        for place, features in enumerate(found):
            known = [self.row[number] for number in features if number in self.row]
            rarity = self.rarity[known]
            values.append(rarity / (np.sqrt(rarity @ rarity) or 1.0))
            columns += known
            rows += [place] * len(known)
        return sparse.csr_matrix((np.concatenate(values), (rows, columns)), shape=(len(found), len(self.numbers)))

    def odds(self, found: Sequence[Features]) -> tuple[Any, Any]:
        """Log odds of red against green, and of red or yellow against green."""
        sums = self.model.decision_function(self.matrix(found))
        green = sums[:, self.kinds.index("green")]
        red = [place for place, name in enumerate(self.kinds) if name.startswith("red:")]
        serious = [place for place, name in enumerate(self.kinds) if name != "green"]
        return np.logaddexp.reduce(sums[:, red], axis=1) - green, np.logaddexp.reduce(sums[:, serious], axis=1) - green

    def write(self, path: Path) -> None:
        learnt = [*self.model.estimators_, *self.whom.estimators_]
        points = np.vstack([one.coef_[0] for one in learnt]).T
        greatest = np.abs(points).max(axis=0)
        kept = (np.abs(points) / greatest).max(axis=1) >= LEAST_POINTS
        scale = greatest / 127
        np.savez_compressed(
            path,
            steps=np.diff(np.array(self.numbers, np.uint32)[kept], prepend=np.uint32(0)),
            kinds=np.frombuffer("\n".join([*self.kinds, *self.whom.classes_]).encode(), np.uint8),
            rarity=self.rarity[kept].astype(np.float16),
            points=np.round(points[kept] / scale).astype(np.int8),
            scale=scale.astype(np.float32),
            start=np.array([one.intercept_[0] for one in learnt], np.float32),
            learnt_from=np.frombuffer(learnt_from().encode(), np.uint8),
        )
        sys.stdout.write(f"{kept.sum()} of {len(kept)} features, {path.stat().st_size // 1024} KiB.\n")


def costs(found: Sequence[Features], names: Sequence[str], risks: Sequence[str | None], levels: Any) -> None:
    """Print what each beginning of red and yellow finds and costs, on messages that the table has not seen."""
    red, serious = np.zeros(len(levels)), np.zeros(len(levels))
    for learn, hold in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(np.zeros(len(names)), names):
        learnt = Learnt(
            [found[place] for place in learn], [names[place] for place in learn], [risks[place] for place in learn]
        )
        red[hold], serious[hold] = learnt.odds([found[place] for place in hold])
    for name, score, wanted in (("red", red, levels == "red"), ("yellow", serious, levels != "green")):
        for false in (0.005, 0.01, 0.02, 0.03, 0.05):
            begins = np.quantile(score[levels == "green"], 1 - false)
            sys.stdout.write(
                f"{name} from {begins:5.2f}: {false:5.1%} of green, {(score[wanted] > begins).mean():.1%} found, "
                f"{(score[levels == 'yellow'] > begins).mean():.1%} of yellow\n"
            )
    for below in (-4.0, -3.0, -2.0, -1.0):
        sys.stdout.write(
            f"held back below {below}: {(red[levels == 'green'] < below).mean():.1%} of green, "
            f"{(red[levels == 'red'] < below).mean():.2%} of red\n"
        )


def _scanned(text: str, known: Lexicon) -> Message:
    return scan(text, tokens(text, known.vocabulary), known)


def main() -> None:
    known = lexicon()
    labelled = messages()
    found = [
        sorted({weighing.number_of(name) for name in weighing.features(_scanned(message["text"], known))})
        for message in labelled
    ]
    names = kinds(labelled)
    risks = [message.get("at_risk") if message["urgency"] != "green" else None for message in labelled]
    if "--costs" in sys.argv[1:]:
        costs(found, names, risks, np.array([message["urgency"] for message in labelled]))
    Learnt(found, names, risks).write(Path(weighing.__file__).with_name(weighing.TABLE))


if __name__ == "__main__":
    main()
