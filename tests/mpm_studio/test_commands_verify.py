"""`verify`, the proof beside each export, and --force, as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mpm_core as mpm
from mpm_core.resources import resource
from mpm_studio.__main__ import main
from tests.makers import smooth_take, with_gap
from tests.mpm_core.check.test_proof import nudged


@pytest.fixture
def gappy(tmp_path: Path) -> Path:
    path = tmp_path / "gappy.npz"
    mpm.write(with_gap(smooth_take(), 1, 30, 40), path)
    return path


def test_each_export_writes_its_proof_and_verify_recomputes_it(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out, words in (("out.npz", ["clean", "-o"]), ("out.csv", ["convert"])):
        assert main([words[0], str(gappy), *words[1:], str(tmp_path / out)]) == 0
        proof = json.loads((tmp_path / f"{out}.proof.json").read_text())
        capsys.readouterr()
        assert main(["verify", str(gappy), str(tmp_path / out), "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        measured = proof["measured"]
        assert measured["changed"] == found["changed"] == 0 and measured["measured"] == found["measured"] == 470
        assert measured["sha256_before"] == measured["exported"]["sha256_after"] == found["sha256_before"] == found["sha256_after"]
        assert measured["exported"]["sha256_file"] == found["export"]["sha256"]
        assert proof["file"]["sha256"] == found["source"]["sha256"]
        assert proof["filled"]["by"] == found["filled"]["by"]


def test_verify_says_what_changed_and_exits_with_4(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.npz"
    mpm.write(nudged(mpm.read(gappy), 7, 2), out)
    assert main(["verify", str(gappy), str(out)]) == 4
    printed = capsys.readouterr().out
    assert "1 measured samples changed or are missing" in printed and "P2" in printed and "every bit" in printed
    assert main(["verify", str(gappy), str(gappy)]) == 0
    assert "nothing measured changed" in capsys.readouterr().out
    assert main(["verify", str(gappy), str(tmp_path / "none.npz")]) == 1


def test_the_input_is_replaced_only_by_force_and_kept_beside(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = gappy.read_bytes()
    for words in (["clean", str(gappy), "-o", str(gappy)], ["convert", str(gappy), str(gappy)]):
        assert main(words) == 1
        assert "--force" in capsys.readouterr().err and gappy.read_bytes() == before
    assert main(["clean", str(gappy), "-o", str(gappy), "--force", "--method", "hermite"]) == 0
    backup = tmp_path / "gappy.npz.bak"
    assert backup.read_bytes() == before and mpm.read(gappy).visible_FP.all()
    assert main(["verify", str(backup), str(gappy)]) == 0


def test_verify_believes_the_proof_beside_the_export_of_that_very_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = resource("sample/walk_reach_sit.c3d"), tmp_path / "out.c3d"
    assert main(["clean", str(source), "-o", str(out), "--mark", "LFHD:100-120", "--method", "linear", "--max-sigma", "1000"]) == 0
    capsys.readouterr()
    assert main(["verify", str(source), str(out)]) == 0
    printed = capsys.readouterr().out
    assert "21 measured samples, marked as wrong, exchanged or set by hand by" in printed and "0 changed" in printed
    proof = tmp_path / "out.c3d.proof.json"
    kept = proof.read_text()
    proof.unlink()
    assert main(["verify", str(source), str(out)]) == 4, "without the proof the replaced samples are changed ones"
    facts = json.loads(kept)
    facts["measured"]["exported"]["sha256_file"] = "0" * 64
    proof.write_text(json.dumps(facts))
    capsys.readouterr()
    assert main(["verify", str(source), str(out)]) == 4, "a proof of another file proves nothing"
    assert f"{proof} is damaged, or about another source or another state of the export, and was not used" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["clean", "-o"], ["convert"], ["filter", "--measured", "--cutoff", "5", "-o"]])
def test_a_proof_that_is_there_is_replaced_with_force_only(
    gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    proof = tmp_path / "out.npz.proof.json"
    proof.write_text("mine")
    asked = [words[0], str(gappy), *words[1:], str(tmp_path / "out.npz")]
    assert main(asked) == 1
    said = capsys.readouterr().err
    assert "there is a file of this name already" in said and "out.npz.proof.json" in said and "--force" in said
    assert proof.read_text() == "mine" and not (tmp_path / "out.npz").exists()
    assert main([*asked, "--force"]) == 0
    assert (tmp_path / "out.npz.proof.json.bak").read_text() == "mine" and main(["verify", str(gappy), str(tmp_path / "out.npz")]) == 0


@pytest.mark.parametrize("words", [["clean", "-o"], ["convert"], ["filter", "--measured", "--cutoff", "5", "-o"]])
def test_the_proof_of_a_result_that_was_deleted_is_kept_beside_the_new_one(gappy: Path, tmp_path: Path, words: list[str]) -> None:
    out, other = tmp_path / "out.npz", tmp_path / "other.npz"
    proof = tmp_path / "out.npz.proof.json"
    asked = [words[0], str(gappy), *words[1:]]
    code = main([*asked, str(out)])
    assert code in (0, 3)
    before = proof.read_bytes()
    out.unlink()
    proof.rename(tmp_path / "other.npz.proof.json")
    assert main([*asked, str(other)]) == 1 and not other.exists(), "a proof of a file of another name"
    (tmp_path / "other.npz.proof.json").rename(proof)
    assert main([*asked, str(out)]) == code and out.exists()
    assert (tmp_path / "out.npz.proof.json.bak").read_bytes() == before and main(["verify", str(gappy), str(out)]) == 0


def test_marks_on_filtered_samples_of_a_csv_make_gaps_and_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mpm.write(smooth_take(), tmp_path / "in.npz")
    filtered, out = tmp_path / "filtered.csv", tmp_path / "out.npz"
    assert main(["filter", str(tmp_path / "in.npz"), "--measured", "--cutoff", "5", "--only", "P1:20-60", "-o", str(filtered)]) == 0
    capsys.readouterr()
    assert main(["clean", str(filtered), "-o", str(out), "--mark", "P1:30-39", "--mark", "P2:30-31", "--method", "linear"]) == 0
    assert "10 filtered samples, whose measured value is not known, are gaps now" in capsys.readouterr().out
    after = mpm.read(out)
    assert (after.origin_FP[29:39, 1] == mpm.Origin.FILLED).all() and (after.origin_FP[19:29, 1] == mpm.Origin.FILTERED).all()
    proof = json.loads((tmp_path / "out.npz.proof.json").read_text())
    assert proof["filled"]["samples"] == 12 and "10 filtered samples" in "".join(proof["log"])
    assert main(["verify", str(filtered), str(out)]) == 0
