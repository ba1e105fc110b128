"""One pass from the root to the leaves of a rig that solves the changed joints. K rows (frames), J joints, file units and axes.

Rows are whole runs of affected frames with an unaffected frame on both sides, so neighbouring rows are consecutive in time.
"""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import runs
from mpm_core.rig import Rig
from mpm_core.rigs.constraints import NO_LENGTH
from mpm_core.rigs.fit_rotations import fit_rotations
from mpm_core.rigs.kinematics import chain, local_motion, span
from mpm_core.rigs.rotations import euler_angles, euler_matrices, interpolate_gap, turn
from mpm_core.typing import Float, Int, Mask

Columns = list[tuple[str, Int, Int, Int]]
HARD = 1e6  # weight of a measured child, relative to a predicted one
SAME = 1e-12  # rotations with a smaller difference are equal


class Walk:
    """The state of a solve: the measured motion of the rows, and the new motion as far as it is solved.

    changed_KJ: joints to move. pos_KJ3: each joint in its parent's frame. rot_KJ33, xyz_KJ3: global rotations and positions. resolved_KJ:
    joints whose rotation is solved; replaced_KJ: those of them whose rotation in the file is not meant any more; touched_KJ: the resolved
    ones, and measured joints below them that must rotate to keep their orientation.
    """

    def __init__(self, rig: Rig, columns: Columns, rows: Int) -> None:
        self.rig, self.columns, self.rows = rig, columns, rows
        self.children = [rig.children(joint) for joint in range(len(rig.names))]
        self.rotates_J = np.array([bool(axes) for axes, *_ in columns])
        self.no_length = NO_LENGTH * span(rig)
        self.local_KJ33, self.pos_KJ3 = local_motion(rig, rows)
        self.measured_rot_KJ33, self.measured_KJ3 = chain(rig, self.local_KJ33, self.pos_KJ3)

    def set_changed(self, changed_KJ: Mask, adjusted_KJ: Mask) -> None:
        """Set the joints to move, and those of them that are only adjusted: these begin from the file's rotations, the others from
        rotations interpolated over the gap. So do position channels below the root.
        """
        self.changed_KJ, gap_KJ = changed_KJ, changed_KJ & ~adjusted_KJ
        for joint, parent in enumerate(self.rig.parents):
            if parent >= 0 and len(self.columns[joint][2]):
                _interpolate(self.pos_KJ3[:, joint], gap_KJ[:, joint])
        self.resolved_KJ, self.replaced_KJ = self._with_parents(changed_KJ), self._with_parents(gap_KJ)
        self.touched_KJ = self.resolved_KJ.copy()
        self.rot_KJ33, self.xyz_KJ3 = self.measured_rot_KJ33.copy(), self.measured_KJ3.copy()

    def _with_parents(self, moved_KJ: Mask) -> Mask:
        """The joints that rotate when some are moved."""
        rotate_KJ = moved_KJ.copy()
        for joint in range(len(self.rig.names) - 1, -1, -1):
            parent = self.rig.parents[joint]
            if parent >= 0:
                rotate_KJ[:, parent] |= moved_KJ[:, joint] if self.rotates_J[joint] else rotate_KJ[:, joint]
        return np.asarray(rotate_KJ & self.rotates_J)

    def restore_positions(self, at: Int, joints_J: Mask) -> None:
        """Restore the file's position channels of these joints in the rows `at`."""
        joints = np.flatnonzero(joints_J)
        self.pos_KJ3[np.ix_(at, joints)] = local_motion(self.rig, self.rows[at])[1][:, joints]

    def run(self, aim_KJ3: Float, hard_KJ: Mask, lever: float, *, exact: bool) -> None:
        """Solve all joints. aim_KJ3: target of each joint, NaN = none; hard_KJ: targets that must be met.

        lever: children nearer to a line than this do not determine the twist about it. exact: the targets are a motion of this very rig.
        """
        self.aim_KJ3, self.hard_KJ, self.exact = aim_KJ3, hard_KJ, exact
        levers = (self.no_length, lever, lever)
        for joint, parent in enumerate(self.rig.parents):
            self._place(joint, parent)
            if not self.rotates_J[joint]:
                if parent >= 0:
                    self.rot_KJ33[:, joint] = self.rot_KJ33[:, parent]
                continue
            self._keep_orientation(joint, parent)
            for start, stop in runs(self.replaced_KJ[:, joint]):
                self.local_KJ33[start:stop, joint] = interpolate_gap(self.local_KJ33[:, joint], start, stop)
            at = np.flatnonzero(self.resolved_KJ[:, joint])
            if len(at):
                parent_N33 = self.rot_KJ33[at, parent] if parent >= 0 else np.broadcast_to(np.eye(3), (len(at), 3, 3))
                reference_N33 = parent_N33 @ self.local_KJ33[at, joint]
                fitted_N33 = fit_rotations(reference_N33, *self._goals(joint, at), levers)
                self.local_KJ33[at, joint] = self._representable(joint, parent_N33.transpose(0, 2, 1) @ fitted_N33)
                self.rot_KJ33[at, joint] = parent_N33 @ self.local_KJ33[at, joint]

    def write_into(self, values_FC: Float) -> None:
        """Write the new channel values of the solved rows into values_FC."""
        for joint, (axes, rotations, axes_of_position, positions) in enumerate(self.columns):
            moved = np.flatnonzero(self.changed_KJ[:, joint])
            if len(moved) and len(positions):
                local_N3 = self.xyz_KJ3[moved, joint] if self.rig.parents[joint] < 0 else self.pos_KJ3[moved, joint]
                values_FC[np.ix_(self.rows[moved], positions)] = local_N3[:, axes_of_position]
            for start, stop in runs(self.touched_KJ[:, joint]) if axes else []:
                first, last = self.rows[start], self.rows[stop - 1]
                before_K = values_FC[first - 1, rotations] if first > 0 else None
                after_K = values_FC[last + 1, rotations] if last + 1 < len(values_FC) else None
                angles_NK = euler_angles(self.local_KJ33[start:stop, joint], axes, before_K, after_K)
                values_FC[np.ix_(self.rows[start:stop], rotations)] = angles_NK

    def _place(self, joint: int, parent: int) -> None:
        if parent >= 0:
            self.xyz_KJ3[:, joint] = self.xyz_KJ3[:, parent] + turn(self.rot_KJ33[:, parent], self.pos_KJ3[:, joint])
            return
        changed_K, axes_of_position = self.changed_KJ[:, joint], self.columns[joint][2]
        has_aim_K = changed_K & np.isfinite(self.aim_KJ3[:, joint]).all(axis=1)
        new_K3 = np.where(has_aim_K[:, None], self.aim_KJ3[:, joint], self.xyz_KJ3[:, joint])
        _interpolate(new_K3, changed_K & ~has_aim_K)
        self.xyz_KJ3[:, joint, axes_of_position] = np.where(changed_K[:, None], new_K3, self.xyz_KJ3[:, joint])[:, axes_of_position]

    def _keep_orientation(self, joint: int, parent: int) -> None:
        """Joints that are not solved keep their measured global orientation where their parent was rotated."""
        if parent < 0:
            return
        rotated_K = np.abs(self.rot_KJ33[:, parent] - self.measured_rot_KJ33[:, parent]).max(axis=(1, 2)) > SAME
        at = np.flatnonzero(rotated_K & ~self.resolved_KJ[:, joint])
        self.touched_KJ[at, joint] = True
        local_N33 = self.rot_KJ33[at, parent].transpose(0, 2, 1) @ self.measured_rot_KJ33[at, joint]
        self.local_KJ33[at, joint] = self._representable(joint, local_N33)
        self.rot_KJ33[at, joint] = self.rot_KJ33[at, parent] @ self.local_KJ33[at, joint]

    def _representable(self, joint: int, local_N33: Float) -> Float:
        """The rotation as far as the joint's own channels can represent it: unchanged unless there are fewer than three."""
        axes = self.columns[joint][0]
        return local_N33 if len(axes) == 3 else euler_matrices(euler_angles(local_N33, axes), axes)

    def _goals(self, joint: int, at: Int) -> tuple[Float, Float, Float, Int]:
        """The targets for a joint's rotation in the rows `at`: children in its own frame, targets relative to it, weights, ranks.

        A child without a target, or at the joint's own position, is replaced by its descendants, as placed by its own interpolated
        rotation. As it can still rotate itself, they have the last rank; children with hard targets have the first.
        """
        rest, goal, weight, rank = [np.zeros((len(at), 3))], [np.zeros((len(at), 3))], [np.zeros(len(at))], [np.zeros(len(at), np.int64)]
        to_visit = [(child, self.pos_KJ3[at, child], np.eye(3)[None], np.ones(len(at), bool), False) for child in self.children[joint]]
        while to_visit:
            child, offset_N3, frame_N33, active_N, rotates = to_visit.pop()
            aim_N3 = self.aim_KJ3[at, child] - self.xyz_KJ3[at, joint]
            has_aim_N = active_N & np.isfinite(aim_N3).all(axis=1) & (np.linalg.norm(offset_N3, axis=1) > self.no_length)
            if has_aim_N.any():
                hard_N = self.hard_KJ[at, child]
                rest.append(offset_N3)
                goal.append(aim_N3)
                weight.append(np.where(has_aim_N, np.where(hard_N, HARD, 1.0), 0.0))
                rank.append(np.where(hard_N & (not rotates), 0, 1 + (rotates and self.exact)))
            through_N = active_N & ~has_aim_N & self.resolved_KJ[at, child] if self.rotates_J[child] else active_N
            if through_N.any() and self.children[child]:
                own_N33 = frame_N33 @ self._interpolated(child)[at]
                for below in self.children[child]:
                    offset_below_N3 = offset_N3 + turn(own_N33, self.pos_KJ3[at, below])
                    to_visit.append((below, offset_below_N3, own_N33, through_N, rotates or bool(self.rotates_J[child])))
        return np.stack(rest, axis=1), np.stack(goal, axis=1), np.stack(weight, axis=1), np.stack(rank, axis=1)

    def _interpolated(self, joint: int) -> Float:
        """(K, 3, 3) local rotations of a joint that is not yet solved, interpolated over its gaps."""
        local_K33 = self.local_KJ33[:, joint].copy()
        for start, stop in runs(self.replaced_KJ[:, joint]):
            local_K33[start:stop] = interpolate_gap(local_K33, start, stop)
        return local_K33


def _interpolate(values_KD: Float, missing_K: Mask) -> None:
    """In place: linear interpolation, constant at the ends; unchanged where nothing is known."""
    if missing_K.any() and not missing_K.all():
        known = np.flatnonzero(~missing_K)
        for d in range(values_KD.shape[1]):
            values_KD[missing_K, d] = np.interp(np.flatnonzero(missing_K), known, values_KD[known, d])
