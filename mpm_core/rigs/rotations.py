"""Rotations: applied to vectors, about axes, interpolated, and as Euler angles. N rotations, K angles of each; float64.

Angles are in degrees; matrices are for column vectors; angles about the axes ZXY are intrinsic, Rz Rx Ry.
"""

from __future__ import annotations

import warnings

import numpy as np

from mpm_core.typing import Float


def turn(rot_N33: Float, vector_N3: Float) -> Float:
    """(N, 3) each vector rotated by its rotation.

    >>> import numpy as np
    >>> turn(np.eye(3)[None], np.array([[1.0, 2.0, 3.0]]))
    array([[1., 2., 3.]])
    """
    return np.asarray((rot_N33 @ vector_N3[..., None])[..., 0])


def cross_matrices(vector_N3: Float) -> Float:
    """(..., 3, 3) matrices whose product with a vector is the cross product of vector_N3 (..., 3) with it.

    >>> import numpy as np
    >>> cross_matrices(np.array([1.0, 0.0, 0.0])) @ [0.0, 1.0, 0.0]
    array([0., 0., 1.])
    """
    x, y, z = np.moveaxis(vector_N3, -1, 0)
    nought = np.zeros_like(x)
    return np.stack([nought, -z, y, z, nought, -x, -y, x, nought], axis=-1).reshape(*vector_N3.shape, 3)


def about_axes(axis_N3: Float, angle_N: Float) -> Float:
    """(N, 3, 3) rotations about unit vectors by angles in radians (Rodrigues' formula).

    >>> import numpy as np
    >>> quarter = about_axes(np.array([[0.0, 0.0, 1.0]]), np.array([np.pi / 2]))
    >>> np.allclose(quarter, euler_matrices(np.array([[90.0]]), "Z"))
    True
    """
    cross_N33 = cross_matrices(axis_N3)
    sin_N, cos_N = np.sin(angle_N)[:, None, None], np.cos(angle_N)[:, None, None]
    return np.asarray(np.eye(3) + sin_N * cross_N33 + (1 - cos_N) * (cross_N33 @ cross_N33))


def slerp(first_33: Float, last_33: Float, share_N: Float) -> Float:
    """(N, 3, 3) spherical linear interpolation between two rotations; share 0 is the first, 1 the last.

    >>> import numpy as np
    >>> half = slerp(np.eye(3), euler_matrices(np.array([[90.0]]), "Z")[0], np.array([0.5]))
    >>> np.allclose(half, euler_matrices(np.array([[45.0]]), "Z"))
    True
    """
    from scipy.spatial.transform import Rotation  # here, because reading and drawing a BVH do not need it

    rotvec_3 = Rotation.from_matrix(first_33.T @ last_33).as_rotvec()
    return np.asarray(first_33 @ Rotation.from_rotvec(share_N[:, None] * rotvec_3).as_matrix())


def interpolate_gap(rot_F33: Float, start: int, stop: int) -> Float:
    """(stop - start, 3, 3) rotations in a gap, between those beside it; constant at an end of the take, unchanged if all is a gap.

    >>> import numpy as np
    >>> rot_F33 = euler_matrices(np.array([[0.0], [70.0], [90.0]]), "Z")
    >>> np.allclose(interpolate_gap(rot_F33, 1, 2), euler_matrices(np.array([[45.0]]), "Z"))
    True
    """
    before, after = start > 0, stop < len(rot_F33)
    if before and after:
        return slerp(rot_F33[start - 1], rot_F33[stop], np.arange(1, stop - start + 1) / (stop - start + 1))
    if before or after:
        return np.broadcast_to(rot_F33[start - 1 if before else stop], (stop - start, 3, 3))
    return rot_F33[start:stop]


def euler_matrices(angles_NK: Float, axes: str) -> Float:
    """(N, 3, 3) rotation matrices of intrinsic angles in degrees about the given axes.

    >>> import numpy as np
    >>> euler_matrices(np.array([[90.0]]), "Z").round(6) + 0.0
    array([[[ 0., -1.,  0.],
            [ 1.,  0.,  0.],
            [ 0.,  0.,  1.]]])
    """
    matrix_33N = np.zeros((3, 3, len(angles_NK)))
    matrix_33N[[0, 1, 2], [0, 1, 2]] = 1.0
    for k, axis in enumerate(axes):
        angle_N = np.radians(angles_NK[:, k])
        cos_N, sin_N = np.cos(angle_N), np.sin(angle_N)
        i = "XYZ".index(axis)
        b, c = (i + 1) % 3, (i + 2) % 3
        before_b, before_c = matrix_33N[:, b].copy(), matrix_33N[:, c].copy()
        matrix_33N[:, b] = cos_N * before_b + sin_N * before_c
        matrix_33N[:, c] = cos_N * before_c - sin_N * before_b
    return np.ascontiguousarray(np.moveaxis(matrix_33N, 2, 0))


def euler_angles(rot_N33: Float, axes: str, before_K: Float | None = None, after_K: Float | None = None) -> Float:
    """(N, K) angles in degrees of consecutive rotations, without jumps of 360 degrees.

    A rotation has several triples of angles; each frame gets the one nearest to the frame before, starting from before_K (the frame before
    the first). If the last triple is then far from after_K (the frame after), the branch changes where the jump is smallest. With fewer
    than three axes, the rotation about the missing ones, applied last, is dropped.

    >>> import numpy as np
    >>> euler_angles(euler_matrices(np.array([[10.0, 20.0, 30.0]]), "ZXY"), "ZXY").round(6)
    array([[10., 20., 30.]])
    """
    K = len(axes)
    if K == 0 or len(rot_N33) == 0:
        return np.zeros((len(rot_N33), K))
    three_axes = axes + "".join(axis for axis in "XYZ" if axis not in axes)[: 3 - K]
    base_N3 = _principal(rot_N33, three_axes)
    shift_3 = np.array([180.0, 0.0 if three_axes[0] == three_axes[2] else 180.0, 180.0])
    if K < 3:  # the branch with the smaller rotation about the missing axes
        other_N3 = shift_3 + base_N3 * [1.0, -1.0, 1.0]
        nearer_N = np.abs(_wrapped(other_N3[:, K:])).sum(axis=1) < np.abs(_wrapped(base_N3[:, K:])).sum(axis=1)
        chosen_NK = np.where(nearer_N[:, None], other_N3, base_N3)[:, :K]
        angles_NK = chosen_NK if before_K is None else np.concatenate([before_K[None], chosen_NK])
        return np.unwrap(angles_NK, axis=0, period=360.0)[-len(base_N3) :]
    forward_N3 = _nearest_branch(base_N3, shift_3, before_K)
    if after_K is None or (before_K is not None and np.abs(forward_N3[-1] - after_K).max() <= 180):
        return forward_N3
    backward_N3 = _nearest_branch(base_N3[::-1], shift_3, after_K)[::-1]
    if before_K is None:
        return backward_N3
    jump_N = np.concatenate(
        [
            [np.abs(backward_N3[0] - before_K).max()],
            np.abs(backward_N3[1:] - forward_N3[:-1]).max(axis=1),
            [np.abs(after_K - forward_N3[-1]).max()],
        ]
    )
    switch = int(jump_N.argmin())
    return np.concatenate([forward_N3[:switch], backward_N3[switch:]])


def _principal(rot_N33: Float, axes: str) -> Float:
    from scipy.spatial.transform import Rotation

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # gimbal lock: any solution will do
        return np.asarray(Rotation.from_matrix(rot_N33).as_euler(axes, degrees=True))


def _wrapped(degrees: Float) -> Float:
    return np.asarray((degrees + 180.0) % 360.0 - 180.0)


def _nearest_branch(base_N3: Float, shift_3: Float, start_3: Float | None) -> Float:
    """Frame by frame the nearer of the two triples of one rotation, (a, b, c) and (a + 180, 180 - b, c + 180), then unwrapped.

    The cost of staying on a branch and of changing it do not depend on the branch, so one pass is enough.
    """
    chain = base_N3 if start_3 is None else np.concatenate([start_3[None], base_N3])
    other = shift_3 + chain * [1.0, -1.0, 1.0]
    stay = np.abs(_wrapped(chain[1:] - chain[:-1])).sum(axis=1)
    change = np.abs(_wrapped(other[1:] - chain[:-1])).sum(axis=1)
    on_other = np.concatenate([[0], np.cumsum(change < stay - 1e-9) % 2]).astype(bool)
    angles = np.unwrap(np.where(on_other[:, None], other, chain), axis=0, period=360.0)
    return np.asarray(angles if start_3 is None else angles[1:])
