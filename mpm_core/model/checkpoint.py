"""Model files: safetensors with weights in half precision, the configuration, facts and a checksum in the header. Nothing is unpickled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from mpm_core.errors import ModelError
from mpm_core.files.atomic import write_bytes
from mpm_core.model.build import AnyNetwork, build
from mpm_core.model.checksum import checksum
from mpm_core.model.config import from_json, to_json
from mpm_core.resources import resource


@dataclass(frozen=True, slots=True)
class Model:
    """A network ready for prediction, and the facts in its file (data, licence, command, validation errors, calibration of sigma)."""

    network: AnyNetwork
    facts: dict[str, Any]
    path: str


def save_model(network: AnyNetwork, facts: dict[str, Any], path: Path) -> None:
    """Write a model file atomically."""
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous().cpu() for name, value in network.state_dict().items()
    }
    config, words = to_json(network.config), json.dumps(facts, sort_keys=True)
    write_bytes(path, save(weights, {"config": config, "facts": words, "checksum": checksum(weights, config, words)}))


def load_model(path: Path, device: str = "cpu") -> Model:
    """The model of a file. Raises ModelError when the file is missing, damaged or of another kind."""
    where = str(path)
    if not path.is_file():
        raise ModelError("there is no such model file", where=where, hint="train one with mpm-train, or leave --model out")
    try:
        with safe_open(where, framework="pt") as file:
            header = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise ModelError("this is not a whole safetensors file", where=where, hint="download or export it again") from error
    if "config" not in header:
        raise ModelError("this safetensors file holds no MPM network", where=where, hint="use a file written by mpm-train")
    if "checksum" in header and header["checksum"] != checksum(weights, header["config"], header.get("facts", "")):
        raise ModelError("this model file is damaged: its checksum differs", where=where, hint="download or export it again")
    network = build(from_json(header["config"]))
    try:
        network.load_state_dict({name: value.float() if value.is_floating_point() else value for name, value in weights.items()})
        facts: dict[str, Any] = json.loads(header.get("facts", "{}"))
    except (RuntimeError, ValueError) as error:
        raise ModelError("the weights do not fit the configuration in the file", where=where, hint="export it again") from error
    return Model(network.to(device).eval(), facts, where)


@lru_cache(maxsize=4)
def shipped_model(task: str, device: str = "cpu") -> Model:
    """The default model of a task ("complete" or "lift"). Raises ModelError when there is none."""
    return load_model(resource(f"models/{task}.safetensors"), device)


def choose_model(task: str, model: str | Path | Model | None, device: str) -> Model:
    """The model given, loaded if it is a file, or the default one; on the device given. Raises ModelError."""
    if isinstance(model, Model):
        return model
    device = pick_device(device)
    return shipped_model(task, device) if model is None else load_model(Path(model), device)


def pick_device(device: str = "auto") -> str:
    """The device; "auto" is CUDA, else MPS, else the CPU. Raises ModelError when it is not available."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    kind = device.split(":")[0]
    here = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not here.get(kind, False):
        raise ModelError(f"this machine has no device {device!r}", hint="use --device auto")
    return device
