"""UI-PRMD: rehabilitation exercises, 39 Plug-in Gait markers, from the published text files of Vicon positions.

A row is a frame: 39 markers x 3 numbers in millimetres, Z up, 100 Hz; 0, 0, 0 where a marker was not seen. A file's name gives movement,
subject and episode: m01_s02_e03_positions.txt, and _inc for one that was performed incorrectly.
A. Vakanski et al., "A Data Set of Human Body Movements for Physical Rehabilitation Exercises", Data 3(1):2, 2018.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mpm_core.body.mapping import map_body
from mpm_core.errors import FormatError, reason
from mpm_core.recording import Source, make_recording
from mpm_core.typing import Float32
from mpm_train.data.datasets import Owner
from mpm_train.data.motion_files import take_of
from mpm_train.data.rules import FileOptions
from mpm_train.data.take import Take, known_set

FILE = re.compile(r"m(?P<movement>\d{2})_s(?P<subject>\d{2})_e\d{2}_positions(_inc)?\.txt", re.IGNORECASE)
RATE_HZ = 100.0
MM = 0.001
MARKERS = (  # in the order of the columns
    *("LFHD", "RFHD", "LBHD", "RBHD", "C7", "T10", "CLAV", "STRN", "RBAK"),
    *("LSHO", "LUPA", "LELB", "LFRM", "LWRA", "LWRB", "LFIN"),
    *("RSHO", "RUPA", "RELB", "RFRM", "RWRA", "RWRB", "RFIN"),
    *("LASI", "RASI", "LPSI", "RPSI", "LTHI", "LKNE", "LTIB", "LANK", "LHEE", "LTOE"),
    *("RTHI", "RKNE", "RTIB", "RANK", "RHEE", "RTOE"),
)


def read_markers(path: Path) -> Float32:
    """(F, 39, 3) the positions of a file, metres; NaN = not seen. Raises FormatError for another layout."""
    try:
        mm_FC = np.loadtxt(path, delimiter=",", ndmin=2)
    except (ValueError, OSError) as error:
        raise FormatError(
            f"it is not a table of numbers ({reason(error)})", where=str(path), hint="copy it again from its source"
        ) from error
    if mm_FC.shape[1] != 3 * len(MARKERS) or not len(mm_FC):
        raise FormatError(
            f"it has {mm_FC.shape[1]} columns and {len(mm_FC)} rows",
            where=str(path),
            hint=f"UI-PRMD's positions have {3 * len(MARKERS)} columns, {len(MARKERS)} markers",
        )
    xyz_FM3 = MM * mm_FC.reshape(len(mm_FC), len(MARKERS), 3)
    unseen_FM = (xyz_FM3 == 0).all(axis=2) | ~np.isfinite(xyz_FM3).all(axis=2)
    xyz_FM3[unseen_FM] = np.nan
    return xyz_FM3.astype(np.float32)


def read(path: Path, options: FileOptions) -> Iterator[Take]:
    """The one take of a file. Raises FormatError for another layout, DataError where a joint is never known."""
    named = FILE.fullmatch(path.name)
    if named is None:
        raise FormatError(
            "the name is not that of a file of positions of UI-PRMD", where=str(path), hint="such as m01_s02_e03_positions.txt"
        )
    rate_hz = RATE_HZ if options.fps is None else options.fps
    rate_by = known_set("UI-PRMD") if options.fps is None else options.given_by("fps")
    rec = make_recording(MARKERS, rate_hz, read_markers(path), source=Source(str(path), "ui-prmd", "mm", "z"))
    owner = Owner("UI-PRMD", f"ui-prmd-s{named['subject']}")
    yield take_of(rec, map_body(rec), path, owner, rate_hz, rate_by, ())
