"""Least-squares rotations by quaternions against singular values: python -m tests.bench_kabsch [SHAPES]."""

from __future__ import annotations

import sys
import time

import numpy as np

from mpm_core.linalg.kabsch import kabsch, nearest_rotations
from mpm_core.typing import Float


def by_singular_values(shape_NK3: Float, seen_NK3: Float) -> Float:
    shape_NK3, seen_NK3 = (each - each.mean(axis=1, keepdims=True) for each in (shape_NK3, seen_NK3))
    return nearest_rotations(np.einsum("nki,nkj->nij", seen_NK3, shape_NK3))


def main(shapes: int) -> None:
    rng = np.random.default_rng(0)
    shape_NK3 = rng.normal(0, 0.1, (shapes, 4, 3))
    true_N33 = nearest_rotations(rng.normal(size=(shapes, 3, 3)))
    seen_NK3 = np.einsum("nij,nkj->nki", true_N33, shape_NK3) + rng.normal(0, 0.002, shape_NK3.shape)
    found = {}
    for name, fit in (
        ("quaternions", lambda: kabsch(shape_NK3, seen_NK3)[0]),
        ("singular values", lambda: by_singular_values(shape_NK3, seen_NK3)),
    ):
        fit()
        began = time.perf_counter()
        found[name] = fit()
        seconds = time.perf_counter() - began
        sys.stdout.write(f"{name}: {shapes / seconds / 1e6:.2f} million rotations a second\n")
    apart = float(np.abs(found["quaternions"] - found["singular values"]).max())
    sys.stdout.write(f"greatest difference of an entry: {apart:.1e}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
