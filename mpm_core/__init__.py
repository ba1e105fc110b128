"""mpm_core: read, complete, lift and write motion capture. The public face is what this module exports.

import mpm_core as mpm
rec = mpm.read("take.c3d")
rec = mpm.complete(rec)
mpm.write(rec, "take_clean.c3d")
"""

from __future__ import annotations

from mpm_core.complete import CompleteOptions, complete, complete_patch, complete_with_left
from mpm_core.errors import Cancelled, DataError, FormatError, MappingError, ModelError, MpmError
from mpm_core.fill.keep.limits import Limits
from mpm_core.fill.to_patch import Completion
from mpm_core.gaps import Gap, Left, find_gaps, missing_share
from mpm_core.io.registry import read, write
from mpm_core.lift import lift
from mpm_core.recording import Origin, Recording, Source, make_recording
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from mpm_core.world_fit.options import LiftOptions

__all__ = [
    "Cancelled",
    "CompleteOptions",
    "Completion",
    "DataError",
    "FormatError",
    "Gap",
    "Left",
    "LiftOptions",
    "Limits",
    "MappingError",
    "ModelError",
    "MpmError",
    "Origin",
    "Recording",
    "Source",
    "Span",
    "Subject",
    "complete",
    "complete_patch",
    "complete_with_left",
    "find_gaps",
    "lift",
    "make_recording",
    "missing_share",
    "read",
    "write",
]
