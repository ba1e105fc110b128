"""The network's prediction at the points of a take, before it is combined with a classical fill. F frames, P points, J = 17 joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.typing import Float, Int


@dataclass(frozen=True, slots=True)
class TrialErrors:
    """Mean errors in trials on the take, relative to the usual error in such gaps, per point (P,) or joint (J,).

    samples: number of samples in the trials. before, after: the network without and with the residual model's correction; classical: a
    classical fill. Without trials: no samples, errors 1.
    """

    samples: Float
    before: Float
    after: Float
    classical: Float

    def at(self, joint_P: Int) -> TrialErrors:
        """Per point, by its joint."""
        return TrialErrors(self.samples[joint_P], self.before[joint_P], self.after[joint_P], self.classical[joint_P])


def no_trials(joints: int) -> TrialErrors:
    return TrialErrors(np.zeros(joints), np.ones(joints), np.ones(joints), np.ones(joints))


@dataclass(frozen=True, slots=True)
class PointPrediction:
    """Positions in metres, NaN = none. F frames, P points.

    raw_FPD: the network's positions, shifted by the error of visible neighbours and corrected by the residual model. filled_FPD: the same,
    corrected at each gap's edges. joint_P: the body joint that a point is, or is nearest to. correction_FP: length of the residual model's
    correction of that joint; mirror_FP: distance between the outputs for the mirrored window and the plain one; metres. trials: of that
    joint. known_FJ3: the body joints given to the network, metres, NaN = missing.
    """

    raw_FPD: Float
    filled_FPD: Float
    joint_P: Int
    correction_FP: Float
    mirror_FP: Float
    trials: TrialErrors
    known_FJ3: Float
