"""A file's bytes, or an error that says what to do."""

from __future__ import annotations

from pathlib import Path

from mpm_core.errors import FormatError


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """All bytes of a file. Raises FormatError when it cannot be read, or has more than `most` bytes."""
    try:
        if most is not None and path.stat().st_size > most:
            what, hint = f"the file has {path.stat().st_size >> 20} MB", f"at most {most >> 20} MB are read"
            raise FormatError(what, where=str(path), hint=hint)
        return path.read_bytes()
    except OSError as error:
        what, hint = f"the file cannot be read: {error.strerror}", "check the path and its permissions"
        raise FormatError(what, where=str(path), hint=hint) from error


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """The text of bytes in an encoding, else in Latin-1, in which every byte is a letter."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return data.decode("latin-1")
