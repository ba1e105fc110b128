"""Points that are not drawn. F frames, P points."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from mpm_core.recording import Recording

KEPT = 4  # recordings that are drawn at a time: 3D view, ghost, picture


def without_points(rec: Recording, names: Collection[str]) -> Recording:
    """A recording for drawing, in which all samples of these points are missing.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a", "b"), 10.0, np.zeros((3, 2, 3)))
    >>> without_points(rec, {"b"}).visible_FP.sum(axis=0).tolist()
    [3, 0]
    """
    hidden_P = np.array([name in names for name in rec.points], bool)
    return rec.with_samples(rec.samples.cleared(np.broadcast_to(hidden_P, rec.origin_FP.shape)))


@dataclass(frozen=True, slots=True)
class HiddenPoints:
    """names: of the points that are not drawn."""

    names: frozenset[str] = frozenset()
    _made: list[tuple[Recording, Recording]] = field(default_factory=list)

    def drawn(self, rec: Recording) -> Recording:
        """A recording as it is drawn: itself where it has none of the points; the same object for the same recording."""
        if self.names.isdisjoint(rec.points):
            return rec
        for known, made in self._made:
            if known is rec:
                return made
        self._made[:] = [(rec, without_points(rec, self.names)), *self._made][:KEPT]
        return self._made[0][1]
