"""Rigs as animation programs write them: position channels on every joint, bones that stretch, twist bones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.proof import Comparison, check_export
from mpm_core.edit.mark import mark
from mpm_core.io.bvh import bvh
from mpm_core.io.bvh.write import composed
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.constraints import expand_marks
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.rigs.solve import apply_targets, solve
from mpm_core.typing import Float, Mask

FRAMES = 48
GAP = slice(12, 36)
CHANNELS = tuple(f"{axis}position" for axis in "XYZ") + tuple(f"{axis}rotation" for axis in "XYZ")
BONES = {  # joint: parent and offset in centimetres, Y up; names that end in _l are mirrored; depth first
    "root": ("", (0, 0, 0)),
    "pelvis": ("root", (0, 95, 0)),
    "thigh_l": ("pelvis", (10, -4, 0)),
    "calf_l": ("thigh_l", (1, -42, 1)),
    "foot_l": ("calf_l", (0, -40, -2)),
    "toes_l": ("foot_l", (0, -6, 13)),
    "toes_l_end": ("toes_l", (0, 0, 6)),
    "calf_twist_l": ("calf_l", (0, 0, 0)),
    "calf_twist_l_end": ("calf_twist_l", (0.2, -25, -1)),
    "thigh_twist_l": ("thigh_l", (0, 0, 0)),
    "thigh_twist_l_end": ("thigh_twist_l", (0.8, -18, 0)),
    "spine": ("pelvis", (0, 20, 1)),
    "neck": ("spine", (0, 30, -2)),
    "head": ("neck", (0, 12, 2)),
    "head_end": ("head", (0, 15, 0)),
    "upperarm_l": ("spine", (16, 25, 0)),
    "lowerarm_l": ("upperarm_l", (28, -1, 0)),
    "hand_l": ("lowerarm_l", (25, 0, 1)),
    "hand_l_end": ("hand_l", (12, 0, 0)),
    "lowerarm_twist_l": ("lowerarm_l", (0, 0, 0)),
    "lowerarm_twist_l_end": ("lowerarm_twist_l", (13, 0, 0.4)),
}


def hierarchy() -> dict[str, tuple[str, tuple[float, float, float]]]:
    """BONES with the right side after each left branch."""
    out: dict[str, tuple[str, tuple[float, float, float]]] = {}
    branch: dict[str, tuple[str, tuple[float, float, float]]] = {}
    for name, (parent, way) in [*BONES.items(), ("", ("", (0, 0, 0)))]:
        if "_l" not in parent and branch:
            out |= branch
            branch = {}
        if name:
            out[name] = (parent, way)
        if "_l" in name:
            branch[name.replace("_l", "_r")] = (parent.replace("_l", "_r"), (-way[0], way[1], way[2]))
    return out


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    rng = np.random.default_rng(11)
    bones = hierarchy()
    names = tuple(bones)
    offsets_J3 = np.array([way for _, way in bones.values()], float)
    ends = np.array([name.endswith("_end") for name in names])
    parents = tuple(names.index(parent) if parent else -1 for parent, _ in bones.values())
    t_F = np.linspace(0, 2 * np.pi, FRAMES)
    columns = []
    for name, offset_3 in zip(names, offsets_J3, strict=True):
        if name.endswith("_end"):
            continue
        stretch_F = 1 + 0.02 * np.sin(t_F + rng.uniform(0, 6))
        place_F3 = offset_3 * stretch_F[:, None] + (np.stack([40 * t_F, np.sin(t_F), t_F], axis=1) if name == "pelvis" else 0.0)
        swing_F3 = rng.uniform(5, 20, 3) * np.sin(t_F[:, None] + rng.uniform(0, 6, 3)) * (name != "root")
        bent_3 = np.array([35.0, 0, 0]) if "calf" in name else np.array([0, -30.0, 0]) if "lowerarm" in name else np.zeros(3)
        columns += [place_F3, swing_F3 + bent_3 * ("twist" not in name)]
    channels = tuple(() if end else CHANNELS for end in ends)
    path = tmp_path_factory.mktemp("rig") / "stretchy.bvh"
    path.write_bytes(composed(Rig(names, parents, offsets_J3, channels, np.concatenate(columns, axis=1), ends), 60.0))
    return bvh.read(path, unit="cm", up="y")


def rig_of(rec: Recording) -> Rig:
    assert rec.rig is not None
    return rec.rig


def motion(rec: Recording, values_FC: Float | None = None) -> Float:
    rig = rig_of(rec)
    return world_joint_positions(rig if values_FC is None else replace(rig, values_FC=values_FC), rec.source.file_to_world_33)


def region(rec: Recording, *names: str) -> Mask:
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[GAP, [rec.index(name) for name in names]] = True
    return where_FP


@pytest.mark.parametrize("expanded", [True, False])
@pytest.mark.parametrize(
    "names",
    [
        ("calf_l",),
        ("lowerarm_l",),
        ("calf_l", "foot_l"),
        ("lowerarm_r", "hand_r"),
        ("thigh_l", "calf_l"),
        ("neck",),
        ("head",),
        ("spine",),
        ("pelvis",),
        ("root",),
        ("calf_twist_l_end",),
    ],
)
@pytest.mark.parametrize("noise_m", [0.0, 0.3])
def test_measured_joints_do_not_move(take: Recording, names: tuple[str, ...], expanded: bool, noise_m: float) -> None:
    where_FP = expand_marks(rig_of(take), region(take, *names)) if expanded else region(take, *names)
    targets_FPD = motion(take) + np.random.default_rng(2).normal(0, noise_m, (FRAMES, len(take.points), 3))
    xyz_FPD, moved_F = apply_targets(take, targets_FPD, where_FP), where_FP.any(axis=1)
    assert np.abs(xyz_FPD - motion(take))[~where_FP & moved_F[:, None]].max() < 1e-8
    np.testing.assert_array_equal(xyz_FPD[~moved_F], take.xyz_FPD[~moved_F])
    again_FC = solve(rig_of(take), take.source.file_to_world_33, xyz_FPD, where_FP)
    assert np.abs(motion(take, again_FC) - xyz_FPD).max() < 1e-6


def test_a_twist_bone_is_marked_with_its_joint(take: Recording) -> None:
    def with_(name: str) -> set[str]:
        return {take.points[p] for p in np.flatnonzero(expand_marks(rig_of(take), region(take, name))[GAP.start])}

    assert with_("calf_l") == {"calf_l", "calf_twist_l", "calf_twist_l_end"}
    assert with_("lowerarm_twist_r") == {"lowerarm_r", "lowerarm_twist_r", "lowerarm_twist_r_end"}
    assert with_("hand_l") == {"hand_l", "hand_l_end"}


@pytest.mark.parametrize("names", [("calf_l",), ("lowerarm_r",), ("calf_l", "foot_l", "lowerarm_l", "hand_l"), ("head",), ("root",)])
def test_the_written_file_has_the_fill_and_every_measured_joint(take: Recording, names: tuple[str, ...], tmp_path: Path) -> None:
    marked = mark(take, expand_marks(rig_of(take), region(take, *names))).apply(take)[0]
    after = mpm.complete(marked, method="spline")
    mpm.write(after, tmp_path / "out.bvh")
    found = check_export(marked, after, tmp_path / "out.bvh").found
    assert (
        isinstance(found, Comparison) and found.holds and found.moved_max_mm < 2e-3
    )  # the file has six decimals of a centimetre and of a degree
    again = bvh.read(tmp_path / "out.bvh", unit="cm", up="y")
    filled_FP = after.origin_FP == Origin.FILLED
    assert filled_FP.sum() == (marked.origin_FP == Origin.MARKED).sum()
    assert np.abs(again.xyz_FPD - after.xyz_FPD)[filled_FP].max() < 5e-6
