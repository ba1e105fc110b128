"""A model file whose bytes changed is called damaged instead of used."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mpm_core.errors import ModelError
from mpm_core.model.build import build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.checksum import checksum
from mpm_core.model.config import ModelConfig


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "model.safetensors"
    save_model(build(ModelConfig("lift", 9, channels=8, hidden=12, layers=1, heads=2)), {"step": 3}, path)
    return path


def test_a_whole_file_is_read(model: Path) -> None:
    assert load_model(model).facts == {"step": 3}


@pytest.mark.parametrize("where", ["weights", "facts"])
def test_a_changed_byte_is_damage(model: Path, where: str) -> None:
    data = bytearray(model.read_bytes())
    at = len(data) - 5 if where == "weights" else data.index(b'step\\": 3') + 8
    data[at] ^= 1
    model.write_bytes(data)
    with pytest.raises(ModelError, match="damaged: its checksum differs") as caught:
        load_model(model)
    assert caught.value.where == str(model)


def test_files_from_before_checksums_are_read(model: Path) -> None:
    from safetensors import safe_open

    with safe_open(str(model), framework="pt") as file:
        header = {name: text for name, text in file.metadata().items() if name != "checksum"}
    save_file(load_file(model), str(model), header)
    assert load_model(model).facts == {"step": 3}


def test_order_does_not_matter_but_names_shapes_and_types_do() -> None:
    tensors = {"a": torch.zeros(2, 3), "b": torch.tensor(1)}
    same = checksum(tensors)
    assert same == checksum(dict(reversed(tensors.items())))
    others = [
        {"a": tensors["a"]},
        tensors | {"a": torch.zeros(3, 2)},
        tensors | {"a": torch.zeros(2, 3).int()},
        {"a": tensors["b"], "b": tensors["a"]},
    ]
    assert same not in {checksum(other) for other in others}
    assert checksum(tensors, "text") not in {same, checksum(tensors, "tex", "t")}
