"""The arrays of an .npz whose members may hold dictionaries and lists of arrays, as published pose sets do; nothing is unpickled."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DAMAGED, FormatError
from mpm_core.io import plain_pickle
from mpm_core.io.zip_members import open_archive, read_array, read_array_header, read_member
from mpm_core.typing import Float32


def members(path: Path) -> tuple[str, ...]:
    """Names of the arrays. Raises FormatError when the file is not an archive."""
    with open_archive(path) as archive:
        return tuple(name.removesuffix(".npy") for name in archive.namelist())


def load(path: Path, name: str) -> Any:
    """One member: an array, or the plain data that an object array holds (itself where it has no dimensions). Raises FormatError."""
    with open_archive(path) as archive:
        data = read_member(archive, f"{name}.npy", str(path))
        stream = io.BytesIO(data)
        try:
            dtype = read_array_header(stream)[1]
        except (ValueError, SyntaxError, TypeError, RecursionError, EOFError) as error:
            raise FormatError(f"{name} is not an array", where=str(path), hint=DAMAGED) from error
        if not dtype.hasobject:
            return read_array(archive, f"{name}.npy", str(path))
    value = plain_pickle.loads(data[stream.tell() :], f"{path}, {name}")
    return value.item() if getattr(value, "shape", None) == () else value


def joints_of(value: Any, cell: tuple[int, int], where: str) -> Float32:
    """(F, *cell) finite positions out of a loaded member, at least one frame. Raises FormatError for anything else."""
    if not isinstance(value, np.ndarray) or value.shape[1:] != cell or value.dtype.kind != "f" or not len(value):
        found = f"{value.shape} {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
        raise FormatError(
            f"positions are {found}, not (frames, {cell[0]}, {cell[1]}) numbers", where=where, hint="is it the public layout?"
        )
    if not np.isfinite(value).all():
        raise FormatError("some positions are not numbers", where=where, hint=DAMAGED)
    return value.astype(np.float32)
