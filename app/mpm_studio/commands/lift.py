"""`mpm-studio lift`: 2D keypoints in, 3D motion out."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.files.staged import staged
from mpm_core.io.registry import detect, open_options, writer_for
from mpm_core.lift import lift_take
from mpm_core.skeleton import load_skeleton
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.commands.arguments import Lift
from mpm_studio.commands.console import progress_bar, say
from mpm_studio.commands.read_options import parse_size
from mpm_studio.operations.skeletons import becomes_skeleton, in_words, write_skeletons
from mpm_studio.operations.writable import check_early
from mpm_studio.usage_error import UsageError


def run(args: Lift) -> int:
    """Lift the input and print a summary. Returns 0."""
    if args.raw is not None and args.raw.resolve() == args.output.resolve():
        raise UsageError("--raw needs a file of its own")
    if args.fps is not None and not (np.isfinite(args.fps) and args.fps > 0):
        raise UsageError(f"--fps {args.fps:g} is not a frame rate above 0")
    if args.height is not None and not 0.2 <= args.height <= 3.0:
        raise UsageError(f"--height {args.height:g} is not a height of a person in metres")
    size = parse_size(args.size) if args.size is not None else None
    options = LiftOptions(args.fps, size, args.height, args.focal, args.pitch, args.turn, args.roll, args.fill_absent, args.seated)
    began = time.perf_counter()
    known = open_options(detect(args.input))
    video = {"fps": args.fps, "image_wh": size}
    rec = mpm.read(args.input, points=args.points, person=args.person, **{name: video[name] for name in video if name in known})
    for note in rec.source.notes:
        say(note)
    check_early(_stand_in(rec), args.output, args.input, force=args.force)
    if args.raw is not None:
        check_early(_stand_in(rec), args.raw, args.input, force=args.force)
    with progress_bar() as progress:
        take = lift_take(rec, options, model=args.model, device=args.device, progress=progress)
    lifted = take.recording
    announced = write_lifted(lifted, args.output, keep_old=args.force)
    announced += write_lifted(take.raw, args.raw, keep_old=args.force) if args.raw is not None else []
    sigma_mm = lifted.sigma_FP[np.isfinite(lifted.sigma_FP)] * 1000
    sure = f", mean sigma {sigma_mm.mean():.0f} mm" if len(sigma_mm) else ""
    say(f"lifted {rec.frames} frames of {len(rec.points)} keypoints to {lifted.frames} frames of {len(lifted.points)} joints{sure}")
    for note in lifted.source.notes:
        say(f"  {note}")
    for line in announced:
        say(line)
    say(f"wrote {args.output} in {time.perf_counter() - began:.1f} s")
    return 0


def write_lifted(rec: mpm.Recording, out: Path, *, keep_old: bool) -> list[str]:
    """Write a take, as a skeleton to formats of rotations. Returns by how much that skeleton differs from the lifted joints, in words.

    Raises FormatError, which says how to have no missing frames where the format cannot hold them.
    """
    if becomes_skeleton(rec, writer_for(out)):
        absent = int((~rec.visible_FP.any(axis=1)).sum())
        if absent and writer_for(out).name == "bvh":
            hint = "--fill-absent fills the frames that show nobody, too; NPZ, C3D and GLB hold missing ones"
            raise mpm.FormatError(f"a BVH cannot leave out the {absent} frames that show nobody", where=str(out), hint=hint)
        return [line for written in write_skeletons(rec, out, keep_old=keep_old) for line in in_words(written)]
    with staged(out, keep_old=keep_old) as path:
        mpm.write(rec, path)
    return []


def _stand_in(rec: mpm.Recording) -> mpm.Recording:
    """A recording of the same kind as a lifted one, to try the writer with before the work: one frame of the 17 joints, at any places."""
    body = load_skeleton("body17")
    xyz_1J3 = np.random.default_rng(0).normal(size=(1, len(body.names), 3))
    return mpm.make_recording(body.names, rec.rate_hz, xyz_1J3, skeleton=body, source=mpm.Source(path=rec.source.path))
