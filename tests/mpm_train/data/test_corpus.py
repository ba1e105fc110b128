"""A corpus knows what it holds: its identity, its sources, and whether its files are as they were written."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from mpm_core.errors import DataError
from mpm_train.data.config import PrepareConfig
from mpm_train.data.contents import contents_from, contents_of
from mpm_train.data.corpus import INDEX, corpus_hash, load_corpus
from mpm_train.data.intact import check_intact
from mpm_train.data.prepare import prepare
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.data.test_prepare import people


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "in" / "ann").mkdir(parents=True)
    (tmp_path / "in" / "LICENSE").write_text("CC BY-NC 4.0")
    prepare([people(tmp_path / "in", ("002", "016"), 1)], tmp_path / "out")
    return tmp_path / "out"


def shard(folder: Path) -> Path:
    return next(folder.glob("joints-*.npy"))


def test_the_index_says_whose_motion_it_is_and_what_made_it(corpus: Path, tmp_path: Path) -> None:
    _, clips = load_corpus(corpus)
    assert {(clip.source, clip.licence, clip.weights_free) for clip in clips} == {("in", "CC-BY-NC-4.0", False)}
    index = json.loads((corpus / INDEX).read_text())
    assert index["made"]["command"] == f"mpm-train prepare {tmp_path / 'in'} --out {corpus}"
    assert index["made"]["versions"]["numpy"] == np.__version__
    assert index["files"][shard(corpus).name]["bytes"] == shard(corpus).stat().st_size


def test_the_same_content_has_the_same_hash_wherever_it_lies(corpus: Path, tmp_path: Path) -> None:
    prepare([tmp_path / "in"], tmp_path / "again")
    assert corpus_hash(tmp_path / "again") == corpus_hash(corpus)
    prepare([tmp_path / "in"], tmp_path / "other", PrepareConfig(hold_out=("002",)))
    assert corpus_hash(tmp_path / "other") != corpus_hash(corpus), "others are held out"
    (tmp_path / "in" / "002" / "take0.bvh").write_bytes((tmp_path / "in" / "016" / "take0.bvh").read_bytes())
    prepare([tmp_path / "in"], tmp_path / "other")
    assert corpus_hash(tmp_path / "other") != corpus_hash(corpus), "somebody moves differently"


def test_who_is_in_which_split(corpus: Path) -> None:
    found = contents_of(corpus)
    assert [(part.source, part.split, part.people, part.clips, part.minutes) for part in found.parts] == [
        ("in", "train", ("002",), 1, 0.02),
        ("in", "validation", ("016",), 1, 0.02),
    ]
    assert contents_from(json.loads(json.dumps(asdict(found)))) == found


def test_a_corpus_of_an_older_layout_is_read_and_says_that_it_does_not_know(tmp_path: Path) -> None:
    old = make_corpus(tmp_path / "data")
    check_intact(old)
    found = contents_of(old)
    assert found.made is None and {part.source for part in found.parts} == {"not recorded"}
    rows_NJ3 = np.load(old / "joints.npy")
    rows_NJ3[0, 0, 0] += 1
    np.save(old / "joints.npy", rows_NJ3)
    assert corpus_hash(old) != found.hash


def test_a_changed_byte_is_damage(corpus: Path) -> None:
    check_intact(corpus)
    data = bytearray(shard(corpus).read_bytes())
    data[-100] ^= 1
    shard(corpus).write_bytes(data)
    load_corpus(corpus)
    with pytest.raises(DataError, match="damaged: its checksum differs") as caught:
        check_intact(corpus)
    assert caught.value.where == str(shard(corpus))


@pytest.mark.parametrize("change", ["shorter", "longer", "gone"])
def test_a_file_of_another_size_is_damage_at_once(corpus: Path, change: str) -> None:
    data, path = shard(corpus).read_bytes(), shard(corpus)
    path.unlink() if change == "gone" else path.write_bytes(data[:-4] if change == "shorter" else data + b"0000")
    with pytest.raises(DataError, match="this file of the corpus is damaged") as caught:
        load_corpus(corpus)
    assert caught.value.where == str(path)


def test_what_is_no_array_is_damage(tmp_path: Path) -> None:
    old = make_corpus(tmp_path / "data")
    (old / "joints.npy").write_bytes(b"nonsense")
    with pytest.raises(DataError, match="this file of the corpus is damaged"):
        load_corpus(old)


def test_nan_is_said_with_its_clip_frame_and_joint(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    rows_NJ3 = np.load(data / "joints.npy")
    rows_NJ3[400 + 17, 13, 1] = np.nan
    np.save(data / "joints.npy", rows_NJ3)
    with pytest.raises(DataError, match="the data hold NaN: left_wrist has no position") as caught:
        check_intact(data)
    assert caught.value.where == f"{data}, clip clip1 of s1, frame 17"
