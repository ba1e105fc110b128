"""Falling bodies: synthetic jumps read at the right and at wrong rates, and motion that is not a fall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mpm_core.body.joints import body17
from mpm_train.data.config import PrepareConfig
from mpm_train.data.fall import centre_of_mass, falls_m_s2, rate_suspicion
from mpm_train.data.rules import rules_of
from mpm_train.data.sources import Found, Needs, Refused, takes
from tests.makers import standing

NAMES = body17().names


def jumps(rate_hz: float, count: int = 4, up_m_s: float = 2.6) -> np.ndarray:
    """(F, 17, 3) someone who stands, jumps straight up with swinging arms and walking speed, stands, and so on."""
    time_F = np.arange(round(count * 1.2 * rate_hz)) / rate_hz
    phase_F = time_F % 1.2 - 0.3
    height_F = np.clip(up_m_s * phase_F - 9.8 / 2 * phase_F**2, 0, None)
    xyz_FJ3 = standing(len(time_F)).xyz_FPD.astype(np.float64)
    xyz_FJ3[..., 2] += height_F[:, None]
    xyz_FJ3[..., 0] += 0.8 * time_F[:, None]
    for side, sign in (("left", 1), ("right", -1)):  # opposite swings, which leave the centre of mass where it is
        xyz_FJ3[:, NAMES.index(f"{side}_wrist"), 1] += sign * 0.2 * np.sin(5 * time_F)
    rng = np.random.default_rng(0)
    return xyz_FJ3 + rng.normal(0, 0.001, xyz_FJ3.shape)


@pytest.mark.parametrize("rate_hz", [24.0, 30.0, 60.0, 120.0, 240.0])
def test_a_jump_falls_as_on_earth(rate_hz: float) -> None:
    falls = falls_m_s2(jumps(rate_hz), rate_hz)
    assert len(falls) == 4
    assert np.median(falls) == pytest.approx(-9.8, abs=0.5)
    assert rate_suspicion(falls, rate_hz) == ""


@pytest.mark.parametrize(("true_hz", "read_hz"), [(30.0, 120.0), (60.0, 120.0), (120.0, 60.0), (120.0, 30.0), (24.0, 30.0)])
def test_a_wrong_rate_is_seen_and_the_right_one_named(true_hz: float, read_hz: float) -> None:
    falls = falls_m_s2(jumps(true_hz), read_hz)
    assert np.median(falls) == pytest.approx(-9.8 * (read_hz / true_hz) ** 2, rel=0.05)
    said = rate_suspicion(falls, read_hz)
    assert f"is the rate {true_hz:.0f} Hz" in said or f"is the rate {true_hz - 1:.0f} Hz" in said or f"{true_hz + 1:.0f} Hz" in said


def test_what_is_no_fall_is_none() -> None:
    time_F = np.arange(600) / 100
    walking = standing(600).xyz_FPD + time_F[:, None, None] * np.array([1.2, 0, 0])
    climbing = walking + np.clip(time_F - 2, 0, 2)[:, None, None] * np.array([0, 0, 0.5])
    swinging = standing(600).xyz_FPD + np.stack([0.5 * np.sin(3 * time_F), 0 * time_F, 0.6 + 0.3 * np.cos(3 * time_F)], axis=1)[:, None]
    for xyz_FJ3 in (walking, climbing, swinging):
        assert rate_suspicion(falls_m_s2(xyz_FJ3, 100.0), 100.0) == ""
    assert falls_m_s2(walking, 100.0) == falls_m_s2(climbing, 100.0) == []


def test_missing_joints_end_a_stretch() -> None:
    xyz_FJ3 = jumps(100.0)
    xyz_FJ3[50, 3] = np.nan
    falls = falls_m_s2(xyz_FJ3, 100.0)
    assert len(falls) == 4, "of the first jump, which ends in frame 83, the longer part"
    np.testing.assert_allclose(falls, -9.8, atol=0.5)
    assert falls_m_s2(np.full((20, 17, 3), np.nan), 100.0) == []


def test_the_centre_of_mass_is_in_the_trunk() -> None:
    centre_3 = centre_of_mass(standing(1).xyz_FPD)[0]
    assert abs(centre_3[0]) < 1e-6
    assert 0.92 < centre_3[2] < 1.15, "between hip and spine"


@pytest.mark.parametrize(
    ("folder", "names"), [("snu/ys2010/Physics2", "wd2_Physics_Jump*.bvh"), ("snu/tiling/1", "jump*.amc"), ("cmu/016", "16_0*.amc")]
)
def test_real_jumps(data_dir: Path, folder: str, names: str) -> None:
    if not (data_dir / folder).is_dir():
        pytest.skip("this set is not unpacked")
    needs = Needs(rules_of(PrepareConfig()))
    falls, wrong = [], []
    for path in sorted((data_dir / folder).glob(names))[:6]:
        for take in takes(Found(path, "motion", data_dir), needs, set()):
            assert not isinstance(take, Refused), take
            falls += falls_m_s2(take.xyz_FJ3, take.rate_hz)
            wrong += falls_m_s2(take.xyz_FJ3, 120.0 if take.rate_hz == 30 else 30.0)
    assert len(falls) >= 3
    assert rate_suspicion(falls, 1.0) == "", np.median(falls)
    assert rate_suspicion(wrong, 1.0) != ""
