"""JSON from detectors, read with care: what is wrong is told by file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError

MAX_BYTES = 1 << 30


def load_json(path: Path) -> Any:
    """The value in a JSON file (UTF-8, a byte order mark is passed over). Raises FormatError naming file and line."""
    where = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FormatError(f"the file has {path.stat().st_size >> 20} MB", where=where, hint=f"at most {MAX_BYTES >> 20} MB are read")
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        what = f"this is not valid JSON: {error.msg}"
        raise FormatError(what, where=f"{where}, line {error.lineno}", hint="it was cut off, or written by two programs at once") from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"this is not UTF-8 text (byte {error.start})", where=where, hint="the file is damaged; copy it again from its source"
        ) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(
            f"this is not JSON that can be read ({error})", where=where, hint="the file is damaged; copy it again from its source"
        ) from error
    except OSError as error:
        raise FormatError(f"the file cannot be opened: {error.strerror}", where=where, hint="check its permissions") from error


def triples(values: Any, where: str) -> NDArray[np.float64]:
    """(K, 3) from a flat or nested list of x, y, confidence; not-a-number stays NaN. Raises FormatError for anything else."""
    flat = [item for value in values for item in value] if isinstance(values, list) and values and isinstance(values[0], list) else values
    if not isinstance(flat, list) or len(flat) % 3 or any(isinstance(item, bool) or not isinstance(item, int | float) for item in flat):
        raise FormatError(
            "keypoints are not a list of x, y, confidence numbers", where=where, hint="the file is damaged; copy it again from its source"
        )
    try:
        return np.array([float(item) for item in flat]).reshape(-1, 3)
    except OverflowError as error:
        raise FormatError(
            "a keypoint's number is too large", where=where, hint="the file is damaged; copy it again from its source"
        ) from error
