"""TRC as writers in the wild make it: what is lost elsewhere is read here, what cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm

HEAD = "PathFileType\t4\t(X/Y/Z)\ta.trc\n"
NAMES = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
VALUES = "100\t100\t2\t2\tmm\t100\t1\t2\n"
LABELS = "Frame#\tTime\tA\t\t\tB\t\t\n\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n"
ROWS = "1\t0.00\t1\t2\t3\t4\t5\t6\n2\t0.01\t1.5\t2\t3\t4\t5\t6\n"
PLAIN = HEAD + NAMES + VALUES + LABELS + ROWS


def read(tmp_path: Path, text: str, **options: object) -> mpm.Recording:
    (tmp_path / "a.trc").write_bytes(text.encode("utf-8"))
    return mpm.read(tmp_path / "a.trc", **options)


def in_file(rec: mpm.Recording) -> np.ndarray:
    return (rec.xyz_FPD.astype(float) @ np.linalg.inv(rec.source.file_to_world_33).T).round(4)


TRUTH = np.array([[[1, 2, 3], [4, 5, 6]], [[1.5, 2, 3], [4, 5, 6]]])


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\t", ","),
        PLAIN.replace("\n1\t", "\t\n1\t").replace("6\n", "6\t \n"),  # cells at the ends of lines
        PLAIN.replace("A\t\t\tB\t\t", "A\tB"),  # labels one after the other
        PLAIN.replace("Time\tA\t\t\tB\t\t", "Time\t\tA\t\tB").replace("\n\t\tX1", "\n\t\t\tX1"),  # shifted headers
        PLAIN.replace("100\t100\t2\t2\tmm", "  100.0\t\t  100.0\t\t 2\t\t 2\t\t mm"),  # blanks between the header's values
        PLAIN.replace("\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n", ""),  # no line of axes
        PLAIN.replace("5\t6", "5e0\t6.0E+00"),
        "\ufeff" + PLAIN,
    ],
)
def test_one_take_however_it_is_written(tmp_path: Path, text: str) -> None:
    rec = read(tmp_path, text)
    assert (rec.points, rec.rate_hz, rec.source.unit, rec.source.first_frame) == (("A", "B"), 100, "mm", 1)
    np.testing.assert_array_equal(in_file(rec), TRUTH)


@pytest.mark.parametrize("nothing", ["", "NaN", "nan", "Nan", "  NAN", "-nan(ind)", "1.#QNAN", "-1.#IND", "#N/A", "null", "inf"])
def test_every_spelling_of_nothing(tmp_path: Path, nothing: str) -> None:
    rec = read(tmp_path, PLAIN.replace("1.5\t2\t3", "\t".join([nothing] * 3)))
    assert np.isnan(rec.xyz_FPD[1, 0]).all() and np.isfinite(rec.xyz_FPD[1, 1]).all()


def test_half_a_sample_is_none_and_is_told(tmp_path: Path) -> None:
    rec = read(tmp_path, PLAIN.replace("1.5\t2\t3", "1.5\t\t3"))
    assert np.isnan(rec.xyz_FPD[1, 0]).all() and any("1 sample without one of the coordinates" in note for note in rec.source.notes)


def test_headers_that_lie_are_told(tmp_path: Path) -> None:
    rec = read(tmp_path, PLAIN.replace("100\t100\t2\t2\tmm", "50\t50\t7\t9\tmm"))
    said = " ".join(rec.source.notes)
    assert rec.rate_hz == 50 and "7 frames, the file holds 2" in said and "9 markers, the file holds 2" in said
    longer = PLAIN.replace("100\t100\t2", "10\t10\t5") + "3\t0.02\t1\t2\t3\t4\t5\t6\n4\t0.03\t1\t2\t3\t4\t5\t6\n5\t0.04\t1\t2\t3\t4\t5\t6\n"
    odd = read(tmp_path, longer)
    assert odd.rate_hz == 10 and any("time column runs at 100" in note for note in odd.source.notes)
    assert read(tmp_path, longer, fps=100).rate_hz == 100


def test_markers_without_names_and_frames_that_are_left_out(tmp_path: Path) -> None:
    rec = read(tmp_path, PLAIN.replace("A\t\t\tB\t\t", "A\t\t\t").replace("\n2\t0.01", "\n4\t0.03"))
    assert rec.points == ("A", "*2") and rec.frames == 4 and np.isnan(rec.xyz_FPD[1:3]).all()
    assert any("they have no row: 2 frames" in note for note in rec.source.notes)


def test_unit_up_and_zeros_are_decided_shown_and_overruled(tmp_path: Path) -> None:
    text = PLAIN.replace("1.5\t2\t3", "0\t0\t0")
    rec = read(tmp_path, text)
    assert np.isnan(rec.xyz_FPD[1, 0]).all() and any("taken as missing: 1 sample at exactly 0,0,0" in note for note in rec.source.notes)
    asked = read(tmp_path, text, unit="m", up="y", zero_is_missing=False)
    np.testing.assert_allclose(asked.xyz_FPD, [[[1, -3, 2], [4, -6, 5]], [[0, 0, 0], [4, -6, 5]]])
    assert {"unit: m (as asked)", "up: y (as asked)", "samples at exactly 0,0,0 are measured (as asked)"} <= set(asked.source.notes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + NAMES, "has 2 lines"),
        (HEAD + NAMES + VALUES, "no line of marker names"),
        (HEAD + NAMES + VALUES + LABELS, "no frames after the header"),
        (HEAD + NAMES.replace("DataRate", "Rate") + VALUES + LABELS + ROWS, "names no DataRate"),
        (PLAIN.replace("1.5", "1.x"), "line 8, column 3: '1.x' is not a number"),
        (PLAIN.replace("100\t100\t2", "0\t0\t2").replace("\t0.01", "\t0.00"), "no frame rate"),
        (HEAD + NAMES + VALUES + "Frame#\tTime\n\n1\t0\n2\t0.1\n", "no markers"),
    ],
)
def test_what_is_cut_off_or_damaged_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(mpm.FormatError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)


def long_rows(points: int = 3) -> list[list[str]]:
    """Ten rows of numbers that are all different."""
    return [[str(f), str((f - 1) / 100), *(str(100 * i + f) for i in range(3 * points))] for f in range(1, 11)]


def table(rows: list[list[str]], separator: str = "\t") -> str:
    labels = separator.join(["Frame#", "Time", "A", "", "", "B", "", "", "C", "", ""]) if separator != " " else "Frame# Time A B C"
    return HEAD + NAMES + VALUES.replace("2\t2", "10\t3") + "\n".join([labels, "", *(separator.join(row) for row in rows)]) + "\n"


@pytest.mark.parametrize("separator", ["\t", ",", " "])
def test_a_row_that_lost_a_number_or_has_one_too_many_is_refused(tmp_path: Path, separator: str) -> None:
    assert read(tmp_path, table(long_rows(), separator)).frames == 10
    for change in (lambda row: row[:4] + row[5:], lambda row: [*row[:4], "7", *row[4:]], lambda row: row[:-1]):
        rows = long_rows()
        rows[3] = change(rows[3])
        with pytest.raises(mpm.FormatError, match=r"line 9: the row has 1[02] cells, most others have 11"):
            read(tmp_path, table(rows, separator))


def test_rows_may_end_where_a_marker_ends(tmp_path: Path) -> None:
    rows = long_rows()
    rows[2], rows[4], rows[6], rows[8] = rows[2][:8], rows[4][:2], rows[6][:5] + [""], [*rows[8], "", ""]
    rec = read(tmp_path, table(rows))
    assert np.isnan(rec.xyz_FPD).all(axis=2).sum(axis=1).tolist() == [0, 0, 1, 0, 3, 0, 2, 0, 0, 0]
    with pytest.raises(mpm.FormatError, match="line 8: the row has 8 cells"):  # between blanks, nothing shows which marker is missing
        read(tmp_path, table([row[:8] if f == 2 else row for f, row in enumerate(long_rows())], " "))


def test_a_row_without_the_cells_of_a_missing_marker_is_refused(tmp_path: Path) -> None:
    """As scripts write that leave missing markers out: the markers behind it would be the ones before them."""
    rows = [[str(f), str((f - 1) / 100), *(f"{500 * (i // 3) + 10 * i + f:g}" for i in range(12))] for f in range(1, 11)]
    named = table(rows).replace("10\t3\tmm", "10\t4\tmm").replace("C\t\t", "C\t\t\tD\t\t")
    assert read(tmp_path, named).points == ("A", "B", "C", "D")
    for left_out, told in ((5, "line 11: the row has 11 cells, one beside it has 14"), (11, "")):
        row = "\t".join(rows[5])
        text = named.replace(row, "\t".join(rows[5][:left_out] + rows[5][left_out + 3 :]))
        if told:
            with pytest.raises(mpm.FormatError, match=told):
                read(tmp_path, text)
        else:
            assert np.argwhere(np.isnan(read(tmp_path, text).xyz_FPD).all(axis=2)).tolist() == [[5, 3]]


def test_markers_left_out_of_most_rows_are_refused(tmp_path: Path) -> None:
    rows = [[str(f), str((f - 1) / 100), *(f"{500 * (i // 3) + 10 * i + f:g}" for i in range(12))] for f in range(1, 11)]
    some = [row if f in (0, 4) else row[:5] + row[8:] for f, row in enumerate(rows)]
    text = table(some).replace("10\t3\tmm", "10\t4\tmm").replace("C\t\t", "C\t\t\tD\t\t")
    with pytest.raises(mpm.FormatError, match="line 7: the row has 11 cells, one beside it has 14"):
        read(tmp_path, text)


def test_the_last_marker_may_be_lost_of_somebody_who_walks_on(tmp_path: Path) -> None:
    """Soon the one before it is where the lost one was seen last."""
    rows = [[str(f), str((f - 1) / 100), *(f"{100 * (i // 3) + 10 * f:g}" for i in range(9))] for f in range(1, 401)]
    rec = read(tmp_path, table([row if f < 220 else row[:8] for f, row in enumerate(rows)]))
    assert np.isfinite(rec.xyz_FPD).all(axis=2).sum(axis=0).tolist() == [400, 400, 220]


def test_header_lines_with_blanks_and_tabs_are_split_at_both(tmp_path: Path) -> None:
    mixed = table(long_rows()).replace("DataRate\tCameraRate", "DataRate CameraRate").replace("100\t100\t", "100 100\t")
    assert "DataRate CameraRate" in mixed and "100 100" in mixed and read(tmp_path, mixed).rate_hz == 100


def test_names_that_lost_one_are_not_given_to_the_next_marker(tmp_path: Path) -> None:
    shifted = table(long_rows()).replace("Time\tA\t\t\tB", "Time\t\t\tB")
    with pytest.raises(mpm.FormatError, match="2 names are not above the columns of the 3 markers"):
        read(tmp_path, shifted)


def test_a_header_without_a_unit_is_not_given_the_next_value(tmp_path: Path) -> None:
    rec = read(tmp_path, table(long_rows()).replace("\tmm\t", "\t\t"))
    assert any("the file gives no unit" in note for note in rec.source.notes) and rec.rate_hz == 100


def test_numbers_that_are_no_positions_are_not_read_as_such(tmp_path: Path) -> None:
    with pytest.raises(mpm.FormatError, match="make no sense") as caught:
        read(tmp_path, PLAIN.replace("1.5", "1e30"))
    assert caught.value.where.endswith("a.trc")
    long = PLAIN + "".join(f"{frame}\t{(frame - 1) / 100}\t1\t2\t3\t4\t5\t6\n" for frame in range(3, 200))
    rec = read(tmp_path, long.replace("1.5", "1e30"))
    assert np.isnan(rec.xyz_FPD[1, 0]).all() and any("beyond any place" in note for note in rec.source.notes)


@pytest.mark.parametrize("text", [PLAIN.replace("(X/Y/Z)", "(X/Z/Y)"), PLAIN.replace("X1\tY1\tZ1", "X1\tZ1\tY1")])
def test_axes_in_another_order_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(mpm.FormatError, match="its columns are X, Z, Y"):
        read(tmp_path, text)
    with pytest.raises(mpm.FormatError, match="its columns are X, Z, Y"):
        read(tmp_path, text.replace("X/Z/Y", "x/z/y").replace("X1\tZ1\tY1", "x1\tz1\ty1"))


def test_axes_in_another_order_are_refused_for_every_marker(tmp_path: Path) -> None:
    with pytest.raises(mpm.FormatError, match="its columns are X, Z, Y"):
        read(tmp_path, PLAIN.replace("X2\tY2\tZ2", "X2\tZ2\tY2"))
