"""Formats that are known and not read: each with its name, and a format to export instead."""

from __future__ import annotations

from pathlib import Path

from mpm_core.errors import FormatError

BLENDER = "open it in Blender (free) and export glTF (.glb) or BVH"
SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"Kaydara FBX Binary", "FBX (binary)", BLENDER),
    (b"; FBX", "FBX (text)", BLENDER),
    (b"MATLAB 5.0 MAT-file", "MATLAB", "export TSV or C3D"),
    (b"%PDF", "PDF", "give the motion file itself"),
    (b"<?xml", "XML (MVNX, Collada and others)", "export C3D, BVH or glTF from the program it came from"),
)
ENDINGS: dict[str, tuple[str, str]] = {
    ".asf": ("the skeleton of an ASF/AMC pair", "open the .amc beside it"),
    ".tak": ("a Motive take", "export C3D or CSV from Motive"),
    ".qtm": ("a Qualisys measurement", "export C3D or TSV from QTM"),
    ".mot": ("an OpenSim motion of joint angles", "export TRC or C3D"),
    ".fbx": ("FBX", BLENDER),
    ".usdz": ("a USD package", "unpack it: it is a zip file, with a .usdc or .usda inside"),
    ".mp4": ("a video", "run a keypoint detector such as OpenPose on it first"),
    ".avi": ("a video", "run a keypoint detector such as OpenPose on it first"),
}


def refuse_by_name(path: Path, head: bytes) -> None:
    """Raises FormatError, saying what to do instead, when the file is of one of these formats; else returns."""
    found = next(((name, hint) for sign, name, hint in SIGNS if head.startswith(sign)), ENDINGS.get(path.suffix.lower()))
    if found is not None:
        raise FormatError(f"this is {found[0]}, which is not read", where=str(path), hint=found[1])
