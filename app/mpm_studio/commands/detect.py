"""`mpm-studio detect`: a video in, the keypoints of one person out."""

from __future__ import annotations

import time

import numpy as np

import mpm_core as mpm
from mpm_core.files.staged import staged
from mpm_studio.commands.arguments import Detect
from mpm_studio.commands.console import progress_bar, say
from mpm_studio.detect.model_files import load_models
from mpm_studio.detect.pose_detector import PoseDetector
from mpm_studio.operations.detecting import detect_person, point_names
from mpm_studio.operations.writable import check_early


def run(args: Detect) -> int:
    """Find the person and print a summary. Returns 0."""
    began = time.perf_counter()
    names = point_names()
    check_early(mpm.make_recording(names, 30.0, np.zeros((1, len(names), 2))), args.output, args.input, force=args.force)
    models = load_models(args.model)
    detector = PoseDetector(models)
    with progress_bar() as progress:
        rec = detect_person(args.input, detector.person, models.source, lambda: False, progress)
    with staged(args.output, keep_old=args.force) as path:
        mpm.write(rec, path)
    seconds = time.perf_counter() - began
    for note in rec.source.notes:
        say(note)
    say(f"wrote {args.output}: {rec.frames} frames of {len(names)} points at {rec.rate_hz:g} frames a second, in {seconds:.1f} s")
    return 0
