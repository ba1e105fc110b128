"""Rules for files by pattern: which fits, which holds, and that what cannot be understood is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpm_core.errors import DataError
from mpm_train.data.config import PrepareConfig
from mpm_train.data.patterns import fits, holds_out, place_of, unused
from mpm_train.data.rules import options_for, rules_of
from mpm_train.data.splits import split_of


@pytest.mark.parametrize(
    ("pattern", "place", "yes"),
    [
        ("snu/**", "data/snu/tiling/1/avoid.amc", True),
        ("snu", "data/snu/tiling/1/avoid.amc", True),
        ("tiling/*", "snu/tiling/1/avoid.amc", True),
        ("tiling/*.amc", "snu/tiling/1/avoid.amc", False),
        ("tiling/**/*.amc", "snu/tiling/1/avoid.amc", True),
        ("tiling/**/*.amc", "snu/tiling/avoid.amc", True),
        ("**", "a.amc", True),
        ("*.bvh", "a/b/c.bvh", True),
        ("s_010*", "snu/basketball/s_010_1_1.bvh", True),
        ("s_01", "snu/basketball/s_010_1_1.bvh", False),
        ("ling/1", "snu/tiling/1/avoid.amc", False),
        ("a.c", "x/abc", False),
        ("S_010*", "snu/basketball/s_010_1_1.bvh", False),
        ("take_?", "x/take_1/a.bvh", True),
    ],
)
def test_patterns(pattern: str, place: str, yes: bool) -> None:
    assert fits(pattern, place) is yes


def test_a_file_is_seen_from_the_folder_that_was_named(tmp_path: Path) -> None:
    path = tmp_path / "snu" / "tennis" / "a.bvh"
    assert place_of(path, tmp_path / "snu") == "snu/tennis/a.bvh"
    assert place_of(path, path) == "tennis/a.bvh"


def test_the_last_rule_that_fits_holds_and_says_who_said_it(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[fps]\n"ann/**" = 25\n"ann/run*" = 50\n[unit]\n"ann" = "cm"\n')
    rules = rules_of(PrepareConfig(rules=file, fps=("ann/run_2*=60",)))
    root = tmp_path / "ann"
    walk, run, second = (options_for(root / name, root, rules) for name in ("walk.amc", "run_1.amc", "run_2.amc"))
    assert (walk.fps, run.fps, second.fps) == (25.0, 50.0, 60.0)
    assert (walk.given_by("fps"), second.given_by("fps")) == ("mine.toml", "--fps ann/run_2*=60")
    assert walk.unit == "cm"
    assert walk.asf is None
    assert walk.up is None


def test_snu_is_known_by_its_folders(tmp_path: Path) -> None:
    rules = rules_of(PrepareConfig())
    root = tmp_path / "snu"
    for name, asf in (
        ("tiling/1/avoid.amc", "tiling/1/../wd2.asf"),
        ("tiling/1/session2and3/Take01.amc", "tiling/1/session2and3/woody2.asf"),
        ("tiling/multi/hys_box_2.amc", "tiling/multi/hys.asf"),
        ("tiling/multi/mmk_box_2.amc", "tiling/multi/mmk.asf"),
    ):
        found = options_for(root / name, root, rules)
        assert (found.fps, found.asf) == (None, root / asf), name
        assert options_for(root / name, (root / name).parent, rules) == found, "whichever folder of it is named"
    assert options_for(root / "tennis" / "a.bvh", root, rules).fps is None, "a BVH says its rate"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fps": ("30",)}, "not PATTERN=VALUE"),
        ({"fps": ("a=fast",)}, "not a frame rate"),
        ({"fps": ("a=0",)}, "not a frame rate"),
        ({"fps": ("a=nan",)}, "not a frame rate"),
        ({"unit": ("a=",)}, "a pattern and a value"),
        ({"asf": ("=x.asf",)}, "a pattern and a value"),
    ],
)
def test_rules_that_cannot_be_understood(given: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(DataError, match=words):
        rules_of(PrepareConfig(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[fps", "not TOML"),
        ("[rate]\n'a' = 3", "rate"),
        ("fps = 3", "not as they should be"),
        ("[fps]\n'a' = [3]", "not a value of a rule"),
        ("[fps]\n'a' = true", "not a value of a rule"),
        ("[hold_out]\ntrain = ['a']", "train"),
        ("[hold_out]\nvalidation = 'a'", "not as they should be"),
        ("hold_out = 3", "hold_out"),
    ],
)
def test_files_of_rules_that_cannot_be_understood(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(DataError, match=words):
        rules_of(PrepareConfig(rules=tmp_path / "rules.toml"))
    with pytest.raises(DataError, match="cannot be read"):
        rules_of(PrepareConfig(rules=tmp_path / "none.toml"))


def test_hold_outs_are_added_to_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('[hold_out]\nvalidation = ["ann"]\ntest = ["bob"]\n')
    rules = rules_of(PrepareConfig(hold_out=("cid",), test=("x/*",), rules=tmp_path / "rules.toml"))
    assert rules.validation[-2:] == ("ann", "cid")
    assert rules.test[-2:] == ("bob", "x/*")
    assert {"005", "snu/tennis", "ui-prmd-s07"} <= set(rules.validation)
    assert rules.given == ("ann", "cid", "bob", "x/*")
    bare = rules_of(PrepareConfig(hold_out=("cid",), default_splits=False))
    assert (bare.validation, bare.test) == (("cid",), ())


def test_who_is_held_out() -> None:
    rules = rules_of(PrepareConfig())
    for subject, place, split in (
        ("016", "cmu/016/16_01.amc", "validation"),
        ("009", "cmu/009/09_01.amc", "train"),
        ("hdm05-bd", "hdm05/bd/HDM_bd_a.amc", "test"),
        ("snu/tennis", "snu/tennis/a.bvh", "validation"),
        ("snu/basketball/s_010", "snu/basketball/s_010_1_1.bvh", "validation"),
        ("snu/basketball/s_009", "snu/basketball/s_009_1_1.bvh", "train"),
        ("ui-prmd-s08", "Positions/m01_s08_e01_positions.txt", "validation"),
        ("ui-prmd-s01", "Positions/m01_s01_e01_positions.txt", "train"),
    ):
        assert split_of(subject, place, rules.validation, rules.test) == split, subject
    assert holds_out("x/take1*", "ann", "x/take12.bvh")
    assert not holds_out("x/take1*", "ann", "x/take2.bvh")
    assert unused(("ann", "b*"), [("ann", "x/a.bvh")]) == ("b*",)
