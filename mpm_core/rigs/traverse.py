"""One walk from the root to the leaves of a rig that re-solves what is changed. K rows (frames), J joints, file units and axes.

Rows come in whole runs of affected frames with a clean frame on either side, so a joint's neighbours in time are neighbouring rows.
"""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import runs
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import carried, euler_angles, euler_matrices, local_motion, slerp, span, turn
from mpm_core.rigs.reach import NO_LENGTH
from mpm_core.rigs.rotations import fit_rotations
from mpm_core.typing import Float, Int, Mask

Columns = list[tuple[str, Int, Int, Int]]
HARD = 1e6  # how much more a measured child counts than a predicted one
SAME = 1e-12  # rotations closer than this are one


class Walk:
    """The state of a solve: the measured motion of the rows, and the new one as far as the walk has come.

    changed_KJ: joints to move. pos_KJ3: each joint in its parent's frame. rot_KJ33, xyz_KJ3: global rotations and positions.
    resolved_KJ: joints whose rotation is solved anew; touched_KJ: these and the measured ones below them that must turn to stay in place.
    """

    def __init__(self, rig: Rig, columns: Columns, rows: Int) -> None:
        self.rig, self.columns, self.rows = rig, columns, rows
        self.children = [rig.children(joint) for joint in range(len(rig.names))]
        self.turns_J = np.array([bool(axes) for axes, *_ in columns])
        self.nothing = NO_LENGTH * span(rig)
        self.local_KJ33, self.pos_KJ3 = local_motion(rig, rows)
        self.measured_rot_KJ33, self.measured_KJ3 = carried(rig, self.local_KJ33, self.pos_KJ3)

    def free(self, changed_KJ: Mask) -> None:
        """Settle which joints move: their position channels, where they have any below the root, are bridged over the gap."""
        self.changed_KJ = changed_KJ
        for joint, parent in enumerate(self.rig.parents):
            if parent >= 0 and len(self.columns[joint][2]):
                _bridge(self.pos_KJ3[:, joint], changed_KJ[:, joint])
        need_KJ = changed_KJ.copy()
        for joint in range(len(self.rig.names) - 1, -1, -1):
            parent = self.rig.parents[joint]
            if parent >= 0:
                need_KJ[:, parent] |= changed_KJ[:, joint] if self.turns_J[joint] else need_KJ[:, joint]
        self.resolved_KJ = need_KJ & self.turns_J
        self.touched_KJ = self.resolved_KJ.copy()
        self.rot_KJ33, self.xyz_KJ3 = self.measured_rot_KJ33.copy(), self.measured_KJ3.copy()

    def take_back(self, at: Int, joints_J: Mask) -> None:
        """The position channels of these joints are the file's own again in the rows `at`."""
        joints = np.flatnonzero(joints_J)
        self.pos_KJ3[np.ix_(at, joints)] = local_motion(self.rig, self.rows[at])[1][:, joints]

    def go(self, aim_KJ3: Float, hard_KJ: Mask, lever: float, *, exact: bool) -> None:
        """Solve every joint in turn. aim_KJ3: where each joint should be, NaN = nowhere in particular; hard_KJ: where it must be.

        lever: children nearer to one line than this say nothing of the twist about it. exact: the aims are a motion of this very rig.
        """
        self.aim_KJ3, self.hard_KJ, self.exact = aim_KJ3, hard_KJ, exact
        levers = (self.nothing, lever, lever)
        for joint, parent in enumerate(self.rig.parents):
            self._place(joint, parent)
            if not self.turns_J[joint]:
                if parent >= 0:
                    self.rot_KJ33[:, joint] = self.rot_KJ33[:, parent]
                continue
            self._keep_orientation(joint, parent)
            for start, stop in runs(self.resolved_KJ[:, joint]):
                self._bridge_rotation(self.local_KJ33[:, joint], start, stop)
            at = np.flatnonzero(self.resolved_KJ[:, joint])
            if len(at):
                parent_N33 = self.rot_KJ33[at, parent] if parent >= 0 else np.broadcast_to(np.eye(3), (len(at), 3, 3))
                ref_N33 = parent_N33 @ self.local_KJ33[at, joint]
                fitted_N33 = fit_rotations(ref_N33, *self._goals(joint, at), levers)
                self.local_KJ33[at, joint] = self._turnable(joint, parent_N33.transpose(0, 2, 1) @ fitted_N33)
                self.rot_KJ33[at, joint] = parent_N33 @ self.local_KJ33[at, joint]

    def write_into(self, values_FC: Float) -> None:
        """The new channel values of what was solved, into the whole take's."""
        for joint, (axes, turning, places, moving) in enumerate(self.columns):
            moved = np.flatnonzero(self.changed_KJ[:, joint])
            if len(moved) and len(moving):
                local_N3 = self.xyz_KJ3[moved, joint] if self.rig.parents[joint] < 0 else self.pos_KJ3[moved, joint]
                values_FC[np.ix_(self.rows[moved], moving)] = local_N3[:, places]
            for start, stop in runs(self.touched_KJ[:, joint]) if axes else []:
                first, last = self.rows[start], self.rows[stop - 1]
                before_K = values_FC[first - 1, turning] if first > 0 else None
                after_K = values_FC[last + 1, turning] if last + 1 < len(values_FC) else None
                angles_NK = euler_angles(self.local_KJ33[start:stop, joint], axes, before_K, after_K)
                values_FC[np.ix_(self.rows[start:stop], turning)] = angles_NK

    def _place(self, joint: int, parent: int) -> None:
        if parent >= 0:
            self.xyz_KJ3[:, joint] = self.xyz_KJ3[:, parent] + turn(self.rot_KJ33[:, parent], self.pos_KJ3[:, joint])
            return
        changed_K, places = self.changed_KJ[:, joint], self.columns[joint][2]
        told_K = changed_K & np.isfinite(self.aim_KJ3[:, joint]).all(axis=1)
        new_K3 = np.where(told_K[:, None], self.aim_KJ3[:, joint], self.xyz_KJ3[:, joint])
        _bridge(new_K3, changed_K & ~told_K)
        self.xyz_KJ3[:, joint, places] = np.where(changed_K[:, None], new_K3, self.xyz_KJ3[:, joint])[:, places]

    def _keep_orientation(self, joint: int, parent: int) -> None:
        """A joint that is not re-solved keeps its measured orientation in the world under a parent that turned."""
        if parent < 0:
            return
        away_K = np.abs(self.rot_KJ33[:, parent] - self.measured_rot_KJ33[:, parent]).max(axis=(1, 2)) > SAME
        at = np.flatnonzero(away_K & ~self.resolved_KJ[:, joint])
        self.touched_KJ[at, joint] = True
        local_N33 = self.rot_KJ33[at, parent].transpose(0, 2, 1) @ self.measured_rot_KJ33[at, joint]
        self.local_KJ33[at, joint] = self._turnable(joint, local_N33)
        self.rot_KJ33[at, joint] = self.rot_KJ33[at, parent] @ self.local_KJ33[at, joint]

    def _turnable(self, joint: int, local_N33: Float) -> Float:
        """What the joint's own channels can express of a rotation: all of it, unless it has fewer than three."""
        axes = self.columns[joint][0]
        return local_N33 if len(axes) == 3 else euler_matrices(euler_angles(local_N33, axes), axes)

    def _bridge_rotation(self, local_K33: Float, start: int, stop: int) -> None:
        """Rows start..stop-1 between the rotations of the rows around them; held where there is one; as they are where there is none."""
        before, after = start > 0, stop < len(local_K33)
        if before and after:
            share_N = np.arange(1, stop - start + 1) / (stop - start + 1)
            local_K33[start:stop] = slerp(local_K33[start - 1], local_K33[stop], share_N)
        elif before or after:
            local_K33[start:stop] = local_K33[start - 1] if before else local_K33[stop]

    def _goals(self, joint: int, at: Int) -> tuple[Float, Float, Float, Int]:
        """What a joint's rotation is to bring where, for the rows `at`: children in its own frame, goals seen from it, weights, ranks.

        A child without a goal, or in the joint's own place, stands for those below it, which it carries as its own rotation, bridged over
        the gap, would have it. As it can still turn itself these count last; a child that must be somewhere counts first.
        """
        rest, goal, weight, rank = [np.zeros((len(at), 3))], [np.zeros((len(at), 3))], [np.zeros(len(at))], [np.zeros(len(at), np.int64)]
        todo = [(child, self.pos_KJ3[at, child], np.eye(3)[None], np.ones(len(at), bool), False) for child in self.children[joint]]
        while todo:
            child, way_N3, carrier_N33, here_N, turning = todo.pop()
            aim_N3 = self.aim_KJ3[at, child] - self.xyz_KJ3[at, joint]
            told_N = here_N & np.isfinite(aim_N3).all(axis=1) & (np.linalg.norm(way_N3, axis=1) > self.nothing)
            if told_N.any():
                hard_N = self.hard_KJ[at, child]
                rest.append(way_N3)
                goal.append(aim_N3)
                weight.append(np.where(told_N, np.where(hard_N, HARD, 1.0), 0.0))
                rank.append(np.where(hard_N & (not turning), 0, 1 + (turning and self.exact)))
            carries_N = here_N & ~told_N & self.resolved_KJ[at, child] if self.turns_J[child] else here_N
            if carries_N.any() and self.children[child]:
                own_N33 = carrier_N33 @ self._bridged(child)[at]
                for below in self.children[child]:
                    way_below_N3 = way_N3 + turn(own_N33, self.pos_KJ3[at, below])
                    todo.append((below, way_below_N3, own_N33, carries_N, turning or bool(self.turns_J[child])))
        return np.stack(rest, axis=1), np.stack(goal, axis=1), np.stack(weight, axis=1), np.stack(rank, axis=1)

    def _bridged(self, joint: int) -> Float:
        """(K, 3, 3) local rotations of a joint the walk has not reached yet, bridged over its gaps."""
        local_K33 = self.local_KJ33[:, joint].copy()
        for start, stop in runs(self.resolved_KJ[:, joint]):
            self._bridge_rotation(local_K33, start, stop)
        return local_K33


def _bridge(values_KD: Float, gone_K: Mask) -> None:
    """In place: straight lines over the gaps, held at the edges; as they are where nothing is known."""
    if gone_K.any() and not gone_K.all():
        known = np.flatnonzero(~gone_K)
        for d in range(values_KD.shape[1]):
            values_KD[gone_K, d] = np.interp(np.flatnonzero(gone_K), known, values_KD[known, d])
