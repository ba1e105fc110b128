"""Licences are recognised by their texts, and what is not recognised is quoted and allows nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mpm_train.data.datasets import owner_of, terms_of
from mpm_train.data.licences import LICENCE_FILE, Terms, terms_of_text

APACHE = "\n   Apache License\n                 Version 2.0, January 2004\n\n   TERMS AND CONDITIONS FOR USE\n"
MIT = "Copyright (c) 2013 Ann\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\nof this software"
BSD = "Redistribution and use in source and binary forms, with or without modification, are permitted"
GPL = "GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007\n ... use the GNU Lesser General Public License instead"


@pytest.mark.parametrize(
    ("text", "licence", "free"),
    [
        (APACHE, "Apache-2.0", True),
        (MIT, "MIT", True),
        (BSD, "BSD-2-Clause", True),
        (f"{BSD}\n3. Neither the name of the holder", "BSD-3-Clause", True),
        ("Creative Commons Attribution 4.0 International Public License", "CC-BY-4.0", True),
        ("CC BY 3.0", "CC-BY-3.0", True),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported", "CC-BY-SA-3.0", False),
        ("Creative Commons\nAttribution-NonCommercial-ShareAlike 4.0 International", "CC-BY-NC-SA-4.0", False),
        ("CC-BY-NC-ND-4.0", "CC-BY-NC-ND-4.0", False),
        ("Creative Commons Attribution-NoDerivatives 4.0", "CC-BY-ND-4.0", False),
        ("Creative Commons Legal Code\n\nCC0 1.0 Universal", "CC0-1.0", True),
        ("ODC Public Domain Dedication and Licence (PDDL)", "PDDL-1.0", True),
        ("Open Database License (ODbL)", "ODbL-1.0", False),
        (GPL, "GPL-3.0", False),
        ("GNU Affero General Public License version 3", "AGPL-3.0", False),
        ("LGPL v2.1", "LGPL-2.1", False),
        ("MIT", "MIT", True),
        ("The code is under the MIT License, the motion under CC BY-NC 4.0", "CC-BY-NC-4.0 AND MIT", False),
    ],
)
def test_texts_that_are_known(text: str, licence: str, free: bool) -> None:
    assert terms_of_text(text, "x") == Terms(licence, free, "x")


@pytest.mark.parametrize(
    "text", ["\nMade at MIT, for friends of the lab.\n" + "More words. " * 30, "our own", "by permission of the dancers"]
)
def test_other_texts_are_quoted_and_allow_nothing(text: str) -> None:
    found = terms_of_text(text, "x")
    assert found.licence == f"not recognised: {text.strip().splitlines()[0]}" and found.weights_free is None


@pytest.mark.parametrize(
    "more", ["For non-commercial use.", "Research purposes only.", "Only for academic use.", "Commercial use is not allowed."]
)
def test_words_that_take_a_permissive_licence_back_are_not_passed_over(more: str) -> None:
    assert terms_of_text(f"{APACHE}\n{more}", "x") == Terms("Apache-2.0", None, "x")


def test_an_empty_text_states_nothing() -> None:
    assert terms_of_text(" \n", "x") == Terms("not stated", None, "x")


def test_which_files_are_licences() -> None:
    names = ("LICENSE", "licence.txt", "LICENSE.walks.txt", "LICENSE-MIT", "COPYING", "LICENCE_data.md")
    assert all(LICENCE_FILE.fullmatch(name) for name in names)
    assert not any(LICENCE_FILE.fullmatch(name) for name in ("license_plate.bvh", "relicense.txt", "licensed.txt", "copying.amc"))


def test_several_files_hold_together_unless_one_is_named_after_the_folder(tmp_path: Path) -> None:
    (tmp_path / "walks").mkdir()
    (tmp_path / "runs").mkdir()
    (tmp_path / "LICENSE.walks.txt").write_text(APACHE)
    (tmp_path / "LICENSE.jumps.txt").write_text(MIT)
    walk, run = tmp_path / "walks" / "a.bvh", tmp_path / "runs" / "a.bvh"
    assert terms_of(walk, tmp_path, "", {}).licence == "Apache-2.0"
    assert (terms_of(run, tmp_path, "", {}).licence, terms_of(run, tmp_path, "", {}).weights_free) == ("MIT", True), "not that of walks"
    (tmp_path / "LICENSE-APACHE").write_text(APACHE)
    assert terms_of(run, tmp_path, "", {}).licence == "Apache-2.0 AND MIT"
    (tmp_path / "LICENSE.jumps.txt").write_text("ask us")
    assert terms_of(run, tmp_path, "", {}).weights_free is None, "one file that nobody understands is enough"
    assert terms_of(run, tmp_path / "runs", "SNU", {}).by == "known data set SNU", "above the folder that was given nothing is read"
    stated = terms_of(run, tmp_path, "", {tmp_path / "runs": "CC BY-NC 4.0, Ann"})
    assert (stated.licence, stated.weights_free) == ("CC BY-NC 4.0, Ann", False)


def test_seoul_s_folders_are_known_below_a_folder_of_that_name() -> None:
    assert owner_of(Path("/data/snu/tennis/a.bvh")).dataset == "SNU"
    assert owner_of(Path("/data/snu/ys2010/Picking/a.bvh")).dataset == "SNU"
    assert owner_of(Path("/data/club/tennis/a.bvh")).dataset == ""
