"""BVH, Biovision's hierarchy of joints with its motion. Read into metres, Z up; written so that what was not edited is the same text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mpm_core.body_rig.solve import body_points, solve_body
from mpm_core.errors import FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.files.read import read_bytes
from mpm_core.io.bvh.current_rig import current_rig
from mpm_core.io.bvh.parse import looks_like_bvh, parse
from mpm_core.io.bvh.position_channels import MEANINGS, settle
from mpm_core.io.bvh.units import AXES, METRES, decide_rate, decide_unit, decide_up, note_rate
from mpm_core.io.bvh.write import check_joint_names, composed, patched, rewritten, rounded
from mpm_core.io.plausible import LARGEST_CHANNEL, refuse_2d
from mpm_core.io.tables.text import unended
from mpm_core.recording import Origin, Recording, Source, make_recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.skeleton import Skeleton


def sniff(path: Path, head: bytes) -> bool:
    """True when the content opens a hierarchy, whatever the file's ending."""
    return looks_like_bvh(head)


def read(path: str | Path, *, unit: str | None = None, up: str | None = None, positions: str | None = None) -> Recording:
    """Every joint and End Site (`<parent>_end`) as a measured point, metres, Z up; the rig keeps offsets and channels as in the file.

    A BVH names neither its unit nor its up axis: they are inferred (see the source's notes) unless given: unit "m", "cm", "mm",
    "inch" or "inch x 0.45"; up "y", "z" or "x"; positions "replace" or "add", which is what position channels do to a joint's offset.
    Raises FormatError with line and hint for a file that cannot be read without guessing, DataError for an unknown unit, axis or meaning.
    """
    where = str(path)
    data = read_bytes(Path(path))
    parsed = settle(parse(data, where), positions)
    with np.errstate(over="ignore", invalid="ignore"):
        unit, unit_note = decide_unit(parsed.rig, unit)
        up, up_known, up_note = decide_up(parsed.rig, up)
        world_33 = METRES[unit] * AXES[up]
        xyz_FPD = world_joint_positions(parsed.rig, world_33).astype(np.float32)
    sound_F = np.isfinite(xyz_FPD).all(axis=(1, 2)) & (np.abs(parsed.rig.values_FC) < LARGEST_CHANNEL).all(axis=1)
    if not sound_F.all():
        frame = int(np.flatnonzero(~sound_F)[0]) + 1
        raise FormatError(
            f"frame {frame} holds numbers too large to be a motion",
            where=where,
            hint="the file is damaged there; copy it again from its source",
        )
    rate_hz = decide_rate(parsed.frame_time, parsed.frame_time_text)
    notes = (unit_note, up_note, *note_rate(rate_hz), *parsed.notes, *unended(data))
    source = Source(where, "bvh", unit, up, world_33, payload=data, notes=notes, up_known=up_known)
    skeleton = Skeleton(Path(where).stem, parsed.rig.names, parsed.rig.parents)
    return make_recording(parsed.rig.names, rate_hz, xyz_FPD, skeleton=skeleton, rig=parsed.rig, source=source)


def write(rec: Recording, path: str | Path) -> None:
    """Write a take as BVH. Raises FormatError when it holds what a BVH cannot: 2D, missing samples, joints without a hierarchy.

    With a rig: filled samples become rotations of the joints concerned (see rigs/solve.py); when the rig's own file is at hand all other
    text stays byte for byte. Without one: the 17 body joints, by name, on the body rig (body_rig/solve.py).
    """
    where = str(path)
    refuse_2d(rec, "a BVH", where)
    points = np.arange(len(rec.points)) if rec.rig is not None else body_points(rec)
    if points is None:
        hint = "a BVH needs a skeleton: --as-body makes one of a person's markers or joints; C3D, NPZ and CSV take any points"
        raise FormatError("there is no skeleton to write", where=where, hint=hint)
    if rec.frames == 0:
        raise FormatError("there are no frames to write", where=where, hint="open a take with frames")
    missing_P = (rec.origin_FP[:, points] == Origin.MISSING).any(axis=0)
    if missing_P.any():
        names = ", ".join(np.array(rec.points)[np.array(points)][missing_P][:5])
        raise FormatError(
            f"a BVH cannot hold missing samples, and some are missing: {names}",
            where=where,
            hint="complete or fill them first; those marked as wrong count as missing",
        )
    solved = rec if rec.rig is not None else solve_body(rec).recording
    assert solved.rig is not None
    write_bytes(path, _with_rig(solved, solved.rig, where))


def _with_rig(rec: Recording, rig: Rig, where: str) -> bytes:
    if rec.xyz_FPD.shape[:2] != (len(rig.values_FC), len(rig.names)):
        what = f"the take is {rec.frames} frames of {len(rec.points)} points, its rig {len(rig.values_FC)} of {len(rig.names)}"
        raise FormatError(what, where=where, hint="write C3D or NPZ, or undo the change of shape")
    now = current_rig(rec, rig)
    if not looks_like_bvh(rec.source.payload[:4096]):
        check_joint_names(rig, where)
        return composed(rounded(now), rec.rate_hz)
    solved_FC = now.values_FC != rig.values_FC
    now = replace(now, values_FC=np.where(solved_FC, rounded(now).values_FC, now.values_FC))  # the file's own numbers keep every bit
    plain = parse(rec.source.payload, rec.source.path)
    if plain.rig.names != rig.names:  # joints were renamed
        check_joint_names(rig, where)
        return composed(now, rec.rate_hz)
    settled = [settle(plain, meaning) for meaning in MEANINGS]
    parsed = next((each for each in settled if np.array_equal(each.rig.values_FC, rig.values_FC)), plain)
    same_motion = np.array_equal(parsed.rig.values_FC, rig.values_FC)
    if same_motion and decide_rate(parsed.frame_time, parsed.frame_time_text) == rec.rate_hz:
        return patched(rec.source.payload, parsed, now.values_FC)
    return rewritten(rec.source.payload, settle(plain, None), now.values_FC, rec.rate_hz)
