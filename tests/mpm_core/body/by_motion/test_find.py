"""Segments and places from motion: on the sample and on real takes without their labels. Map files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.by_motion.find import find_body
from mpm_core.body.by_motion.limbs import SEGMENTS
from mpm_core.body.by_motion.roles import propose
from mpm_core.body.map_file import ENDING, fitting_map, load_map, make_map, save_map
from mpm_core.body.mapping import map_body
from mpm_core.body.markers import known_roles
from mpm_core.errors import FormatError, MappingError
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import make_motion
from tests.makers import rigid_take, smooth_take
from tests.measure_map import MIDDLE, SIDED, measure, right_segments, without_labels


@pytest.fixture(scope="module")
def take() -> mpm.Recording:
    return true_markers(make_motion())


def test_labels_and_order_do_not_change_the_mapping_of_the_sample(take: mpm.Recording) -> None:
    for seed in (0, 1):
        out = measure(take, seed)
        assert out.segments >= 0.95 * out.markers and out.places >= 0.8 * out.markers
        assert np.nanmedian(out.joints_m) < 0.02


def test_translation_and_heading_do_not_change_the_mapping(take: mpm.Recording) -> None:
    stripped, _ = without_labels(take, 0)
    turn_33 = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    moved = mpm.make_recording(stripped.points, stripped.rate_hz, stripped.xyz_FPD @ turn_33.T + [4.0, -2.0, 0.3])
    assert [g.segment for g in propose(moved).guesses] == [g.segment for g in propose(stripped).guesses]


def test_a_mirrored_person_has_left_and_right_exchanged(take: mpm.Recording) -> None:
    stripped, _ = without_labels(take, 0)
    mirrored = mpm.make_recording(stripped.points, stripped.rate_hz, stripped.xyz_FPD * np.float32([1, -1, 1]))
    there, here = ([g.segment for g in propose(rec).guesses] for rec in (mirrored, stripped))
    other = {"left": "right", "right": "left"}
    swapped = ["_".join(other.get(word, word) for word in segment.split("_")) for segment in here]
    assert np.mean([a == b for a, b in zip(there, swapped, strict=True)]) > 0.9


def test_a_proposal_is_a_mapping(take: mpm.Recording) -> None:
    stripped, _ = without_labels(take, 3)
    proposal = propose(stripped)
    roles = proposal.roles(stripped.points)
    assert len(proposal.guesses) == len(stripped.points) and set(roles) <= set(known_roles())
    assert {g.segment for g in proposal.guesses} <= {*SEGMENTS, ""} and all(0 <= g.sure <= 1 for g in proposal.guesses)
    assert map_body(stripped, roles).kind == "markers"


def test_real_takes_are_mapped(samples_dir: Path) -> None:
    for name, segments, places in (
        ("c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d", 1.0, 0.95),
        ("c3d/cmu/02_01.c3d", 0.95, 0.9),
        ("3d/kineticstoolkit/kinematics_tennis_serve.csv", 0.95, 0.85),
        ("3d/opensim-core/OpenSim/Examples/Moco/example3DWalking/markers_walk.trc", 0.95, 0.6),
    ):
        out = measure(mpm.read(samples_dir / name), 0)
        assert out.segments >= segments * out.markers and out.places >= places * out.markers, name


def test_points_that_are_not_a_person_raise(take: mpm.Recording) -> None:
    for rec in (smooth_take(points=4), rigid_take(bodies=4), mpm.make_recording(take.points, 100.0, take.xyz_FPD * 1000)):
        with pytest.raises(MappingError):
            find_body(rec.xyz_FPD, rec.visible_FP)
    empty = mpm.make_recording(take.points, 100.0, np.full((5, len(take.points), 3), np.nan))
    with pytest.raises(MappingError):
        propose(empty)
    none = mpm.make_recording((), 100.0, np.zeros((0, 0, 3)))
    with pytest.raises(MappingError):
        propose(none)


def test_a_still_take_has_low_confidence(take: mpm.Recording) -> None:
    still = mpm.make_recording(take.points, take.rate_hz, np.broadcast_to(take.xyz_FPD[:1], (200, *take.xyz_FPD.shape[1:])))
    moving = np.mean([g.sure for g in propose(take).guesses])
    assert np.mean([g.sure for g in propose(still).guesses]) < 0.3 * moving


def test_every_place_of_the_sets_has_a_segment() -> None:
    places = {place for some in (*MIDDLE.values(), *SIDED.values()) for place in some}
    assert {role.removeprefix("left_").removeprefix("right_") for role in known_roles()[:-17]} == places
    assert right_segments("left_lateral_knee") == {"left_thigh", "left_shank"} and right_segments("right_asis") == {"pelvis"}


def test_a_map_file_is_read_back_and_fits_other_subjects(tmp_path: Path) -> None:
    made = make_map("my set", {"left_asis": "Bob:A1", "right_asis": "Bob:A2"}, {"Bob:A1": "pelvis"})
    save_map(tmp_path / f"mine{ENDING}", made)
    again = load_map(tmp_path / f"mine{ENDING}")
    assert again == made and again.overrides(("Eve:A2", "Eve:A1")) == {"left_asis": "Eve:A1", "right_asis": "Eve:A2"}
    found = fitting_map(tmp_path, ("A1", "A2", "A3"))
    assert found is not None and found[1] == made
    assert fitting_map(tmp_path, ("A1", "B2")) is None and fitting_map(tmp_path / "none", ("A1",)) is None
    with pytest.raises(MappingError, match="none of the labels"):
        made.overrides(("X", "Y"))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"mpm_map": 2}', '{"mpm_map": 1, "places": {"nowhere": "A"}}', '{"mpm_map": 1, "places": {"left_asis": 3}}',
     '{"mpm_map": 1, "places": {}}', '{"mpm_map": 1, "places": []}', '{"mpm_map": 1, "places": {"left_asis": "A"}, "segments": 1}'],
)  # fmt: skip
def test_an_invalid_map_raises_and_is_skipped_in_a_folder(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"bad{ENDING}"
    path.write_text(text)
    with pytest.raises(FormatError):
        load_map(path)
    save_map(tmp_path / f"good{ENDING}", make_map("good", {"left_asis": "A"}))
    found = fitting_map(tmp_path, ("A",))
    assert found is not None and found[1].name == "good"
    assert json.loads((tmp_path / f"good{ENDING}").read_text())["mpm_map"] == 1
