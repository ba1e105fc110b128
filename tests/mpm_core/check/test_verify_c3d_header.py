"""verify of a C3D whose header, or whose other channels, were changed after the export: nothing of it is taken for the source's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.verify import verify
from mpm_core.edit.names import renamed
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.io.c3d.layout import find_layout
from mpm_core.resources import resource
from tests.makers import smooth_take
from tests.mpm_core.check.test_verify_changed import exported

SAMPLE = resource("sample/walk_reach_sit.c3d")


def with_parameter(path: Path, name: str, data: bytes) -> None:
    """The file with other bytes in the value of a parameter, padded with blanks."""
    raw = bytearray(path.read_bytes())
    found = find_layout(bytes(raw), str(path)).parameters.values[name]
    assert len(data) <= len(found.data) and found.data.strip() != data
    raw[found.at : found.at + len(found.data)] = data.ljust(len(found.data))
    path.write_bytes(raw)


HEADERS = [("POINT:UNITS", b"m"), ("POINT:UNITS", b"cm"), ("POINT:Y_SCREEN", b"+Y"), ("POINT:X_SCREEN", b"+Y"), ("POINT:X_SCREEN", b"-X")]


@pytest.mark.parametrize(("name", "text"), HEADERS)
@pytest.mark.parametrize("shape", ["copy", "new file", "from another format"])
def test_another_unit_or_axis_in_the_header_does_not_hold(tmp_path: Path, shape: str, name: str, text: bytes) -> None:
    source = mpm.read(SAMPLE)
    if shape == "from another format":
        mpm.write(source, tmp_path / "source.npz")
        source = mpm.read(tmp_path / "source.npz")
    out = tmp_path / "out.c3d"
    exported(renamed(source, {"LFHD": "head"}) if shape == "new file" else source, source, out)
    assert verify(source, out).holds
    with_parameter(out, name, text)
    assert not verify(source, out).holds


def test_a_copy_of_a_source_without_unit_or_with_a_wrong_one_is_read_as_the_source_was(tmp_path: Path) -> None:
    mpm.write(smooth_take(), tmp_path / "source.c3d")
    for unit in (b"", b"m"):
        with_parameter(tmp_path / "source.c3d", "POINT:UNITS", unit)
        with_parameter(tmp_path / "source.c3d", "MANUFACTURER:SOFTWARE", b"x" if unit else b"other")
        source = mpm.read(tmp_path / "source.c3d", unit="cm")
        mpm.write(source, tmp_path / "out.c3d")
        found = verify(source, tmp_path / "out.c3d", {"unit": "cm"})
        assert found.holds and found.exact


@pytest.mark.parametrize("reading", [{"up": "y"}, {"unit": "cm"}])
@pytest.mark.parametrize("software", [b"mpm-studio", b"other"])
def test_a_new_file_is_read_by_its_own_header_though_the_source_has_the_same(
    tmp_path: Path, reading: dict[str, str], software: bytes
) -> None:
    mpm.write(smooth_take(), tmp_path / "source.c3d")
    if software == b"other":
        with_parameter(tmp_path / "source.c3d", "MANUFACTURER:SOFTWARE", software)
    source = mpm.read(tmp_path / "source.c3d", **reading)
    mpm.write(source, tmp_path / "between.npz")
    mpm.write(mpm.read(tmp_path / "between.npz"), tmp_path / "new.c3d")
    mpm.write(source, tmp_path / "copy.c3d")
    new, copy = (verify(source, tmp_path / f"{name}.c3d", reading) for name in ("new", "copy"))
    assert new.holds and new.copy is None and copy.holds and copy.exact


def test_a_copy_that_was_filtered_as_a_whole_is_read_as_the_source_was(tmp_path: Path) -> None:
    mpm.write(smooth_take(), tmp_path / "source.c3d")
    source = mpm.read(tmp_path / "source.c3d", up="y")
    where_FP = np.ones(source.origin_FP.shape, bool)
    filtered = filter_patch(source, FilterSettings(cutoff_hz=4.0), where_FP, measured=True).patch.apply(source)[0]
    exported(filtered, source, tmp_path / "out.c3d")
    found = verify(source, tmp_path / "out.c3d", {"up": "y"})
    assert found.holds and found.copy is not None and found.filtered == source.origin_FP.size


def test_a_copy_that_lost_its_analog_channels_does_not_hold(tmp_path: Path) -> None:
    with_analog(tmp_path / "source.c3d")
    data = bytearray((tmp_path / "source.c3d").read_bytes())
    made_by = find_layout(bytes(data)).parameters.values["MANUFACTURER:SOFTWARE"]
    data[made_by.at : made_by.at + len(made_by.data)] = b"other".ljust(len(made_by.data))
    layout = find_layout(bytes(data))
    words_FC4 = layout.words_FC4(data).copy()
    (tmp_path / "source.c3d").write_bytes(data)
    data[4:6] = data[18:20] = bytes(2)
    used = layout.parameters.values["ANALOG:USED"]
    data[used.at : used.at + 2] = bytes(2)
    body = words_FC4.tobytes()
    (tmp_path / "out.c3d").write_bytes(bytes(data[: layout.data_start]) + body + bytes(-len(body) % 512))
    source, export = mpm.read(tmp_path / "source.c3d"), mpm.read(tmp_path / "out.c3d")
    assert np.array_equal(source.xyz_FPD, export.xyz_FPD) and find_layout(export.source.payload).analog == 0
    found = verify(source, tmp_path / "out.c3d")
    assert not found.holds and found.copy is not None and found.copy.other_values_changed == 2 * source.frames


def with_analog(path: Path, channels: int = 2) -> None:
    """The take as a C3D with analog channels, as another program writes it."""
    mpm.write(smooth_take(), path)
    data = path.read_bytes()
    layout = find_layout(data, str(path))
    head = bytearray(data[: layout.data_start])
    head[4:6] = np.array([channels], "<u2").tobytes()
    head[18:20] = np.array([1], "<u2").tobytes()
    used = layout.parameters.values["ANALOG:USED"]
    head[used.at : used.at + 2] = np.array([channels], "<u2").tobytes()
    analog_FA = np.arange(layout.frames * channels, dtype="<f4").reshape(layout.frames, channels).view("<u4")
    body = np.concatenate([layout.words_FC4(data).reshape(layout.frames, -1), analog_FA], axis=1).astype("<u4").tobytes()
    path.write_bytes(bytes(head) + body + bytes(-len(body) % 512))


def other_analog(data: bytearray, where: str) -> None:
    layout = find_layout(bytes(data), where)
    assert layout.analog == 2
    layout.analog_FA(data)[20, 1] ^= 1


def other_scale(data: bytearray, where: str) -> None:
    scale = find_layout(bytes(data), where).parameters.values["ANALOG:GEN_SCALE"]
    data[scale.at : scale.at + 4] = np.array([2.0], "<f4").tobytes()


def other_header(data: bytearray, where: str) -> None:
    data[10] ^= 1  # the header's word for the longest gap


@pytest.mark.parametrize("damage", [other_analog, other_scale, other_header])
def test_a_copy_keeps_what_is_measured_beside_the_markers(tmp_path: Path, damage: Callable[[bytearray, str], None]) -> None:
    with_analog(tmp_path / "source.c3d")
    source = mpm.read(tmp_path / "source.c3d")
    assert source.points == smooth_take().points and np.allclose(source.xyz_FPD, smooth_take().xyz_FPD, atol=1e-6)
    out = tmp_path / "out.c3d"
    exported(mpm.complete(source, method="linear"), source, out)
    assert verify(source, out).holds
    data = bytearray(out.read_bytes())
    damage(data, str(out))
    out.write_bytes(data)
    found = verify(source, out)
    assert not found.holds and found.samples.changed == 0 and found.copy is not None
    assert found.copy.other_values_changed == (1 if damage is other_analog else 0)
    assert found.copy.parameters_changed == {other_scale: ("ANALOG:GEN_SCALE",), other_header: ("header",)}.get(damage, ())


def test_spans_that_were_edited_are_no_change_of_the_header(tmp_path: Path) -> None:
    from mpm_core.spans import Span

    source = mpm.read(SAMPLE)
    exported(replace(source, spans=(Span("step", 3, 9),)), source, tmp_path / "out.c3d")
    found = verify(source, tmp_path / "out.c3d")
    assert found.holds and found.copy is not None
