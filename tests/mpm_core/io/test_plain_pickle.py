"""Plain data comes out of pickles as it went in; nothing else comes out, and nothing ever runs."""

from __future__ import annotations

import io
import os
import pickle
import pickletools
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.errors import FormatError
from mpm_core.io import object_npz, plain_pickle
from mpm_core.io.plain_pickle import CALLS, MAKERS, STEPS, VALUES

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def pose_set() -> dict[str, Any]:
    walk = np.arange(24, dtype=np.float32).reshape(2, 4, 3)
    return {
        "S1": {"Walking 1": walk, "Fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "again": walk, "none": np.zeros((0, 3))},
        "mixed": [np.arange(3, dtype=">i2"), 1, -(2**70), 2.5, None, True, "é", b"\x00\xff", (1, (2, 3), ())],
        "scalar": np.float64(3.5),
        "flag": np.bool_(True),
        "text": np.array("male"),
        "nested": np.array([{"a": np.ones(2)}, [1, 2]], dtype=object),
    }


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and a.dtype.kind == b.dtype.kind and all(map(same, a.ravel(), b.ravel()))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_data_comes_out_as_it_went_in(protocol: int) -> None:
    value = plain_pickle.loads(pickle.dumps(pose_set(), protocol), "here")
    assert same(pose_set(), value)
    assert value["S1"]["Walking 1"].dtype == np.float32
    assert value["S1"]["again"] is value["S1"]["Walking 1"]
    value["S1"]["Walking 1"][0] = 7  # writable, and the file's bytes are not touched


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(plain, st.sampled_from(list(PROTOCOLS)))
def test_any_plain_data_comes_out_as_it_went_in(value: Any, protocol: int) -> None:
    assert plain_pickle.loads(pickle.dumps(value, protocol), "here") == value


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damage_is_told_and_never_crashes(data: st.DataObject) -> None:
    raw = bytearray(pickle.dumps(pose_set(), data.draw(st.sampled_from(list(PROTOCOLS)))))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut])):
        try:
            plain_pickle.loads(damaged, "here")
        except FormatError as error:
            assert "here" in str(error)


class Runs:
    """What an attacker would put into a data set."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("wrap", [lambda bad: bad, lambda bad: {"S1": [bad]}, lambda bad: np.array([bad, 1], dtype=object)])
def test_nothing_runs(tmp_path: Path, protocol: int, wrap: Any) -> None:
    target = tmp_path / "made"
    bad = pickle.dumps(wrap(Runs(target)), protocol)
    with pytest.raises(FormatError, match=r"the name .*mkdir"):
        plain_pickle.loads(bad, "here")
    assert not target.exists()
    pickle.loads(bad)
    assert target.is_dir(), "the pickle was a working one"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "the name os.system"),
        (b"c__builtin__\nbytes\n(I9\ntR.", "cannot be read"),
        (b"cbuiltins\neval\n(S'1'\ntR.", "the name builtins.eval"),
        (b"cnumpy\nload\n(S'x'\ntR.", "the name numpy.load"),
        (b"cnumpy\nndarray\n((I1\ntS'f8'\ntR.", "a call of numpy.ndarray"),
        (b"(S'true'\nios\nsystem\n.", "the instruction INST"),
        (b"(cnumpy\ndtype\nS'f8'\no.", "the instruction OBJ"),
        (b"cnumpy\ndtype\n)\x81.", "the instruction NEWOBJ"),
        (b"\x82\x01.", "the instruction EXT1"),
        (b"Pid\n.", "the instruction PERSID"),
        (b"cnumpy\ndtype\n.", "a bare name"),
        (b"cnumpy\ndtype\n(S'O8'\nI0\nI1\ntRp0\n.", "a bare name or type"),
        (b"cnumpy\ndtype\n(S'V8'\nI0\nI1\ntR.", "values of type 'V8'"),
        (b"}(S'a'\nI1\nub.", "cannot be read|the state of an object"),
        (b"(lp0\ng0\na.", "nested too deeply"),
        (b"I1\nI2\n.", "cannot be read"),
        (b"0.", "cannot be read"),
        (b"g7\n.", "cannot be read"),
        (b"t.", "cannot be read"),
        (b"", "cannot be read"),
        (b"I1\n", "cannot be read"),
    ],
)
def test_everything_outside_the_tables_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        plain_pickle.loads(raw, "here")


def test_an_array_that_is_not_its_own_size_is_refused() -> None:
    good = pickle.dumps(np.zeros((4, 3)), 2)
    wrong = good.replace(b"K\x04K\x03", b"K\x05K\x03")
    assert wrong != good
    with pytest.raises(FormatError, match="cannot be read"):
        plain_pickle.loads(wrong, "here")


def test_the_tables_hold_no_more_than_they_should() -> None:
    every = {opcode.name for opcode in pickletools.opcodes}
    used = VALUES | set(MAKERS) | set(STEPS) | {"PROTO", "FRAME", "STOP"}
    assert every - used == {
        *("INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID"),
        *("EMPTY_SET", "ADDITEMS", "FROZENSET", "NEXT_BUFFER", "READONLY_BUFFER", "DUP"),
    }
    assert {name.rpartition(".")[2] for name in CALLS} == {"dtype", "ndarray", "encode", "bytes", "_reconstruct", "scalar", "_frombuffer"}
    source = Path(plain_pickle.__file__).read_text(encoding="utf-8")
    assert not any(word in source for word in ("import pickle\n", "__import__", "import_module", "getattr(", "eval(", "exec("))


def test_members_of_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez_compressed(
        path, positions=np.array(pose_set(), dtype=object), table=np.array([{"a": 1}, 2], dtype=object), plain=np.arange(4.0)
    )
    assert set(object_npz.members(path)) == {"positions", "table", "plain"}
    assert same(pose_set(), object_npz.load(path, "positions"))
    assert object_npz.load(path, "table").tolist() == [{"a": 1}, 2]
    np.testing.assert_array_equal(object_npz.load(path, "plain"), np.arange(4.0))
    with pytest.raises(FormatError, match="not in the file"):
        object_npz.load(path, "other")
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(FormatError, match="damaged"):
        object_npz.load(path, "positions")


def test_a_member_that_is_no_array_is_told(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.npy", b"\x93NUMPY\x01\x00 nonsense")
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": ()})
        archive.writestr("empty.npy", buffer.getvalue())
    for name in ("data", "empty"):
        with pytest.raises(FormatError, match=r"is not an array|cannot be read"):
            object_npz.load(path, name)
