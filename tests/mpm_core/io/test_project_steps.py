"""The history in a project: undone after opening to the bit, and refused where it does not fit the take."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpm_core.edit.annotate import Annotate
from mpm_core.edit.document import Document
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import FilledRun, Replace
from mpm_core.edit.request import Request, requested
from mpm_core.errors import DataError, FormatError
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.io import project, project_steps
from mpm_core.recording import Recording
from mpm_core.spans import Span
from tests.makers import smooth_take, with_gap


def trimmed(rec: Recording, start: int, stop: int) -> Recording:
    return rec.with_samples(rec.samples.at(slice(start, stop)), spans=())


def worked_on() -> tuple[Document, list[Recording]]:
    """A document with a step of each kind, and its states from the first to the last."""
    document = Document(with_gap(smooth_take(60, 4), 1, 10, 20))
    states = [document.recording]

    def do(edit: Any) -> None:
        document.do(edit)
        states.append(document.recording)

    do(requested(mark(document.recording, region(document.recording, [0], 5, 9), "Mark P0"), "mark", points=["P0"], frames=[6, 9]))
    fill = fill_gaps(document.recording, ~document.recording.visible_FP, "linear").patch
    do(replace(requested(fill, "fill", method="linear"), filled=(FilledRun("linear", 0, 5, 9), FilledRun("linear", 1, 10, 20))))
    do(Annotate("Name a step", spans=(Span("step", 3, 30, ("P2",)),)))
    do(Replace("Trim", document.recording, trimmed(document.recording, 2, 50)))
    do(mark(document.recording, region(document.recording, [3], 0, 4), "Mark P3"))
    return document, states


def same(a: Recording, b: Recording) -> bool:
    return a.points == b.points and a.spans == b.spans and a.frames == b.frames and not a.samples.differs(b.samples).any()


def saved(path: Path) -> tuple[Document, list[Recording]]:
    document, states = worked_on()
    project.save(path, document.recording, document.original, {}, document.done)
    return document, states


def test_steps_are_undone_and_made_again_after_opening(tmp_path: Path) -> None:
    before, states = saved(tmp_path / "take.mpm")
    back = project.load(tmp_path / "take.mpm")
    document = Document(back.recording, back.original, back.done)
    assert not document.unsaved
    assert [edit.label for edit in document.done] == [edit.label for edit in before.done]
    assert [edit.requests for edit in document.done] == [edit.requests for edit in before.done]
    assert back.done[1].filled == before.done[1].filled  # type: ignore[union-attr]
    for state in reversed(states[:-1]):
        document.undo()
        assert same(document.recording, state)
    assert document.unsaved
    document.go_to(5)
    assert same(document.recording, states[-1])
    assert not document.unsaved


def test_steps_over_filtered_samples_are_undone_and_made_again_after_opening(tmp_path: Path) -> None:
    document = Document(smooth_take(60, 4))
    rec = document.recording
    document.do(filter_patch(rec, FilterSettings(cutoff_hz=4.0), region(rec, [2], 5, 50), measured=True).patch)
    filtered = document.recording
    document.do(mark(filtered, region(rec, [2], 10, 20)))  # they have their measured value again
    project.save(tmp_path / "take.mpm", document.recording, document.original, {}, document.done)
    back = project.load(tmp_path / "take.mpm")
    opened = Document(back.recording, back.original, back.done)
    assert same(opened.recording, document.recording)
    opened.undo()
    assert same(opened.recording, filtered) and filtered.unfiltered_FPD is not None
    opened.undo()
    assert same(opened.recording, rec)


def test_a_request_keeps_a_setting_of_zero_and_leaves_empty_ones_out() -> None:
    patch = mark(smooth_take(4, 1), np.ones((4, 1), bool))
    made = requested(patch, "lift", pitch=0.0, fps=None, donors=[], points=(), only=False)
    assert made.requests == (Request("lift", {"pitch": 0.0}),)


def test_the_oldest_steps_are_left_out_of_a_very_long_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document, states = worked_on()
    monkeypatch.setattr(project_steps, "MOST_BYTES", 2000)
    project.save(tmp_path / "take.mpm", document.recording, document.original, {}, document.done)
    back = project.load(tmp_path / "take.mpm")
    assert [edit.label for edit in back.done] == ["Mark P3"]
    again = Document(back.recording, back.original, back.done)
    again.undo()
    assert same(again.recording, states[-2])


SPAN = {"name": "step", "start": 3, "stop": 30, "points": ["P2"], "source": "user"}
CHANGES: list[Callable[[Any], Any]] = [
    lambda steps: steps[0].update(kind="other"),
    lambda steps: steps[0].pop("frames"),
    lambda steps: steps[0].update(frames=steps[1]["points"]),
    lambda steps: steps[0].update(samples={"xyz": steps[0]["samples"]["xyz"]}),
    lambda steps: steps[0].update(samples=3),
    lambda steps: steps[1].update(methods=[]),
    lambda steps: steps[1].update(runs=steps[1]["frames"]),
    lambda steps: steps[1].update(requests=[["fill", 3]]),
    lambda steps: steps[1].update(log="all"),
    lambda steps: steps[2].update(spans=[{}]),
    lambda steps: steps[3].pop("after"),
    lambda steps: steps.__setitem__(0, 5),
    lambda steps: steps[0].update(label=None),
    lambda steps: steps[0].update(requests=[["mark", {"points": "P0", "frames": [6, 9]}]]),
    lambda steps: steps[0].update(requests=[["mark", {"points": ["P0", 3], "frames": [6, 9]}]]),
    lambda steps: steps[0].update(requests=[["mark", {"points": ["P0"], "frames": [6]}]]),
    lambda steps: steps[0].update(requests=[["mark", {"points": ["P0"], "frames": [9, 6]}]]),
    lambda steps: steps[0].update(requests=[["mark", {"points": ["P0"], "frames": ["6", "9"]}]]),
    lambda steps: steps[0].update(requests=[[None, {}]]),
    lambda steps: steps[1].update(requests=[["fill", {"max_gap": "all"}]]),
    lambda steps: steps[1].update(requests=[["fill", {"max_gap": 10**400}]]),
    lambda steps: steps[1].update(requests=[["fill", {"max_gap": float("nan")}]]),
    lambda steps: steps[1].update(requests=[["fill", {"method": {"a": 1}}]]),
    lambda steps: steps[1].update(requests=[["rename", {"rename": ["P0"]}]]),
    lambda steps: steps[1].update(requests=[["other", {"deep": [[1]]}]]),
    lambda steps: steps[2].update(spans=[{**SPAN, "stop": 3000}]),
    lambda steps: steps[2].update(spans=[{**SPAN, "start": 3.5}]),
    lambda steps: steps[2].update(spans=[{**SPAN, "points": ["nobody"]}]),
    lambda steps: steps[2].update(subjects=[{"name": "Ann", "points": ["nobody"]}]),
    lambda steps: steps.__setitem__(4, {**steps[4], "points": steps[0]["frames"]}),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_a_history_that_does_not_fit_is_refused(number: int, tmp_path: Path) -> None:
    saved(tmp_path / "take.mpm")
    changed(tmp_path / "take.mpm", lambda index, members: CHANGES[number](index["steps"]))
    with pytest.raises(FormatError):
        project.load(tmp_path / "take.mpm")


def changed(path: Path, change: Callable[[Any, dict[str, bytes]], Any]) -> None:
    """A project with another index and other members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    index = json.loads(members[project.INDEX])
    change(index, members)
    members[project.INDEX] = json.dumps(index).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("run", [(-1, 0, 5, 9), (1, 0, 5, 9), (0, -1, 5, 9), (0, 4, 5, 9), (0, 0, 9, 5), (0, 0, -3, 9), (0, 0, 5, 900)])
def test_a_filled_run_that_is_not_in_the_take_is_refused(run: tuple[int, ...], tmp_path: Path) -> None:
    saved(tmp_path / "take.mpm")
    runs = npy(np.array([run], np.int32))
    changed(tmp_path / "take.mpm", lambda index, members: members.update({index["steps"][1]["runs"]: runs}))
    with pytest.raises(FormatError):
        project.load(tmp_path / "take.mpm")


@pytest.mark.parametrize("where", ["recording", "step"])
def test_an_origin_that_there_is_not_is_refused(where: str, tmp_path: Path) -> None:
    saved(tmp_path / "take.mpm")

    def change(index: Any, members: dict[str, bytes]) -> None:
        name = index["recording"]["origin"] if where == "recording" else index["steps"][0]["samples"]["origin"]
        origin = np.load(io.BytesIO(members[name]))
        members[name] = npy(np.where(origin == 1, 250, origin).astype(np.uint8))

    changed(tmp_path / "take.mpm", change)
    with pytest.raises(FormatError):
        project.load(tmp_path / "take.mpm")


def test_a_setting_that_a_project_cannot_keep_is_refused_at_once() -> None:
    rec = smooth_take(20, 3)
    with pytest.raises(DataError, match="max_sigma = inf is not a setting of 'fill'"):
        requested(mark(rec, region(rec, [0], 2, 5)), "fill", max_sigma=float("inf"))
