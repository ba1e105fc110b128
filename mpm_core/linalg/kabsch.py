"""Least-squares rotations of one set of points onto another. N shapes of K points; rotations take a shape's axes (columns) to the world's.

Many small shapes are fitted by quaternions, about ten times as quickly as by singular values (`python -m tests.bench_kabsch`), which remain
for shapes that are nearly a line.
"""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float

AT_ONCE = 4096  # shapes that fit into the processor's cache
STEPS = 30
CONVERGED = 1e-14  # relative to the root
LEAST_SLOPE = 1e-3  # of the polynomial at the root, relative to its cube: below it, the points are nearly collinear or nearly symmetric


def kabsch(shape_NK3: Float, target_NK3: Float) -> tuple[Float, Float]:
    """Rotation (N, 3, 3) and translation (N, 3) with target ~ rotation @ shape + translation by least squares, never a reflection.

    shape_NK3: or one shape (K, 3) for all targets. The rotation is Kabsch's (Acta Crystallographica A32, 1976), as the quaternion of Horn
    (Journal of the Optical Society of America A4, 1987) from the largest root of its characteristic polynomial (Theobald, Acta
    Crystallographica A61, 2005); where the next root is too near, by singular value decomposition (Arun, Huang and Blostein, PAMI 9, 1987).

    >>> import numpy as np
    >>> shape_K3 = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    >>> rot_N33, shift_N3 = kabsch(shape_K3, shape_K3[None] + [1.0, 2.0, 3.0])
    >>> np.allclose(rot_N33, np.eye(3)), np.allclose(shift_N3, [[1, 2, 3]])
    (True, True)
    """
    N = len(target_NK3)
    rot_N33, shift_N3 = np.empty((N, 3, 3)), np.empty((N, 3))
    for start in range(0, N, AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        shape_3Kn = np.ascontiguousarray((shape_NK3[rows] if shape_NK3.ndim == 3 else shape_NK3[None]).transpose(2, 1, 0))
        target_3Kn = np.ascontiguousarray(target_NK3[rows].transpose(2, 1, 0))
        shape_centre_3n, target_centre_3n = shape_3Kn.mean(axis=1), target_3Kn.mean(axis=1)
        shape_3Kn -= shape_centre_3n[:, None]
        target_3Kn -= target_centre_3n[:, None]
        cross_33n = np.stack([[(target_Kn * shape_Kn).sum(axis=0) for shape_Kn in shape_3Kn] for target_Kn in target_3Kn])
        size_n = ((shape_3Kn**2).sum(axis=(0, 1)) + (target_3Kn**2).sum(axis=(0, 1))) / 2
        rot_N33[rows] = best_rotations(cross_33n, size_n)
        shift_N3[rows] = target_centre_3n.T - rotate(rot_N33[rows], shape_centre_3n.T)
    return rot_N33, shift_N3


def rotate(rot_N33: Float, xyz_N3: Float) -> Float:
    """(N, 3) each vector rotated by its own rotation; one vector (3,) for all.

    >>> import numpy as np
    >>> rotate(np.eye(3)[None], np.array([1.0, 2.0, 3.0]))
    array([[1., 2., 3.]])
    """
    return np.asarray(np.einsum("nij,nj->ni", rot_N33, np.broadcast_to(xyz_N3, rot_N33.shape[:2])))


def best_rotations(cross_33N: Float, size_N: Float) -> Float:
    """(N, 3, 3) from the cross-covariances (target, shape). size_N: half the sum of both sets' squares, an upper bound of the roots."""
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = cross_33N
    ab, ac, ad, bc, bd, cd = zy - yz, xz - zx, yx - xy, xy + yx, xz + zx, yz + zy
    diagonal = xx + yy + zz, xx - yy - zz, yy - xx - zz, zz - xx - yy
    square_N = -2 * (cross_33N**2).sum(axis=(0, 1))
    linear_N = -8 * (xx * (yy * zz - yz * zy) - xy * (yx * zz - yz * zx) + xz * (yx * zy - yy * zx))
    upper, lower = _minors(diagonal, (ab, ac, ad, bc, bd, cd))
    constant_N = sum(sign * a * b for sign, a, b in zip((1, -1, 1, 1, -1, 1), upper, lower[::-1], strict=True))
    root_N = size_N.copy()
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(STEPS):
            slope_N = (4 * root_N**2 + 2 * square_N) * root_N + linear_N
            step_N = (((root_N**2 + square_N) * root_N + linear_N) * root_N + constant_N) / slope_N
            distinct_N = slope_N > LEAST_SLOPE * size_N**3
            root_N -= np.where(distinct_N, step_N, 0.0)
            if not (distinct_N & (step_N > CONVERGED * root_N)).any():
                break
        a, b, c, d = (entry - root_N for entry in diagonal)
        (s0, s1, s2, s3, s4, s5), (_, t1, t2, t3, t4, t5) = _minors((a, b, c, d), (ab, ac, ad, bc, bd, cd))
        adjugate_44N = np.empty((4, 4, len(root_N)))
        adjugate_44N[0] = b * t5 - bc * t4 + bd * t3, ac * t4 - ab * t5 - ad * t3, bd * s5 - cd * s4 + d * s3, c * s4 - bc * s5 - cd * s3
        adjugate_44N[1] = adjugate_44N[0, 1], a * t5 - ac * t2 + ad * t1, cd * s2 - ad * s5 - d * s1, ac * s5 - c * s2 + cd * s1
        adjugate_44N[2] = *adjugate_44N[:2, 2], ad * s4 - bd * s2 + d * s0, bc * s2 - ac * s4 - cd * s0
        adjugate_44N[3] = *adjugate_44N[:3, 3], ac * s3 - bc * s1 + c * s0
        size_4N = np.abs(np.einsum("iin->in", adjugate_44N))
        q_4N = np.take_along_axis(adjugate_44N, np.argmax(size_4N, axis=0)[None, None], 0)[0]
        rot_N33 = _rotation(q_4N / np.sqrt((q_4N**2).sum(axis=0)))
    if not distinct_N.all():
        rot_N33[~distinct_N] = nearest_rotations(cross_33N[:, :, ~distinct_N].transpose(2, 0, 1))
    return rot_N33


def _minors(diagonal: tuple[Float, ...], off_diagonal: tuple[Float, ...]) -> tuple[tuple[Float, ...], tuple[Float, ...]]:
    """The 2 x 2 minors, by columns 01, 02, 03, 12, 13, 23, of the first two and the last two rows of symmetric 4 x 4 matrices."""
    (a, b, c, d), (ab, ac, ad, bc, bd, cd) = diagonal, off_diagonal
    upper = a * b - ab * ab, a * bc - ab * ac, a * bd - ab * ad, ab * bc - b * ac, ab * bd - b * ad, ac * bd - bc * ad
    lower = ac * bd - ad * bc, ac * cd - ad * c, ac * d - ad * cd, bc * cd - bd * c, bc * d - bd * cd, c * d - cd * cd
    return upper, lower


def _rotation(q_4N: Float) -> Float:
    """(N, 3, 3) rotations of unit quaternions, w first."""
    w, x, y, z = q_4N
    xx, yy, zz, xy, xz, yz, wx, wy, wz = x * x, y * y, z * z, x * y, x * z, y * z, w * x, w * y, w * z
    rows = 1 - 2 * (yy + zz), 2 * (xy - wz), 2 * (xz + wy), 2 * (xy + wz), 1 - 2 * (xx + zz), 2 * (yz - wx)
    return np.stack([*rows, 2 * (xz - wy), 2 * (yz + wx), 1 - 2 * (xx + yy)], axis=1).reshape(-1, 3, 3)


def nearest_rotations(cross_N33: Float) -> Float:
    """(..., 3, 3) rotations with the greatest sum of products with the given matrices, never a reflection, by singular values.

    Of the cross products of two sets of points this is the least-squares rotation of one onto the other.

    >>> nearest_rotations(np.diag([3.0, 2.0, -1.0]))
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    u_N33, _, vt_N33 = np.linalg.svd(cross_N33)
    u_N33[..., 2] *= np.sign(np.linalg.det(u_N33 @ vt_N33))[..., None]
    return np.asarray(u_N33 @ vt_N33)
