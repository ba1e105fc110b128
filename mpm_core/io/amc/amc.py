"""Acclaim ASF/AMC in: a skeleton (.asf) and its motion (.amc). F frames, B bones, P points.

A point sits at the START of its bone ("ltibia" is the left knee, as in a BVH); a chain's last bone adds "<bone>_end".
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.errors import DAMAGED, FormatError
from mpm_core.io.amc.motion import read_head, read_motion
from mpm_core.io.amc.skeleton import INCH_M, Bone, read_skeleton
from mpm_core.io.conventions import world_33
from mpm_core.io.plausible import LARGEST_CHANNEL
from mpm_core.io.tables.text import unended
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.skeleton import Skeleton
from mpm_core.typing import Float

DEFAULT_RATE_HZ = 120.0
AXES = {"rx": 0, "ry": 1, "rz": 2, "tx": 0, "ty": 1, "tz": 2}


def sniff(path: Path, head: bytes) -> bool:
    return path.suffix.lower() == ".amc" or (b":FULLY-SPECIFIED" in head.upper() and b":DEGREES" in head.upper())


def read(path: Path, *, asf: Path | None = None, unit: str | None = None, up: str | None = None, fps: float | None = None) -> Recording:
    """Read an .amc with the .asf beside it (or the one given). Most AMC files state no frame rate: 120 Hz unless they do or `fps` is given.

    The unit is the .asf's, Y is up; unit ('cm', 'm', ...) and up overrule. Raises FormatError with the line of what is wrong.
    """
    asf = _asf_beside(path) if asf is None else asf
    bones, unit_m = read_skeleton(asf)
    to_world_33 = world_33("m" if unit is None else unit, "y" if up is None else up, str(path)) * (unit_m if unit is None else 1.0)
    head = read_head(path)
    values, numbered = read_motion(path, {bone.name: len(bone.dof) for bone in bones})
    try:
        starts_FB3, ends_FB3 = _pose(bones, values, head.degrees)
    except ValueError as error:  # what no rotation can be made of
        raise FormatError("the skeleton's axes are not rotations", where=str(asf), hint="copy it again from its source") from error
    tips = [index for index in range(len(bones)) if index and not any(bone.parent == index for bone in bones)]
    xyz_FPD = np.concatenate([starts_FB3, ends_FB3[:, tips]], axis=1)
    angles_too_large = any((np.abs(value) >= LARGEST_CHANNEL).any() for value in values.values())
    if angles_too_large or not np.isfinite(xyz_FPD).all():
        raise FormatError("the skeleton's axes or the motion hold numbers too large for one", where=str(path), hint=DAMAGED)
    names = tuple(bone.name for bone in bones) + tuple(f"{bones[tip].name}_end" for tip in tips)
    parents = tuple(bone.parent for bone in bones) + tuple(tips)
    notes = [f"skeleton from {asf.name}"]
    notes += [f"{what}: {value} (as asked)" for what, value in (("unit", unit), ("up", up)) if value is not None]
    still = sum(bool(bone.dof) and bone.name not in values for bone in bones)
    notes += [f"{still} bones that can turn are not in the motion and stay as in the skeleton"] if still else []
    notes += [*numbered, *unended(path.read_bytes())]
    stated_hz = DEFAULT_RATE_HZ if head.rate_hz is None else head.rate_hz
    rate_hz = stated_hz if fps is None else fps
    if fps is None and head.rate_hz is None:
        notes.append(f"frame rate taken as {DEFAULT_RATE_HZ:g} Hz: the file states none")
    source = Source(
        path=str(path),
        format="amc",
        unit=f"{unit_m / INCH_M:.4g} inch" if unit is None else unit,
        up="y" if up is None else up,
        file_to_world_33=to_world_33,
        notes=tuple(notes),
    )
    return make_recording(names, rate_hz, xyz_FPD @ to_world_33.T, skeleton=Skeleton(asf.stem, names, parents), source=source)


def _asf_beside(path: Path) -> Path:
    same = path.with_suffix(".asf")
    found = (
        [same] if same.is_file() else [each for ending in ("*.asf", "*.ASF") for each in sorted(path.parent.glob(ending)) if each.is_file()]
    )
    if len(found) != 1:
        problem = "there is no .asf skeleton" if not found else f"there are {len(found)} .asf skeletons"
        raise FormatError(
            f"{problem} beside this motion file",
            where=str(path),
            hint="put its one .asf into the same folder, or give it with the option asf",
        )
    return found[0]


def _pose(bones: list[Bone], values: dict[str, Float], degrees: bool) -> tuple[Float, Float]:
    """Start and end of each bone, (F, B, 3) file units. degrees: of the motion; else radians."""
    F = len(next(iter(values.values())))
    starts_FB3, ends_FB3 = np.zeros((F, len(bones), 3)), np.zeros((F, len(bones), 3))
    rotations: list[Rotation] = []
    for index, bone in enumerate(bones):
        angles_F3, shift_F3 = np.zeros((F, 3)), np.zeros((F, 3))
        for column, channel in enumerate(bone.dof):
            if channel not in AXES:
                continue  # a bone's stretch ("l"): not used by any known motion
            target = angles_F3 if channel[0] == "r" else shift_F3
            target[:, AXES[channel]] = values[bone.name][:, column] if bone.name in values else 0.0
        own = bone.axis * Rotation.from_euler("xyz", angles_F3, degrees=degrees) * bone.axis.inv()
        if bone.parent < 0:
            rotations.append(own)
            starts_FB3[:, index] = ends_FB3[:, index] = shift_F3
        else:
            rotations.append(rotations[bone.parent] * own)
            starts_FB3[:, index] = ends_FB3[:, bone.parent]
            ends_FB3[:, index] = starts_FB3[:, index] + rotations[index].apply(bone.direction_3)
    return starts_FB3, ends_FB3
