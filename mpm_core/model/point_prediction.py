"""What the network predicts at a take's own points, before it is weighed against a classical fill. F frames, P points, J = 17 joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.typing import Float, Int


@dataclass(frozen=True, slots=True)
class TrialErrors:
    """Mean errors in trials on the take, relative to the usual error in such gaps, per point (P,) or joint (J,).

    samples: how many samples the trials had. before, after: the network without and with the residual model's correction; classical: a
    classical fill. No samples, and the usual error (1), where there were no trials.
    """

    samples: Float
    before: Float
    after: Float
    classical: Float

    def at(self, joint_P: Int) -> TrialErrors:
        """Each point's, by its joint."""
        return TrialErrors(self.samples[joint_P], self.before[joint_P], self.after[joint_P], self.classical[joint_P])


def no_trials(joints: int) -> TrialErrors:
    return TrialErrors(np.zeros(joints), np.ones(joints), np.ones(joints), np.ones(joints))


@dataclass(frozen=True, slots=True)
class PointPrediction:
    """raw_FPD: the network's positions, shifted with visible neighbours and corrected by the residual model. filled_FPD: the same, with the
    error at each gap's edges corrected too. Metres, NaN = none.

    joint_P: the body joint that a point is, or is nearest to. correction_FP: how far the residual model moved that joint; mirror_FP:
    distance between the network's answer to the mirrored window and the plain one; metres. trials: of that joint, per point. known_FJ3: the
    body joints that the network was given, metres, NaN = missing.
    """

    raw_FPD: Float
    filled_FPD: Float
    joint_P: Int
    correction_FP: Float
    mirror_FP: Float
    trials: TrialErrors
    known_FJ3: Float
