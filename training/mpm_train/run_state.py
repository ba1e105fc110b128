"""A run's folder: whose it is, and the state that a stopped run goes on from, to the bit."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from mpm_core.errors import DataError, ModelError
from mpm_core.files.atomic import write_bytes
from mpm_core.model.build import AnyNetwork
from mpm_core.model.checkpoint import load_model
from mpm_core.model.config import ModelConfig
from mpm_train.config import TrainConfig
from mpm_train.settings import config_from

PLACES = {"position": 0, "near": 1}  # weights of which there is one for each frame, or for each distance of two, along this axis
EMBED = "embed.weight"
FREE = ("workers",)  # settings that may change between two sittings of a run: they decide no number


def claim(out: Path, config: TrainConfig, processes: int) -> None:
    """Write the run's settings, or compare with those that are there. Raises DataError when the folder holds another run."""
    path = out / "config.json"
    settings = {name: value for name, value in asdict(config).items() if name not in FREE} | {"processes": processes}
    if path.is_file() and (differ := differences(written(path), settings)):
        raise DataError(
            f"this folder holds a run with other settings ({', '.join(differ)})", where=str(out), hint="name another --out, or delete it"
        )
    write_bytes(path, json.dumps(settings, indent=1, sort_keys=True).encode())


def written(path: Path) -> dict[str, Any]:
    """The settings in a run's folder; those that did not exist yet when it began have their defaults. Raises DataError when damaged."""
    try:
        there: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return asdict(config_from(there, ModelConfig(**there["model"]))) | {"processes": there.get("processes", 1)}
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(f"the run's settings cannot be read ({error})", where=str(path), hint="name another --out, or delete it") from error


def differences(there: dict[str, Any], here: dict[str, Any], prefix: str = "") -> list[str]:
    """The settings that have another value there, by name."""
    found = []
    for name, value in here.items():
        if isinstance(value, dict) and isinstance(there.get(name), dict):
            found += differences(there[name], value, f"{prefix}{name}.")
        elif json.dumps(there.get(name)) != json.dumps(value):
            found.append(prefix + name)
    return found


def start_from(network: AnyNetwork, path: Path) -> None:
    """Take over every weight whose name and shape fit; a longer window's places of frames begin as a shorter one's, in its middle.
    The weights of features that the given network does not have are 0.

    Raises ModelError when the shared layers do not fit.
    """
    given = load_model(path).network.state_dict()
    own = network.state_dict()
    for name, axis in PLACES.items():
        if name in given and name in own and given[name].shape[axis] < own[name].shape[axis]:
            given[name] = _stretched(given[name], own[name].shape[axis], axis)
    if EMBED in given and EMBED in own and (more := own[EMBED].shape[1] - given[EMBED].shape[1]) > 0:
        given[EMBED] = nn.functional.pad(given[EMBED], (0, more))
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not all(name in fitting for name in own if name.startswith(("spatial", "temporal"))):
        raise ModelError("its shared layers do not fit this network", where=str(path), hint="was it trained with other sizes?")
    network.load_state_dict({**own, **fitting})


def _stretched(places: Tensor, length: int, axis: int) -> Tensor:
    """The first and the last place stand for all beyond them."""
    short = places.shape[axis]
    return places.index_select(axis, (torch.arange(length) - (length - short) // 2).clamp(0, short - 1))


def save_state(path: Path, network: AnyNetwork, average: AnyNetwork, optimizer: torch.optim.Optimizer, step: int) -> None:
    tensors: dict[str, Tensor] = {"step": torch.tensor(step)}
    tensors |= {f"network/{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in average.state_dict().items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in moments.items()}
    write_bytes(path, save({name: value.contiguous() for name, value in tensors.items()}))


def restore(path: Path, network: AnyNetwork, average: AnyNetwork, optimizer: torch.optim.Optimizer) -> int:
    """Bring a stopped run back; the step to go on with. Raises ModelError when the file is damaged."""
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"the run's state cannot be read ({error})", where=str(path), hint="delete it to start the run again") from error
    for part, name in ((network, "network/"), (average, "average/")):
        part.load_state_dict({key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)})
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer/"):
            _, index, name = key.split("/")
            moments.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(tensors["step"])
