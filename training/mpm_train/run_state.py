"""A run's folder: which run it belongs to, tensors taken over from another model, and the state from which it is resumed to the bit."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from mpm_core.errors import DataError, ModelError, reason
from mpm_core.files.atomic import write_bytes
from mpm_core.model.build import AnyNetwork
from mpm_core.model.checkpoint import load_model
from mpm_core.model.checksum import checksum
from mpm_train.config import TrainConfig
from mpm_train.data.contents import Contents
from mpm_train.history import History, StartedFrom, history_of
from mpm_train.saved_config import read_config

PLACES = {"position": 0, "near": 1}  # weights of which there is one for each frame, or for each distance of two, along this axis
EMBED = "embed.weight"
ADDED_BY_LAYER = re.compile(r"layers\.\d+\.(join|feed\.2)\.")  # what a layer of Temporal adds to what it is given; 0 = nothing
AGAIN = "delete it to start the run again"
FREE = ("workers",)  # settings that may change between two sittings of a run: they decide no number


def claim(out: Path, config: TrainConfig, processes: int, contents: Contents) -> None:
    """Write the run's settings and what its corpus holds, or compare with those that are there.

    Raises DataError when the folder holds another run, or the run began with another corpus.
    """
    path = out / "config.json"
    settings = {name: value for name, value in asdict(config).items() if name not in FREE} | {"processes": processes}
    if path.is_file():
        known, there = read_config(path), json.loads(path.read_text(encoding="utf-8"))
        if differ := differences(asdict(known) | {"processes": there.get("processes", 1)}, settings):
            what, hint = f"this folder holds a run with other settings ({', '.join(differ)})", "name another --out, or delete it"
            raise DataError(what, where=str(out), hint=hint)
        began = there.get("corpus", {}).get("hash", contents.hash)  # runs from before it was recorded cannot be compared
        if began != contents.hash:
            what = f"this run began with another corpus ({began[:12]}, not {contents.hash[:12]})"
            raise DataError(what, where=str(out), hint="name the --data it began with, or another --out")
    write_bytes(path, json.dumps(settings | {"corpus": asdict(contents)}, indent=1, sort_keys=True).encode())


def differences(there: dict[str, Any], here: dict[str, Any], prefix: str = "") -> list[str]:
    """The settings that have another value there, by name."""
    found = []
    for name, value in here.items():
        if isinstance(value, dict) and isinstance(there.get(name), dict):
            found += differences(there[name], value, f"{prefix}{name}.")
        elif json.dumps(there.get(name)) != json.dumps(value):
            found.append(prefix + name)
    return found


def start_from(network: AnyNetwork, path: Path) -> tuple[StartedFrom, History]:
    """Take over every weight whose name and shape fit; a longer window's places of frames begin as a shorter one's, in its middle.
    The weights of features that the given network does not have are 0; layers that it does not have begin by passing on what they are
    given. Returns what was taken over, and the given model's history.

    Raises ModelError when the shared layers do not fit.
    """
    model = load_model(path)
    given = model.network.state_dict()
    own, digest = network.state_dict(), checksum(given)
    for name, axis in PLACES.items():
        if name in given and name in own and given[name].shape[axis] < own[name].shape[axis]:
            given[name] = _stretched(given[name], own[name].shape[axis], axis)
    if EMBED in given and EMBED in own and (more := own[EMBED].shape[1] - given[EMBED].shape[1]) > 0:
        given[EMBED] = nn.functional.pad(given[EMBED], (0, more))
    fitting = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not all(name in fitting for name in own if name.startswith(("spatial", "temporal"))):
        raise ModelError("its shared layers do not fit this network", where=str(path), hint="was it trained with other sizes?")
    unchanging = {name: torch.zeros_like(value) for name, value in own.items() if name not in fitting and ADDED_BY_LAYER.match(name)}
    network.load_state_dict({**own, **fitting, **unchanging})
    left, new = (tuple(name for name in names if name not in fitting) for names in (given, own))
    return StartedFrom(str(path), digest, len(fitting), left, new), history_of(model.facts)


def step_of(best: Path) -> int:
    """The step whose weights the file of a run's best weights holds; 0 where there is none. Raises ModelError when it is damaged."""
    try:
        return int(load_model(best).facts["step"]) if best.is_file() else 0
    except (ModelError, KeyError) as error:
        hint = "delete it: the run then goes on, and keeps the best weights of what is to come"
        raise ModelError(f"the run's best weights cannot be read ({reason(error)})", where=str(best), hint=hint) from error


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
    write_bytes(path, save({name: value.contiguous() for name, value in tensors.items()}, {"checksum": checksum(tensors)}))


def restore(path: Path, network: AnyNetwork, average: AnyNetwork, optimizer: torch.optim.Optimizer) -> int:
    """Restore a stopped run; returns the next step. Raises ModelError when the file is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"the run's state cannot be read ({reason(error)})", where=str(path), hint=AGAIN) from error
    if "checksum" in header and header["checksum"] != checksum(tensors):
        raise ModelError("the run's state is damaged: its checksum differs", where=str(path), hint=AGAIN)
    for part, name in ((network, "network/"), (average, "average/")):
        part.load_state_dict({key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)})
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer/"):
            _, index, name = key.split("/")
            moments.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return int(tensors["step"])
