"""Arrays and bytes inside a zip, with care: no pickle, nothing larger than it may be, errors that name the member."""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from mpm_core.errors import DAMAGED, FormatError

ZIP_MAGIC = b"PK\x03\x04"  # how a zip that is not empty begins
MOST_BYTES = 4 << 30  # of all members, unpacked
SMALL_BYTES, MOST_RATIO = 80 << 20, 100  # beyond this size motion never packs this well: a file that claims so is made to fill the memory
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what else there is depends on the Python, and so do its errors
HEADER_BYTES = 1 << 16
MOST_CHARACTER = 0x10FFFF  # of Unicode; numpy keeps whatever four bytes a character has
LARGE_BYTES, CONSTANT_RATIO, SAMPLE_BYTES, SAMPLES = 4 << 20, 25, 1 << 15, 64


def write_member(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add bytes to an archive, the same file for the same bytes whenever it is made.

    Large members that pack too well are stored as they are: packed, the file would look like one made to fill the memory.
    """
    kind = zipfile.ZIP_STORED if _almost_constant(data) else zipfile.ZIP_DEFLATED
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, kind, 3)


def _almost_constant(data: bytes) -> bool:
    """Large, and by samples all along it so uniform that it would pack to next to nothing."""
    if len(data) < LARGE_BYTES:
        return False
    step = len(data) // SAMPLES
    some = b"".join(data[start : start + SAMPLE_BYTES] for start in range(0, step * SAMPLES, step))
    return len(zlib.compress(some, 1)) * CONSTANT_RATIO < len(some)


def write_array(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """Add an array as .npy. Raises ValueError for an array of objects."""
    buffer = io.BytesIO()
    npy.write_array(buffer, np.asarray(array), allow_pickle=False)
    write_member(archive, name, buffer.getvalue())


def member_names(path: Path) -> set[str]:
    """Names of a zip's members, to tell what file it is; none of a damaged one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return set()


def open_archive(path: Any) -> zipfile.ZipFile:
    """A zip whose declared members are fit to be read. Raises FormatError when it is damaged, encrypted, or unpacks to too much."""
    where = str(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise FormatError("the file is damaged", where=where, hint="copy or save it again") from error
    members = archive.infolist()
    total, packed = sum(member.file_size for member in members), sum(member.compress_size for member in members)
    names = [member.filename for member in members]
    problem, there = "", _size(archive)
    if packed > there:
        problem = f"the file's members claim {packed >> 20} MB of its {there >> 20} MB"
    elif total > MOST_BYTES or (total > SMALL_BYTES and total > MOST_RATIO * packed):
        problem = f"the file's {packed >> 20} MB claim to unpack to {total >> 20} MB"
    elif len(set(names)) != len(names):
        problem = "the file holds two members of one name"
    elif any(member.flag_bits & 1 for member in members):
        problem = "the file is encrypted"
    elif any(member.compress_type not in PACKED for member in members):
        problem = "the file is packed in a way that numpy's are not"
    else:
        problem = _misnamed(archive, members)
    if problem:
        archive.close()
        raise FormatError(problem, where=where, hint="it was not saved by this program; save it again from its source")
    return archive


def _size(archive: zipfile.ZipFile) -> int:
    """Bytes of the file itself."""
    assert archive.fp is not None
    return archive.fp.seek(0, io.SEEK_END)


def _misnamed(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> str:
    """What is wrong with the list of members, '' for nothing: each name is in a zip twice, and opening compares them."""
    for member in members:
        try:
            archive.open(member).close()
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
            return f"{member.filename!r} is damaged"
    return ""


def read_member(archive: zipfile.ZipFile, name: str, where: str) -> bytes:
    """A member's bytes, never more than its declared size, checksum verified. Raises FormatError."""
    try:
        size = archive.getinfo(name).file_size
        with archive.open(name) as file:
            data = file.read(size + 1)
    except KeyError as error:
        raise FormatError(
            f"{name} is not in the file", where=where, hint="the file is damaged or incomplete; copy it again from its source"
        ) from error
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise FormatError(f"{name} is damaged", where=where, hint="copy the file again") from error
    if len(data) != size:
        raise FormatError(f"{name} is not of the size it declares", where=where, hint="copy the file again")
    return data


def read_array(archive: zipfile.ZipFile, name: str, where: str) -> NDArray[Any]:
    """An .npy member. Raises FormatError when it is damaged, declares another size than it has, or holds Python objects."""
    return read_npy(read_member(archive, name, where), name, where)


def read_array_header(stream: io.BytesIO) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type of an .npy file's array; the stream is then at its values. Raises what numpy does for a damaged header."""
    read = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream, max_header_size=HEADER_BYTES)
    return shape, dtype


def read_npy(data: bytes, name: str, where: str) -> NDArray[Any]:
    """The array in the bytes of an .npy file. Raises FormatError as read_array does."""
    stream = io.BytesIO(data)
    try:
        shape, dtype = read_array_header(stream)
        if dtype.hasobject:
            raise FormatError(f"{name} holds Python objects, which are never loaded", where=where, hint="save plain numbers and text")
        if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
            raise FormatError(f"{name} declares {shape} {dtype} but holds another amount", where=where, hint="copy the file again")
        stream.seek(0)
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False, max_header_size=HEADER_BYTES)
    except (ValueError, SyntaxError, TypeError, OverflowError, MemoryError, RecursionError, EOFError, TokenError) as error:
        raise FormatError(f"{name} is not an array", where=where, hint=DAMAGED) from error
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "U" and array.nbytes and np.ascontiguousarray(array).view(np.uint32).max() > MOST_CHARACTER:
        raise FormatError(f"{name} holds text that is not Unicode", where=where, hint=DAMAGED)
    return array
