"""Half precision where the device has units for it, decided once for a run and recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mpm_core.model.checkpoint import load_model
from mpm_train import average, precision, processes, validation
from mpm_train.precision import has_bf16_units, uses_bf16
from mpm_train.run import train
from mpm_train.saved_config import trained_by
from tests.mpm_train.commands import tiny_config
from tests.mpm_train.corpus import make_corpus

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("units", "found"),
    [({"avx512_bf16": True}, True), ({"amx_bf16": True, "avx512_bf16": False}, True), ({"avx512_f": True}, False), ({}, False)],
)
def test_a_processor_without_units_is_left_in_full_precision(units: dict[str, bool], found: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units, raising=False)
    assert has_bf16_units(CPU) is found
    assert uses_bf16("auto", CPU) is found
    assert uses_bf16(True, CPU) is True and uses_bf16(False, CPU) is False, "what the run says counts"


def test_a_gpu_is_asked_for_its_own_units(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: asked.append(including_emulation) or True)
    assert has_bf16_units(torch.device("cuda"))
    assert asked == [False]
    assert not has_bf16_units(torch.device("meta")), "a device that nobody can tell about"


@pytest.mark.slow
def test_a_run_records_what_it_was_and_goes_on_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 1)
    data, auto = make_corpus(tmp_path / "data"), replace(tiny_config(4), bf16="auto", save_every=2)
    for units in (True, False):
        out = tmp_path / str(units)
        monkeypatch.setattr(processes, "has_bf16_units", lambda device, units=units: units)
        monkeypatch.setattr(precision, "has_bf16_units", lambda device: pytest.fail("decided again"))
        with pytest.MonkeyPatch.context() as stopping:
            stopping.setattr("mpm_train.results.plot", lambda *_given: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                train(auto, data, out)
        assert json.loads((out / "config.json").read_text())["bf16"] is units
        monkeypatch.setattr(processes, "has_bf16_units", lambda device, units=units: not units)
        assert trained_by(load_model(train(auto, data, out))).bf16 is units, "another machine goes on as the run began"
