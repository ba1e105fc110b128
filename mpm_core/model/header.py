"""The header of a model file, read without torch and without the weights."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpm_core.errors import ModelError

MOST_BYTES = 16 << 20  # of a header


@dataclass(frozen=True, slots=True)
class ModelHeader:
    """task: what its network is for, 'complete' or 'lift'. config, facts: as in the file. size: of the file, bytes."""

    path: Path
    task: str
    config: dict[str, Any]
    facts: dict[str, Any]
    size: int


def read_header(path: Path) -> ModelHeader:
    """The header of a model file. Raises ModelError when there is none, or it is no file of an MPM network."""
    where = str(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            if length > min(MOST_BYTES, size - 8):
                raise ValueError("its header is longer than the file")
            metadata = json.loads(file.read(length))["__metadata__"]
        config, facts = json.loads(metadata["config"]), json.loads(metadata.get("facts", "{}"))
        if not (isinstance(config, dict) and isinstance(facts, dict)):
            raise TypeError("its header is of another form")
    except OSError as error:
        raise ModelError(f"the model file cannot be opened: {error.strerror}", where=where, hint="check the path") from error
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise ModelError("this file holds no MPM network", where=where, hint="use a .safetensors file written by mpm-train") from error
    return ModelHeader(path, {"repair": "complete"}.get(str(config.get("task")), str(config.get("task"))), config, facts, size)
