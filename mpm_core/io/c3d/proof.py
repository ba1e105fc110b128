"""Proof that an exported C3D holds every measured sample of its source, bit for bit, and says the same about them. F frames, C columns."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.files.read import read_bytes
from mpm_core.io.c3d.layout import Layout, find_layout
from mpm_core.io.c3d.marker_columns import SOFTWARE
from mpm_core.io.c3d.new_file import CONVENTIONS, KEPT
from mpm_core.io.c3d.parameters import Parameters
from mpm_core.io.c3d.patch import Original, find_original, kept_FP
from mpm_core.io.c3d.stated import BLOCK
from mpm_core.io.marked_samples import without_marked
from mpm_core.recording import Recording
from mpm_core.typing import Mask

MADE_BY = "MANUFACTURER:SOFTWARE"
DATA_START = slice(16, 18)  # bytes of the header that say where the frames begin


@dataclass(frozen=True, slots=True)
class Proof:
    """measured: samples that stayed; changed: samples whose words differ; sha256_*: over the measured samples' bytes in time order."""

    measured: int
    changed: int
    sha256_source: str
    sha256_export: str

    @property
    def holds(self) -> bool:
        return self.sha256_source == self.sha256_export


def measured_sha256(data: bytes, layout: Layout, kept_FC: Mask) -> str:
    """SHA-256 of the x, y, z and residual bytes of the True samples, as they are in the file."""
    return sha256(np.ascontiguousarray(layout.words_FC4(data)[kept_FC]).tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Words:
    """What an exported copy keeps beyond positions: the words of its measured samples, and all that no edit of samples changes.

    other_values_changed: how many numbers differ in analog channels, and in points that are not markers. parameters_changed: names of the
    parameters that differ, such as 'POINT:UNITS'; 'header' for the file's first block. Events and subjects may differ.
    """

    words: Proof
    other_values_changed: int
    parameters_changed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.words.holds and not self.other_values_changed and not self.parameters_changed

    @property
    def changes(self) -> str:
        """What does not hold, in words."""
        if self.parameters_changed:
            return f"parameters of the file: {', '.join(self.parameters_changed)}"
        if self.other_values_changed:
            return f"{self.other_values_changed:,} numbers that belong to no marker: analog channels, or angles and forces"
        return "residuals of measured samples"


def is_copy(rec: Recording, again: Recording | None = None) -> bool:
    """Whether the recording is exported as a patched copy of its C3D source; with `again`, whether that C3D is such a copy."""
    original = find_original(without_marked(rec))
    if original is None or again is None:
        return original is not None
    return _is_copy_of(original, again.source.payload, find_layout(again.source.payload, again.source.path))


def compare_copy(written: Recording, before: Recording, again: Recording, filled_F: Mask) -> Words:
    """What the file that was read as `again` keeps: the words of every sample that is measured in `written`, and all else but its fills.

    Raises FormatError as `proof` does.
    """
    original, export, layout = _copy_of(written, again.source.path)
    source = original.layout
    elsewhere_C = np.ones(source.columns, bool)
    elsewhere_C[original.columns_P] = False
    other_points = (layout.words_FC4(export)[:, elsewhere_C] != source.words_FC4(original.data)[:, elsewhere_C]).sum()
    before_FA, after_FA = source.analog_FA(original.data), layout.analog_FA(export)
    analog = (after_FA != before_FA).sum() if after_FA.shape == before_FA.shape else max(after_FA.size, before_FA.size)
    return Words(_proof(original, export, layout), int(other_points + analog), _parameters_changed(original, export, layout))


def same_unit_and_axes(rec: Recording, path: Path) -> bool:
    """Whether a C3D is by its words a copy of the recording's source, and so has its unit and axes, whatever its header says."""
    original, data = find_original(without_marked(rec)), path.read_bytes()
    return original is not None and _is_copy_of(original, data, find_layout(data, str(path)))


def _is_copy_of(original: Original, data: bytes, layout: Layout) -> bool:
    """Whether at least half of the measured samples have the words of the source. A new file of another unit or other axes has few.

    A file that this program wrote, of a source that it did not write, is a new file even if most words agree.
    """
    made_here, source_made_here = (each.parameters.text(MADE_BY) == SOFTWARE for each in (layout, original.layout))
    if not _same_form(layout, original.layout) or (made_here and not source_made_here):
        return False
    kept_FC = _kept_FC(original)
    same_N = (layout.words_FC4(data)[kept_FC] == original.layout.words_FC4(original.data)[kept_FC]).all(axis=1)
    return bool(2 * same_N.sum() >= len(same_N))


def contradicts_itself(again: Recording) -> bool:
    """Whether a C3D says that this program made it, but gives another unit or other axes than this program writes into a new file."""
    parameters = find_layout(again.source.payload, again.source.path).parameters
    return parameters.text(MADE_BY) == SOFTWARE and any(parameters.texts(name) != [text] for name, text in CONVENTIONS.items())


def _parameters_changed(original: Original, export: bytes, layout: Layout) -> tuple[str, ...]:
    """Names of the parameters that differ, or that only one of the two files has."""
    one, two = _contents(original.layout.parameters, original.data), _contents(layout.parameters, export)
    changed = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name) and not _may_differ(name))
    heads = [data[: DATA_START.start] + data[DATA_START.stop : BLOCK] for data in (original.data, export)]
    return (*changed, "header") if heads[0] != heads[1] else tuple(changed)


def _contents(parameters: Parameters, data: bytes) -> dict[str, list[bytes]]:
    """Bytes of each record by 'GROUP:NAME' of a parameter or the name of a group. A list, because damaged files have some names twice."""
    groups = {-record.group: record.name for record in parameters.records if record.group < 0}
    found: dict[str, list[bytes]] = {}
    for record in parameters.records:
        name = record.name if record.group < 0 else f"{groups.get(record.group, record.group)}:{record.name}"
        found.setdefault(name, []).append(data[record.link + 2 : record.end])
    return found


def _may_differ(name: str) -> bool:
    return name == "POINT:DATA_START" or name.partition(":")[0] in KEPT


def _same_form(one: Layout, other: Layout) -> bool:
    return (one.columns, one.frames, one.order, one.real) == (other.columns, other.frames, other.order, other.real)


def proof(rec: Recording, path: str | Path) -> Proof:
    """Compare an exported file with the C3D the recording was opened from.

    Samples marked as wrong count as no measurement: they leave as missing.
    Raises FormatError when the recording did not come from a C3D (or no longer holds its values), or when the file is not its export.
    """
    return _proof(*_copy_of(rec, path))


def _copy_of(rec: Recording, path: str | Path) -> tuple[Original, bytes, Layout]:
    """The recording's source, and the bytes and layout of a copy of it. Raises FormatError as `proof` does."""
    original = find_original(without_marked(rec))
    if original is None:
        raise FormatError("there is no C3D source to compare with", where=rec.source.path, hint="proof needs a take opened from C3D")
    export = read_bytes(Path(path))
    layout = find_layout(export, str(path))
    if not _same_form(layout, original.layout):
        raise FormatError("this file is not an export of the take", where=str(path), hint="give the file that was exported of this take")
    return original, export, layout


def _kept_FC(original: Original) -> Mask:
    """(F, C) samples of the file whose measured words stay where they were."""
    kept_FC = np.zeros((original.layout.frames, original.layout.columns), bool)
    kept_FC[:, original.columns_P] = kept_FP(original)
    return kept_FC


def _proof(original: Original, export: bytes, layout: Layout) -> Proof:
    source = original.layout
    kept_FC = _kept_FC(original)
    changed = int((layout.words_FC4(export) != source.words_FC4(original.data)).any(axis=2).sum())
    shas = measured_sha256(original.data, source, kept_FC), measured_sha256(export, layout, kept_FC)
    return Proof(int(kept_FC.sum()), changed, *shas)
