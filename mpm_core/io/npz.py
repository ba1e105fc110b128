"""NPZ in and out: one recording as named NumPy arrays, nothing pickled. The layout is docs/npz.md's. F frames, P points, D = 3 or 2."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.counted import counted
from mpm_core.errors import DataError, FormatError
from mpm_core.files.atomic import atomic_write
from mpm_core.io.annotations import MEMBERS, as_arrays, of_arrays
from mpm_core.io.conventions import ASSUMED_RATE_HZ, find_unit
from mpm_core.io.keypoints.arrays import as_pixels
from mpm_core.io.keypoints.point_sets import names_of
from mpm_core.io.zip_members import ZIP_MAGIC, member_names, open_archive, read_array, write_array
from mpm_core.recording import Origin, Recording, Source, make_recording
from mpm_core.samples import SAMPLE_FIELDS
from mpm_core.skeleton import skeleton_of
from mpm_core.typing import Float

LAYOUT = "see docs/npz.md for the layout"
ABOUT = ("points", "rate_hz", "xy", "first_frame", "image_wh")  # beside the per-sample arrays


def sniff(path: Path, head: bytes) -> bool:
    return head.startswith(ZIP_MAGIC) and (path.suffix.lower() == ".npz" or bool({"xyz.npy", "xy.npy"} & member_names(path)))


def read(path: Path, *, fps: float | None = None, points: str | None = None) -> Recording:
    """A take of the layout in docs/npz.md, of which only xyz or xy must be there.

    Without names, points take those of the keypoint set that they lie as, or that `points` says, else P1, P2, ...; without a rate, 30 Hz
    unless `fps` says; both are noted. Raises FormatError when the file is damaged or too large, when its arrays contradict each other, and
    when xyz holds pixels; DataError for `points` where the file has names.
    """
    arrays = _arrays(path)
    D = 3 if "xyz" in arrays else 2
    xyz_FPD, notes = _positions(arrays, D, path)
    rate_hz = fps if fps is not None else _scalar(arrays, "rate_hz", path)
    if rate_hz is None:
        rate_hz = ASSUMED_RATE_HZ
        notes.append(f"frame rate taken as {rate_hz:g} Hz: the file has no rate_hz")
    if "points" in arrays and points is not None:
        raise DataError("--points does not apply: the file names its points", where=str(path), hint="leave --points away")
    if "points" in arrays:
        names = _names(arrays["points"], path)
    else:
        names, note = names_of(xyz_FPD, str(path), points)
        notes.append(note)
    first_frame = _scalar(arrays, "first_frame", path)
    if first_frame is not None and first_frame != int(first_frame):
        raise FormatError(f"first_frame is {first_frame:g}", where=str(path), hint="it must be a whole number; see docs/npz.md")
    source = Source(
        path=str(path),
        format="npz",
        unit="m" if D == 3 else "px",
        up="z",
        file_to_world_33=np.eye(3),
        first_frame=1 if first_frame is None else int(first_frame),
        image_wh=_image_wh(arrays, path),
        notes=tuple(notes),
    )
    try:
        rec = make_recording(names, rate_hz, xyz_FPD, source=source)
        return _with_stated(rec, arrays)
    except DataError as error:
        raise FormatError(error.what, where=str(path), hint=error.hint or LAYOUT) from error


def _positions(arrays: Mapping[str, NDArray[Any]], dims: int, path: Path) -> tuple[NDArray[Any], list[str]]:
    """(F, P, D) positions as the file has them, and notes."""
    name = _member("xyz", dims)
    xyz_FPD, notes = arrays[name], list[str]()
    if xyz_FPD.ndim != 3 or xyz_FPD.shape[2] != dims or xyz_FPD.dtype.kind not in "fiu":
        what = f"{name} is {xyz_FPD.shape} {xyz_FPD.dtype}, not (frames, points, {dims}) numbers"
        raise FormatError(what, where=str(path), hint=LAYOUT)
    if dims == 3 and "origin" not in arrays and xyz_FPD.size and as_pixels(xyz_FPD, str(path)) is not None:
        what = "xyz holds pixels and confidences, not positions"
        raise FormatError(what, where=str(path), hint="save xy (frames, points, 2) and confidence instead")
    if xyz_FPD.dtype.kind == "f" and (np.isfinite(xyz_FPD) & (np.abs(xyz_FPD) > np.finfo(np.float32).max)).any():
        raise FormatError("positions are too large for any", where=str(path), hint="the file is damaged, or holds something else")
    if np.isinf(xyz_FPD).any():
        notes.append(f"taken as missing: {counted(int(np.isinf(xyz_FPD).any(axis=2).sum()), 'sample')} at infinity")
    if dims == 3 and "origin" not in arrays:  # not written by this program, which writes metres
        notes += _note_unit(np.where(np.isfinite(xyz_FPD), xyz_FPD, np.nan).astype(np.float64))
    if xyz_FPD.dtype != np.float32:
        notes.append(f"{xyz_FPD.dtype} positions were rounded to float32")
    return xyz_FPD, notes


def _note_unit(xyz_FP3: Float) -> list[str]:
    """A note where the positions spread as those of people in another unit do."""
    likely, _ = find_unit("", xyz_FP3)
    return [f"positions of this layout are metres; by their size these look like {likely}"] if find_unit("m", xyz_FP3)[1] else []


def write(rec: Recording, path: Path) -> None:
    """Write everything of the layout; what is read back equals it bit for bit. Raises FormatError when the file cannot be written."""
    arrays: dict[str, NDArray[Any]] = {
        "points": np.array(rec.points, dtype=np.str_),
        "rate_hz": np.array(rec.rate_hz, np.float64),
        **{_member(name, rec.dims): array for name, array in rec.samples.arrays.items()},
        "first_frame": np.array(rec.source.first_frame, np.int64),
    }
    if rec.source.image_wh is not None:
        arrays["image_wh"] = np.array(rec.source.image_wh, np.int64)
    arrays |= as_arrays(rec)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            write_array(archive, f"{name}.npy", array)


def _member(name: str, dims: int) -> str:
    """What a per-sample array is called in the file."""
    return "xy" if name == "xyz" and dims == 2 else name


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with open_archive(path) as archive:
        members = archive.namelist()
        if not {"xyz.npy", "xy.npy"} & set(members):
            listed = ", ".join(name.removesuffix(".npy") for name in members[:8]) or "nothing"
            raise FormatError(f"there is neither xyz nor xy in the file, only {listed}", where=str(path), hint="see docs/npz.md")
        return {
            name: read_array(archive, f"{name}.npy", str(path)) for name in (*ABOUT, *SAMPLE_FIELDS, *MEMBERS) if f"{name}.npy" in members
        }


def _scalar(arrays: dict[str, NDArray[Any]], name: str, path: Path) -> float | None:
    if name not in arrays:
        return None
    array = arrays[name]
    if array.size != 1 or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise FormatError(f"{name} must be one finite number, not {array.shape} {array.dtype}", where=str(path), hint=LAYOUT)
    return float(array.reshape(())[()])


def _names(names: NDArray[Any], path: Path) -> tuple[str, ...]:
    if names.ndim != 1 or names.dtype.kind not in "US":
        raise FormatError(f"points must be a list of names, not {names.shape} {names.dtype}", where=str(path), hint=LAYOUT)
    return tuple(name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names.tolist())


def _image_wh(arrays: dict[str, NDArray[Any]], path: Path) -> tuple[int, int] | None:
    if "image_wh" not in arrays:
        return None
    wh = arrays["image_wh"]
    if wh.shape != (2,) or wh.dtype.kind not in "iu" or (wh <= 0).any():
        raise FormatError("image_wh must be width and height in pixels", where=str(path), hint=LAYOUT)
    return int(wh[0]), int(wh[1])


def _with_stated(rec: Recording, arrays: dict[str, NDArray[Any]]) -> Recording:
    """The recording with per-sample arrays, spans and subjects as the file states them; positions keep every bit, NaN included."""
    stated: dict[str, Any] = {}
    for name, each in SAMPLE_FIELDS.items():
        array = arrays.get(_member(name, rec.dims))
        if array is None or (name == "xyz" and "origin" not in arrays):
            continue
        if array.dtype.kind not in ("fiu" if each.per_axis else "iu" if np.issubdtype(each.dtype, np.integer) else "f"):
            raise DataError(f"{name} must not be {array.dtype}")
        if name == "origin" and not np.isin(array, [int(value) for value in Origin]).all():
            raise DataError("origin holds something else than " + ", ".join(f"{value.value} {value.name.lower()}" for value in Origin))
        stated[each.attribute] = array.astype(each.dtype)
    stated["spans"], stated["subjects"] = of_arrays(arrays, rec.points)
    return replace(rec, **stated, skeleton=skeleton_of(rec.points))
