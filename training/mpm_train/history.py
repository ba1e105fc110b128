"""How a model came to be: every command in order, on what data, for how long, by what code. It travels in the facts of model files.

A model that started from another carries that one's history in front of its own. What older files do not record is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mpm_core.errors import ModelError, reason
from mpm_train.data.contents import Contents, Part, contents_from

HISTORY, CORPORA = "history", "corpora"
NAMED = 4  # tensors by name in a line
TRAINED, EXPORTED, UNRECORDED = "trained", "exported", "unrecorded"


@dataclass(frozen=True, slots=True)
class StartedFrom:
    """What a run took over from a model file: names of tensors. left: of the file's, those without a place in the network. new: of the
    network's, those that began from scratch."""

    file: str
    checksum: str
    loaded: int
    left: tuple[str, ...]
    new: tuple[str, ...]

    def line(self) -> str:
        """In one line, for the terminal."""
        left, new = (f"{len(names)} ({_few(names)})" if names else "none" for names in (self.left, self.new))
        return f"started from {self.file}: {self.loaded} tensors loaded; of its own without a place here: {left}; begun from scratch: {new}"


@dataclass(frozen=True, slots=True)
class Step:
    """One command. kind: TRAINED, EXPORTED, or UNRECORDED for a model file that says nothing of its making.

    corpus: the hash of what it learned from or was measured on. gate_subjects: whose poses were not learned from (TRAINED), or to
    whom the gate was fitted (EXPORTED). learns_poses: False where only errors, or which way is up, were learned from everybody. best:
    the step whose weights were kept. sittings: how often the run was started, each with its own commit.
    """

    kind: str
    name: str
    command: str = ""
    corpus: str = ""
    gate_subjects: tuple[str, ...] = ()
    data_share: float = 1.0
    steps: int = 0
    best: int = 0
    hours: float = 0.0
    sittings: int = 1
    processes: int = 1
    device: str = ""
    commits: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    started_from: StartedFrom | None = None
    learns_poses: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """steps: oldest first. corpora: hash -> what it holds."""

    steps: tuple[Step, ...] = ()
    corpora: dict[str, Contents] = field(default_factory=dict)

    def then(self, step: Step, contents: Contents) -> History:
        """With one more step, on that corpus."""
        return History((*self.steps, step), self.corpora | {contents.hash: contents})

    @property
    def recorded(self) -> bool:
        """Whether every step is known."""
        return bool(self.steps) and all(step.kind != UNRECORDED for step in self.steps)

    def learned_from(self) -> tuple[Part, ...]:
        """What decided the weights: the training and the validation splits of every corpus, each part once."""
        parts = [part for step in self.steps if step.corpus for part in self.corpora[step.corpus].of_split("train", "validation")]
        return tuple(dict.fromkeys(parts))


def weights_free(history: History) -> bool | None:
    """Whether the weights may be shipped: True if the terms of all data allow it, False if one forbids it, else None."""
    free = all_free(history.learned_from())
    return free if history.recorded or free is False else None


def all_free(parts: Iterable[Part]) -> bool | None:
    """Whether weights trained on all of them may be shipped: False if one forbids it, None if one does not say, or there is none."""
    answers = {part.weights_free for part in parts}
    return False if False in answers else True if answers == {True} else None


def history_of(facts: Mapping[str, Any]) -> History:
    """The history in a model file's facts; one UNRECORDED step for files from before it was recorded. Raises ModelError when damaged."""
    if HISTORY not in facts:
        return History((Step(UNRECORDED, str(facts.get("recipe", "unknown"))),))
    try:
        steps = tuple(_step(values) for values in facts[HISTORY])
        hashes = dict.fromkeys(step.corpus for step in steps if step.corpus)  # in their order; that of JSON's objects says nothing
        return History(steps, {key: contents_from(facts[CORPORA][key]) for key in hashes})
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"the history in its facts cannot be read ({reason(error)})", hint="export the model again") from error


def as_facts(history: History) -> dict[str, Any]:
    """The facts that `history_of` reads."""
    return {HISTORY: [asdict(step) for step in history.steps], CORPORA: {key: asdict(one) for key, one in history.corpora.items()}}


def _step(values: Mapping[str, Any]) -> Step:
    started = values["started_from"]
    lists = {name: tuple(values[name]) for name in ("gate_subjects", "commits")}
    if started is not None:
        started = StartedFrom(**started | {name: tuple(started[name]) for name in ("left", "new")})
    return Step(**{**values, **lists, "started_from": started})


def _few(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
