"""The least-squares rotation, compared with singular value decomposition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mpm_core.linalg.kabsch import AT_ONCE, kabsch

Array = np.ndarray
RNG = np.random.default_rng(0)


def placed(shape_K3: Array, noise_m: float = 0.0, count: int = 50) -> tuple[Array, Array]:
    turn_N33 = Rotation.random(count, random_state=1).as_matrix()
    seen_NK3 = np.einsum("nij,kj->nki", turn_N33, shape_K3) + np.array([1.0, 2.0, 3.0])
    return seen_NK3 + RNG.normal(0, noise_m, seen_NK3.shape), turn_N33


def apart(shape_K3: Array, seen_NK3: Array, rot_N33: Array, shift_N3: Array) -> Array:
    """(N,) sums of squares, metres squared."""
    return ((np.einsum("nij,kj->nki", rot_N33, shape_K3) + shift_N3[:, None] - seen_NK3) ** 2).sum(axis=(1, 2))


def least_apart(shape_K3: Array, seen_NK3: Array) -> Array:
    """(N,) the least possible value, by singular value decomposition (Arun, Huang and Blostein, 1987)."""
    own_K3, off_NK3 = shape_K3 - shape_K3.mean(axis=0), seen_NK3 - seen_NK3.mean(axis=1, keepdims=True)
    u_N33, size_N3, vt_N33 = np.linalg.svd(off_NK3.transpose(0, 2, 1) @ own_K3)
    size_N3[:, 2] *= np.sign(np.linalg.det(u_N33 @ vt_N33))
    return (own_K3**2).sum() + (off_NK3**2).sum(axis=(1, 2)) - 2 * size_N3.sum(axis=1)


def test_kabsch_finds_the_rotation_and_never_mirrors() -> None:
    shape_K3 = RNG.normal(0, 1, (4, 3))
    seen_NK3, turn_N33 = placed(shape_K3)
    rot_N33, shift_N3 = kabsch(shape_K3, seen_NK3)
    np.testing.assert_allclose(rot_N33, turn_N33, atol=1e-9)
    np.testing.assert_allclose(shift_N3, np.broadcast_to([1.0, 2.0, 3.0], (50, 3)), atol=1e-9)
    mirrored, _ = kabsch(shape_K3, (shape_K3 * [1, 1, -1])[None])
    assert np.linalg.det(mirrored[0]) == pytest.approx(1)
    three, _ = kabsch(shape_K3[:3], placed(shape_K3[:3])[0])
    np.testing.assert_allclose(three, turn_N33, atol=1e-9)


@pytest.mark.parametrize("thick", [(1, 1, 1), (1, 1, 0), (1, 0.03, 0.03), (1, 1e-4, 1e-4), (1, 0, 0), (0, 0, 0)])
@pytest.mark.parametrize("noise_m", [0.0, 1e-3, 0.05, 10.0])
def test_no_rotation_has_a_smaller_error(thick: tuple[float, ...], noise_m: float) -> None:
    """For bodies, plates, lines and single points, with and without noise: always a rotation, and none is better."""
    shape_K3 = RNG.normal(0, 0.15, (4, 3)) * thick
    seen_NK3, _ = placed(shape_K3, noise_m, 300)
    rot_N33, shift_N3 = kabsch(shape_K3, seen_NK3)
    np.testing.assert_allclose(rot_N33 @ rot_N33.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (300, 3, 3)), atol=1e-12)
    least_N = least_apart(shape_K3, seen_NK3)
    size = float(least_N.max() + (shape_K3**2).sum() + 1e-3)
    assert (apart(shape_K3, seen_NK3, rot_N33, shift_N3) <= least_N + 1e-12 * size).all()


def test_shapes_of_their_own_and_many_at_once() -> None:
    count = AT_ONCE + 7
    shape_NK3 = RNG.normal(0, 0.1, (count, 4, 3))
    turn_N33 = Rotation.random(count, random_state=2).as_matrix()
    rot_N33, shift_N3 = kabsch(shape_NK3, np.einsum("nij,nkj->nki", turn_N33, shape_NK3) - 0.5)
    np.testing.assert_allclose(rot_N33, turn_N33, atol=1e-7)
    np.testing.assert_allclose(shift_N3, np.full((count, 3), -0.5), atol=1e-7)
    some_N33, _ = kabsch(shape_NK3[:9], np.einsum("nij,nkj->nki", turn_N33[:9], shape_NK3[:9]) - 0.5)
    np.testing.assert_allclose(some_N33, rot_N33[:9], atol=1e-9)
    assert kabsch(shape_NK3[0], np.empty((0, 4, 3)))[0].shape == (0, 3, 3)
