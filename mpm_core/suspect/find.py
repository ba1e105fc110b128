"""All detectors together. F frames, P points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mpm_core.errors import Cancelled, DataError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.suspect.dismissed import not_dismissed
from mpm_core.suspect.frozen import frozen
from mpm_core.suspect.ghosts import ghosts
from mpm_core.suspect.kinds import KINDS, Suspect
from mpm_core.suspect.poses import model_poses, poses
from mpm_core.suspect.rotations import rotations
from mpm_core.suspect.spikes import spikes
from mpm_core.suspect.swaps import swaps

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model


def find_suspects(
    rec: Recording,
    kinds: Sequence[str] = tuple(KINDS),
    *,
    overrides: Mapping[str, str] | None = None,
    model: Model | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> list[Suspect]:
    """Everything suspect that was not dismissed, worst first. Nothing is changed.

    kinds: of KINDS. overrides: the user's body mapping. model: a completing model, for poses; None = bone lengths only. Spikes and poses
    that are part of a swap or of a wrong rotation are left out, and bones of another length where a point of them is suspect already in
    half of the frames. Raises DataError for an unknown kind, ModelError, Cancelled.

    >>> import numpy as np, mpm_core as mpm
    >>> find_suspects(mpm.make_recording(("a", "b"), 100.0, np.zeros((2, 2, 3))))
    []
    """
    for kind in kinds:
        if kind not in KINDS:
            raise DataError(f"there is no kind of suspect called {kind!r}", hint=f"known: {', '.join(KINDS)}")
    found: list[Suspect] = []
    steps: dict[str, Callable[[], list[Suspect]]] = {
        "swap": lambda: swaps(rec),
        "rotation": lambda: rotations(rec),
        "spike": lambda: spikes(rec),
        "ghost": lambda: ghosts(rec),
        "frozen": lambda: frozen(rec),
        "pose": lambda: poses(rec, overrides, found) + ([] if model is None else model_poses(rec, model, overrides, progress, cancel)),
    }
    for step, (kind, detect) in enumerate(steps.items()):
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(step / len(steps), f"looking for {kind}s" if kind != "frozen" else "looking for frozen samples")
        if kind in kinds:
            found += [suspect for suspect in detect() if not (suspect.kind in ("spike", "pose") and _explained(suspect, found))]
    return sorted(not_dismissed(rec, found), key=lambda suspect: (-suspect.score, suspect.start, suspect.points, suspect.kind))


def _explained(suspect: Suspect, found: Sequence[Suspect]) -> bool:
    """Whether the suspect is within, or at an end of, a swap or a wrong rotation of one of its points."""
    return any(
        other.kind in ("swap", "rotation")
        and set(other.points) & set(suspect.points)
        and other.start - 2 <= suspect.stop
        and suspect.start <= other.stop + 2
        for other in found
    )
