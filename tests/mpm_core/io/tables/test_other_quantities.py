"""Tables that hold no positions are refused with what they hold; positions among other quantities are read, the others left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.io.tables.quantities import move_as_bodies
from tests.makers import person_rig, smooth_take
from tests.mpm_core.io.tables.strange_tables import STRANGE, axes, table


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_table_of_a_sensor_is_refused_with_what_it_holds(kind: str, newline: str, tmp_path: Path) -> None:
    text, told = STRANGE[kind]
    path = tmp_path / "take.csv"
    path.write_text(text, encoding="utf-8", newline=newline)
    with pytest.raises(mpm.FormatError) as caught:
        mpm.read(path)
    assert told in caught.value.what and caught.value.where == str(path) and "--columns" in caught.value.hint


def test_what_is_refused_is_read_where_the_user_says_that_these_are_positions(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text(table(["time", *axes("Magnetic_clip")]))
    with pytest.raises(mpm.FormatError, match="magnetic fields"):
        mpm.read(path)
    assert mpm.read(path, columns="clip=2-4; time=1").points == ("clip",)


def test_positions_beside_other_quantities_are_read_and_the_others_told(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text(table(["time", *axes("LFHD", "C7"), *axes("LHipAngles", "LAnkleForce")]))
    rec = mpm.read(path)
    assert rec.points == ("LFHD", "C7")
    assert any("2 that are not positions were left out: LHipAngles, LAnkleForce" in note for note in rec.source.notes)


def test_places_on_a_body_that_sound_like_quantities_are_points(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    names = ("L_scapula_inferior_angle", "ForcePlate_corner1", "LMagnus", "Rotator_cuff", "ACCR")
    path.write_text(table(["time", *axes(*names)]))
    assert mpm.read(path).points == names


@pytest.mark.parametrize("unit", ["mm", "m", "Millimeters"])
def test_a_point_called_as_a_sensor_is_a_point_where_its_unit_is_a_length(unit: str, tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text(table(["time", *axes("L_ACC", "R_ACC", "Force", "GRF", form=f"{{name}}_{{axis}} [{unit}]")]))
    assert mpm.read(path).points == ("L_ACC", "R_ACC", "Force", "GRF")
    path.write_text(table(["0"] * 6, above=f"L_ACC,,,C7,,\nX,Y,Z,X,Y,Z\n{','.join([unit] * 6)}"))
    assert mpm.read(path).points == ("L_ACC", "C7")


def test_a_point_called_as_a_sensor_is_a_point_where_it_moves_with_the_others(tmp_path: Path) -> None:
    person = person_rig(frames=60)
    names = [f"M{point}" for point in range(len(person.points))]
    names[5:7] = ["L_ACC", "Torque"]
    heads = axes(*names, "R_ACC", "Gyro")
    sensors = np.random.default_rng(0).normal(size=(60, 6))
    rows = [",".join(f"{value:.5f}" for value in row) for row in np.concatenate([person.xyz_FPD.reshape(60, -1), sensors], axis=1)]
    path = tmp_path / "take.csv"
    path.write_text("\n".join([",".join(heads), *rows, ""]))
    rec = mpm.read(path)
    assert rec.points == tuple(names)
    assert any("2 that are not positions were left out: R_ACC, Gyro" in note for note in rec.source.notes)


def test_a_heading_may_give_its_unit(tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text(table(["Time (s)", *axes("LFHD", "C7", form="{name} {axis} (cm)")]))
    rec = mpm.read(path)
    assert (rec.points, rec.source.unit, rec.rate_hz) == (("LFHD", "C7"), "cm", 100)


def test_points_of_a_body_are_told_from_channels_that_are_not() -> None:
    person = person_rig(frames=60)
    assert move_as_bodies(person.xyz_FPD.astype(float)) and move_as_bodies(1000 * person.xyz_FPD.astype(float))
    assert not move_as_bodies(smooth_take(60, 18).xyz_FPD.astype(float))
    assert not move_as_bodies(person.xyz_FPD[:, :1].astype(float))
    assert not move_as_bodies(np.full((10, 4, 3), np.nan))


@pytest.mark.parametrize("name", ["=1+1", "+A1", "-A1", "@SUM(A1)", "'=1+1", "''@x", "'plain", "plain"])
def test_a_name_that_a_spreadsheet_would_take_for_a_formula_is_quoted_and_comes_back(name: str, tmp_path: Path) -> None:
    take = smooth_take(5, 1)
    path = tmp_path / "take.csv"
    mpm.write(mpm.make_recording((name,), 60.0, take.xyz_FPD), path)
    heads = path.read_text().splitlines()[0].split(",")
    assert not any(head.startswith(("=", "+", "-", "@")) for head in heads)
    assert mpm.read(path).points == (name,)
