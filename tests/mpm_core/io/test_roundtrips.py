"""What is written reads back the same, in every format and for takes of any kind: hypothesis draws them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import mpm_core as mpm
from mpm_core.edit.mark import mark
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.c3d.new_file import new_file
from mpm_core.io.c3d.proof import proof
from mpm_core.io.marked_samples import without_marked
from mpm_core.recording import Origin, Recording, Source
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.skeleton import Skeleton, upwards
from tests.makers import person_bvh, smooth_take

EXACT = ("csv", "json", "npz", "trc", "mpm")
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LETTERS = st.text("abzAZ09_:.#é -", min_size=1, max_size=12).map(str.strip).filter(bool)
METRES = st.floats(-50, 50, width=32).filter(lambda value: value == 0 or abs(value) > 1e-6)


@st.composite
def takes(draw: st.DrawFn, dims: int = 3, origins: tuple[Origin, ...] = tuple(Origin)) -> Recording:
    """Any take of a few frames and points: gaps, marks, fills with sigma, odd names, rates and first frames."""
    shape = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    xyz_FPD = draw(hnp.arrays(np.float32, (*shape, dims), elements=METRES))
    origin_FP = draw(hnp.arrays(np.uint8, shape, elements=st.sampled_from([int(origin) for origin in origins])))
    xyz_FPD[origin_FP == Origin.MISSING] = np.nan
    sigma_FP = draw(hnp.arrays(np.float32, shape, elements=st.floats(0, 9, width=32)))
    sigma_FP[origin_FP <= Origin.MARKED] = np.nan
    names = tuple(draw(st.lists(LETTERS, min_size=shape[1], max_size=shape[1], unique=True)))
    rate_hz = draw(st.sampled_from([23.976, 30.0, 59.94, 100.0, 119.88, 250.0]))
    first = draw(st.integers(0, 60_000))
    parents = draw(st.none() | st.just(tuple(range(-1, shape[1] - 1))))
    skeleton = None if parents is None else Skeleton("drawn", names, parents)
    return Recording(names, rate_hz, xyz_FPD, origin_FP, sigma_FP, skeleton=skeleton, source=Source(first_frame=first))


def through(rec: Recording, path: Path) -> Recording:
    mpm.write(rec, path)
    return mpm.read(path)


@QUICK
@given(rec=takes())
@pytest.mark.parametrize("suffix", EXACT)
def test_exact_formats_keep_every_bit(tmp_path_factory: pytest.TempPathFactory, suffix: str, rec: Recording) -> None:
    back = through(rec, tmp_path_factory.mktemp("trip") / f"take.{suffix}")
    sent = rec if suffix in ("npz", "mpm") else without_marked(rec)
    assert back.points == sent.points and back.source.first_frame == sent.source.first_frame
    np.testing.assert_array_equal(back.xyz_FPD, sent.xyz_FPD)
    if suffix != "trc":
        np.testing.assert_array_equal(back.origin_FP, sent.origin_FP)
        np.testing.assert_allclose(back.sigma_FP, sent.sigma_FP, rtol=1e-6)
    if sent.frames > 1 or suffix != "csv":  # one row says nothing of a rate
        assert back.rate_hz == pytest.approx(sent.rate_hz, rel=1e-12)


@QUICK
@given(rec=takes(dims=2))
@pytest.mark.parametrize("suffix", ["csv", "json", "npz"])
def test_keypoints_keep_every_bit(tmp_path_factory: pytest.TempPathFactory, suffix: str, rec: Recording) -> None:
    back = through(rec, tmp_path_factory.mktemp("trip") / f"take.{suffix}")
    sent = rec if suffix == "npz" else without_marked(rec)
    assert back.dims == 2 and back.points == sent.points
    np.testing.assert_array_equal(back.xyz_FPD, sent.xyz_FPD)


@QUICK
@given(rec=takes())
def test_a_new_c3d_keeps_positions_to_a_micrometre_and_gaps(rec: Recording) -> None:
    sent = without_marked(rec)
    data = new_file(sent)
    layout = find_layout(data)
    back = c3d.recording(layout, data, c3d.positions(layout, data, "drawn.c3d", []), "drawn.c3d", [])
    assert back.points == sent.points and back.source.first_frame == sent.source.first_frame
    assert back.rate_hz == pytest.approx(sent.rate_hz, rel=1e-6)
    np.testing.assert_array_equal(back.origin_FP == Origin.MISSING, sent.origin_FP == Origin.MISSING)
    np.testing.assert_allclose(back.xyz_FPD, sent.xyz_FPD, rtol=3e-7, atol=1e-9)


@QUICK
@given(rec=takes())
@pytest.mark.parametrize("suffix", ["glb", "gltf"])
def test_gltf_keeps_positions_gaps_names_and_tree(tmp_path_factory: pytest.TempPathFactory, suffix: str, rec: Recording) -> None:
    back = through(rec, tmp_path_factory.mktemp("trip") / f"take.{suffix}")
    sent = without_marked(rec)
    assert (back.points, back.rate_hz, back.source.first_frame) == (sent.points, sent.rate_hz, sent.source.first_frame)
    assert (back.skeleton and back.skeleton.parents) == (sent.skeleton and sent.skeleton.parents)
    np.testing.assert_array_equal(back.origin_FP == Origin.MISSING, sent.origin_FP == Origin.MISSING)
    np.testing.assert_allclose(back.xyz_FPD, sent.xyz_FPD, atol=5e-5)  # 50 m from the origin, in float32, down a chain of four


def in_the_order_of_a_file(parents: tuple[int, ...]) -> bool:
    """Whether joints come depth first: each one below the one before it, or beside one of that one's ancestors."""
    return all(parent in upwards(parents, joint) for joint, parent in enumerate(parents[1:]))


@st.composite
def rigs(draw: st.DrawFn) -> tuple[Rig, float]:
    """A tree of joints with any channel order, and its motion in tenths of a degree."""
    joints = draw(st.integers(2, 6))
    parents = (-1, *(draw(st.integers(0, joint - 1)) for joint in range(1, joints)))
    is_end_J = np.array([joint > 0 and joint not in parents and draw(st.booleans()) for joint in range(joints)])
    order = st.permutations(["Xrotation", "Yrotation", "Zrotation"]).map(tuple)
    moves = ("Xposition", "Yposition", "Zposition")
    channels = tuple(() if end else ((*moves, *draw(order)) if joint == 0 else draw(order)) for joint, end in enumerate(is_end_J))
    names = tuple(f"j{joint}" if not end else f"j{parents[joint]}_end" for joint, end in enumerate(is_end_J))
    if len(set(names)) < joints:
        is_end_J[:] = False
        channels = tuple(names or ("Zrotation", "Xrotation", "Yrotation") for names in channels)
        names = tuple(f"j{joint}" for joint in range(joints))
    tenths = st.integers(-1800, 1800).map(lambda value: value / 10)
    values_FC = draw(hnp.arrays(np.float64, (draw(st.integers(1, 4)), sum(map(len, channels))), elements=tenths))
    offsets_J3 = draw(hnp.arrays(np.float64, (joints, 3), elements=st.integers(-50, 50).map(float)))
    if not in_the_order_of_a_file(parents):
        parents = (-1, *range(joints - 1))
        is_end_J = np.zeros(joints, bool)
        channels = tuple(names or ("Zrotation", "Xrotation", "Yrotation") for names in channels)
        names = tuple(f"j{joint}" for joint in range(joints))
        values_FC = draw(hnp.arrays(np.float64, (2, sum(map(len, channels))), elements=tenths))
    return Rig(names, parents, offsets_J3, channels, values_FC, is_end_J), draw(st.sampled_from([30.0, 60.0, 100.0, 120.0]))


@QUICK
@given(drawn=rigs())
def test_a_bvh_keeps_hierarchy_and_numbers_and_a_copy_is_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[Rig, float]
) -> None:
    rig, rate_hz = drawn
    folder = tmp_path_factory.mktemp("trip")
    world_33 = np.eye(3) * 0.01
    rec = mpm.make_recording(rig.names, rate_hz, world_joint_positions(rig, world_33), rig=rig, source=Source(file_to_world_33=world_33))
    mpm.write(rec, folder / "a.bvh")
    back = mpm.read(folder / "a.bvh", unit="cm", up="z")
    assert back.rig is not None and (back.points, back.rate_hz) == (rec.points, rate_hz)
    assert (back.rig.parents, back.rig.channels) == (rig.parents, rig.channels)
    np.testing.assert_allclose(back.rig.values_FC, rig.values_FC, atol=1e-9)
    np.testing.assert_allclose(back.xyz_FPD, rec.xyz_FPD, atol=1e-5)
    mpm.write(back, folder / "b.bvh")
    assert (folder / "b.bvh").read_bytes() == (folder / "a.bvh").read_bytes()


def test_every_real_bvh_and_c3d_unedited_is_the_same_file(samples_dir: Path, tmp_path: Path) -> None:
    copied = 0
    for path in sorted((samples_dir / "bvh").rglob("*.bvh")) + sorted((samples_dir / "c3d").rglob("*.[cC]3[dD]")):
        if path.stat().st_size == 0 or path.stat().st_size > 1_500_000:
            continue
        if path.suffix.lower() == ".bvh":
            rec = mpm.read(path)
        else:
            data = path.read_bytes()
            layout = find_layout(data)
            rec = c3d.recording(layout, data, c3d.positions(layout, data, str(path), []), str(path), [])
        out = tmp_path / f"copy{path.suffix.lower()}"
        mpm.write(rec, out)
        assert out.read_bytes() == path.read_bytes(), path.name
        copied += 1
    assert copied > 35


def test_marked_samples_leave_as_missing_and_all_else_keeps_its_bits(samples_dir: Path, tmp_path: Path) -> None:
    path = next((samples_dir / "c3d" / "btk" / "c3d.org" / "sample01").glob("Eb015pr.c3d"))
    rec = mpm.read(path)
    marked, _ = mark(rec, np.random.default_rng(0).random(rec.origin_FP.shape) < 0.05).apply(rec)
    where_FP = marked.origin_FP == Origin.MARKED
    for name in ("a.c3d", "a.csv", "a.trc", "a.json", "a.glb", "a.npz", "a.mpm"):
        back = through(marked, tmp_path / name)
        kept = name in ("a.npz", "a.mpm")
        assert (back.origin_FP[where_FP] == (Origin.MARKED if kept else Origin.MISSING)).all(), name
        visible_FP = marked.visible_FP
        assert np.array_equal(back.xyz_FPD[visible_FP], marked.xyz_FPD[visible_FP]), name
    before, after = find_layout(path.read_bytes()), find_layout((tmp_path / "a.c3d").read_bytes())
    words = before.words_FC4(path.read_bytes()), after.words_FC4((tmp_path / "a.c3d").read_bytes())
    assert int((words[0] != words[1]).any(axis=2).sum()) == int(where_FP.sum())
    assert proof(marked, tmp_path / "a.c3d").holds


def test_a_marked_bvh_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "in.bvh").write_bytes(person_bvh(5))
    rec = mpm.read(tmp_path / "in.bvh")
    marked, _ = mark(rec, np.ones(rec.origin_FP.shape, bool)).apply(rec)
    with pytest.raises(mpm.FormatError, match="marked as wrong count as missing"):
        mpm.write(marked, tmp_path / "out.bvh")


@pytest.mark.parametrize(("old", "new"), [('"unit": "m"', '"unit": "mm"'), ('"up": "z"', '"up": "y"'), ('"unit": "m"', '"unit": "px"')])
def test_a_json_in_another_unit_or_with_another_axis_up_is_refused(tmp_path: Path, old: str, new: str) -> None:
    mpm.write(smooth_take(), tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text()
    assert old in text
    (tmp_path / "a.json").write_text(text.replace(old, new))
    with pytest.raises(mpm.FormatError, match="neither m and z nor px and -y"):
        mpm.read(tmp_path / "a.json")
    (tmp_path / "a.json").write_text(text.replace('"up": "z",\n', ""))
    assert not mpm.read(tmp_path / "a.json").samples.differs(smooth_take().samples).any()
