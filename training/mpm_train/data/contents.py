"""What a corpus holds, in short: whose motion, under which terms, who is in which split. It goes into runs, model files and cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, reason
from mpm_train.data.corpus import HINT, SPLITS, Clip, corpus_hash, load_corpus, read_index
from mpm_train.provenance import MadeBy

UNKNOWN_SOURCE = "not recorded"


@dataclass(frozen=True, slots=True)
class Part:
    """The clips of one source under the same terms in one split. weights_free: None = not known whether weights may be shipped."""

    source: str
    licence: str
    weights_free: bool | None
    split: str
    people: tuple[str, ...]
    clips: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Contents:
    """hash: the identity of the content (corpus.corpus_hash). made: by what; None in corpora of an older layout."""

    hash: str
    made: MadeBy | None
    parts: tuple[Part, ...]

    def of_split(self, *splits: str) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.split in splits)


def contents_of(folder: Path) -> Contents:
    """Raises DataError when the folder holds no corpus."""
    _, clips = load_corpus(folder)
    made = read_index(folder).get("made")
    try:
        return Contents(corpus_hash(folder), None if made is None else MadeBy(**made), parts_of(clips))
    except TypeError as error:
        raise DataError(f"its index does not say what made it ({reason(error)})", where=str(folder), hint=HINT) from error


def parts_of(clips: Iterable[Clip]) -> tuple[Part, ...]:
    """By source, licence and split, in this order."""
    groups: dict[tuple[str, str, bool | None, str], list[Clip]] = {}
    for clip in clips:
        groups.setdefault((clip.source or UNKNOWN_SOURCE, clip.licence, clip.weights_free, clip.split), []).append(clip)
    found = []
    for (source, licence, weights_free, split), some in groups.items():
        minutes = sum((clip.stop - clip.start) / clip.rate_hz for clip in some) / 60
        people = tuple(sorted({clip.subject for clip in some}))
        found.append(Part(source, licence, weights_free, split, people, len(some), round(minutes, 2)))
    return tuple(sorted(found, key=lambda part: (part.source, part.licence, SPLITS.index(part.split))))


def contents_from(values: Mapping[str, Any]) -> Contents:
    """From the plain values of asdict, as JSON gives them back. Raises KeyError, TypeError.

    >>> from dataclasses import asdict
    >>> found = Contents("12ab", None, ())
    >>> contents_from(asdict(found)) == found
    True
    """
    parts = tuple(Part(**part | {"people": tuple(part["people"])}) for part in values["parts"])
    return Contents(values["hash"], None if values["made"] is None else MadeBy(**values["made"]), parts)
