"""The table of what the classical fills are worth, from takes of a made corpus."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from mpm_core.fill.auto.choose import CANDIDATES
from mpm_core.fill.auto.priors import ErrorPrior
from mpm_train.teach import priors
from mpm_train.teach.priors import Outcome, learned, longest, main
from tests.mpm_train.corpus import make_corpus


def test_the_law_of_each_method_is_found_again() -> None:
    rng = np.random.default_rng(0)
    outcomes = []
    for seconds in np.repeat(priors.LENGTHS_S, 40):
        promise = {method: np.exp(rng.normal(-4, 1, 2)) for method in (*CANDIDATES, "linear")}
        error = {method: np.exp(-0.5 + 0.8 * np.log(promise[method]) + 0.2 * np.log(seconds)) for method in promise}
        outcomes.append(Outcome(float(seconds), promise, error | {"linear": np.ones(2)}))
    found = learned(outcomes)["relational"]
    assert found == ErrorPrior(*(pytest.approx(each, abs=0.02) for each in (-0.5, 0.8, 0.2)), np.inf)


def test_a_method_ends_where_it_goes_astray() -> None:
    seconds_S = np.repeat(priors.LENGTHS_S, 10)
    error_S = np.where(seconds_S > 1, 5.0, 0.5)
    assert longest(seconds_S, error_S, np.ones_like(seconds_S)) == 1.0
    assert longest(seconds_S, np.full_like(seconds_S, 0.5), np.ones_like(seconds_S)) == np.inf


@pytest.mark.slow
def test_the_command_writes_what_the_program_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priors, "LENGTHS_S", (0.1, 0.25))
    monkeypatch.setattr(priors, "JOBS", 1)
    assert main([str(make_corpus(tmp_path / "corpus")), str(tmp_path / "fills.toml"), "1"]) == 0
    table = tomllib.loads((tmp_path / "fills.toml").read_text())
    mixture = table.pop("mixture")
    assert len(mixture["seconds"]) == len(mixture["factor"]) > 0
    assert set(table) <= set(CANDIDATES) and "hermite" in table
    assert all(set(figures) == {"level", "trials", "seconds", "longest_s"} for figures in table.values())


def test_no_corpus_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), str(tmp_path / "fills.toml")]) == 1
    assert str(tmp_path) in capsys.readouterr().err
