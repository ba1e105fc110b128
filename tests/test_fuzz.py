"""The fuzzer finds what is planted and goes on past it; its changes are what they are said to be."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

import mpm_core as mpm

pytest.importorskip("atheris", reason="the fuzzer needs atheris (Linux)")
from tests import fuzz
from tests.fuzz_child import mutated
from tests.guarded import Guard

TEXT = b"Frames: 2\n1.5 2 3\n4 5 6\n" * 20


def planted(path: Path) -> None:
    """A reader with two faults: a number above 60,000, and a line that is there more than 40 times."""
    data = path.read_bytes()
    if any(int(number) > 60_000 for number in re.findall(rb"\d{1,12}", data)):
        raise ZeroDivisionError
    if data.count(b"4 5 6") > 40:
        raise KeyError("twice")
    raise mpm.FormatError("a reason", where=str(path), hint="what to do")


@pytest.mark.slow
def test_what_is_planted_is_found_and_passed_over(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "seed").write_bytes(TEXT)
    result = fuzz.fuzz("bvh", corpus, 12, 1, "tests.test_fuzz:planted")
    keys = [finding.key for finding in result.findings]
    assert len(keys) == len(set(keys)) == 2 and result.runs > 0
    assert {key.split(" ")[0] for key in keys} == {"ZeroDivisionError", "KeyError"}
    for finding in result.findings:
        (tmp_path / "found.bvh").write_bytes(finding.data)
        with pytest.raises((ZeroDivisionError, KeyError)):
            planted(tmp_path / "found.bvh")


def test_the_guard_has_the_last_word(tmp_path: Path) -> None:
    finding = fuzz.Finding("hang", b"HIERARCHY\n", "")
    with Guard() as guard:
        assert fuzz.confirmed("bvh", finding, guard, tmp_path).kind == "refused"


def test_changes_are_repeatable_bounded_and_of_every_kind() -> None:
    changes = [mutated(TEXT, 4000, seed) for seed in range(300)]
    assert changes == [mutated(TEXT, 4000, seed) for seed in range(300)]
    assert max(map(len, changes)) <= 4000
    assert any(b"1e999" in change for change in changes)
    assert any(change.count(b"\n") > 2 * TEXT.count(b"\n") for change in changes)
    assert any(len(change) == len(TEXT) and change != TEXT for change in changes)
    assert mutated(b"", 10, 3) is not None


def test_a_zip_stays_one_while_a_member_changes() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.npy", TEXT)
        archive.writestr("b.npy", TEXT)
    inside = 0
    for seed in range(40):
        try:
            with zipfile.ZipFile(io.BytesIO(mutated(out.getvalue(), 8000, seed))) as archive:
                inside += any(archive.read(name) != TEXT for name in archive.namelist())
        except (zipfile.BadZipFile, NotImplementedError, KeyError, OSError, RuntimeError, ValueError):
            continue
    assert inside > 15


def test_seeds_are_whole_files_of_their_kind(tmp_path: Path) -> None:
    for family in fuzz.ENDINGS:
        fuzz.seeds(tmp_path / "none", family, tmp_path / family)
        assert any((tmp_path / family).iterdir()), family
