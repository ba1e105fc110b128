"""Who was learned from, who chose the weights, who was never seen; and what the owners of their data ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mpm_train.data.datasets import DATASETS
from mpm_train.history import TRAINED, UNRECORDED, History

Person = tuple[str, str]
"""Source and subject."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Every person of the corpora by what they were used for. both: in a training and a held-out split, of different corpora."""

    poses: frozenset[Person]
    gate: frozenset[Person]
    validation: frozenset[Person]
    test: frozenset[Person]
    both: frozenset[Person]


def roles(history: History) -> Roles:
    """By the splits of every step's corpus; test are those who are in no other split of any step."""
    poses, trained, gate, validation, test = (set[Person]() for _ in range(5))
    newest = next(reversed(history.corpora.values()), None)  # stands for that of steps which are known by recipe only
    for step in history.steps:
        contents = history.corpora.get(step.corpus, newest)
        if contents is None or step.kind == UNRECORDED:
            continue
        train, held, tested = (
            {(part.source, person) for part in contents.of_split(split) for person in part.people}
            for split in ("train", "validation", "test")
        )
        aside = {one for one in train if one[1] in step.gate_subjects}
        if not step.learns_poses:
            trained |= train
            validation, test = validation | held, test | tested
            continue
        learned = train if step.kind == TRAINED else aside
        gate, poses, trained = gate | aside, poses | (learned - aside), trained | learned
        validation, test = validation | held, test | tested
    return Roles(*map(frozenset, (poses, gate, validation, test - trained - validation, trained & (validation | test))))


def by_source(people: Iterable[Person]) -> str:
    """
    >>> by_source({("CMU", "002"), ("CMU", "001"), ("SNU", "tennis")})
    'CMU 001, 002 (2); SNU tennis (1)'
    """
    sources: dict[str, list[str]] = {}
    for source, person in sorted(people):
        sources.setdefault(source, []).append(person)
    return "; ".join(f"{source} {', '.join(names)} ({len(names)})" for source, names in sources.items()) or "nobody"


def acknowledgements(history: History) -> list[str]:
    """What the owners of each data set ask for, of every split; sources that are not a known data set are named too."""
    sources = dict.fromkeys(part.source for contents in history.corpora.values() for part in contents.parts)
    return [f"{name}: {DATASETS[name].acknowledgement}" if name in DATASETS else f"{name}: none known" for name in sources] or [
        "none recorded"
    ]
