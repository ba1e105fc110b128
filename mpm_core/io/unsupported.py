"""Formats that are known and not read: each with its name, and a format to export instead."""

from __future__ import annotations

import re
from pathlib import Path

from mpm_core.errors import FormatError

BLENDER = "open it in Blender (free) and export glTF (.glb) or BVH"
DETECTOR = "run a keypoint detector such as OpenPose on it first"
POSITIONS = "export the positions of markers as TRC or C3D"
HTR = ("a Motion Analysis HTR of segments' rotations", "import it in MotionBuilder and export BVH, or export TRC or C3D from Cortex")
STORAGE = ("an OpenSim storage of coordinates or forces, not of positions", POSITIONS)
PICKLE = ("a Python pickle", "to open one may run any code; save its arrays with numpy.savez (docs/npz.md), or as CSV")
VIDEO = ("a video", DETECTOR)
SHEET = ("a spreadsheet", "save it as CSV")
SIGNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(sign, re.DOTALL), name, hint)
    for sign, name, hint in (
        (rb"Kaydara FBX Binary", "FBX (binary)", BLENDER),
        (rb"; FBX", "FBX (text)", BLENDER),
        (rb"MATLAB \d", "MATLAB", "export TSV or C3D"),
        (rb"%PDF", "PDF", "give the motion file itself"),
        (rb"<\?xml[^\0]*<OpenSimDocument", "an OpenSim model or set-up", POSITIONS),
        (rb"<\?xml[^\0]*<mvnx", "MVNX of Xsens", "export C3D or BVH from MVN Analyze"),
        (rb"<\?xml", "XML (Collada and others)", "export C3D, BVH or glTF from the program it came from"),
        (rb"\s*\[Header\][^\0]*FileType\s+[hg]tr", *HTR),
        (rb"[^\0]*(version|nRows|inDegrees|DataType)\s*=[^\0]*\bendheader\b", *STORAGE),
        (rb"\x80[\x02-\x05][}\]()cq\x95].*", *PICKLE),
    )
)
ENDINGS: dict[str, tuple[str, str]] = {
    ".asf": ("the skeleton of an ASF/AMC pair", "open the .amc beside it"),
    ".tak": ("a Motive take", "export C3D or CSV from Motive"),
    ".qtm": ("a Qualisys measurement", "export C3D or TSV from QTM"),
    ".x1d": ("raw camera data of Vicon", "reconstruct it in Nexus and export C3D"),
    ".x2d": ("raw camera data of Vicon", "reconstruct it in Nexus and export C3D"),
    ".mvn": ("a recording of Xsens MVN", "export C3D or BVH from MVN Analyze"),
    ".trb": ("a binary file of Motion Analysis", "export TRC or C3D from Cortex"),
    ".htr": HTR,
    ".mot": STORAGE,
    ".sto": STORAGE,
    ".b3d": ("an AddBiomechanics subject", "save its positions as NPZ (docs/npz.md), or take the TRC files it was made from"),
    ".fbx": ("FBX", BLENDER),
    ".usdz": ("a USD package", "unpack it: it is a zip file, with a .usdc or .usda inside"),
    ".pkl": PICKLE,
    ".pickle": PICKLE,
    **dict.fromkeys((".xlsx", ".xls", ".ods"), SHEET),
    **dict.fromkeys((".mp4", ".avi", ".mov", ".mkv", ".webm"), VIDEO),
}


def refuse_by_content(path: Path, head: bytes) -> None:
    """Raises FormatError, saying what to do instead, when a file begins as one of these formats does; else returns."""
    for sign, name, hint in SIGNS:
        if sign.match(head):
            raise _refused(name, hint, path)


def refuse_by_name(path: Path) -> None:
    """Raises FormatError, saying what to do instead, when a file that is nothing else has one of these endings; else returns."""
    found = ENDINGS.get(path.suffix.lower())
    if found is not None:
        raise _refused(*found, path)


def _refused(name: str, hint: str, path: Path) -> FormatError:
    return FormatError(f"this is {name}, which is not read", where=str(path), hint=hint)
