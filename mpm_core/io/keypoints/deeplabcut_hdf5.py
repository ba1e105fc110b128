"""DeepLabCut's tables in HDF5, as pandas writes them, in both of its layouts; what is pickled in them is read without unpickling.

W columns, F frames.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io import plain_pickle
from mpm_core.io.keypoints.deeplabcut import HEADS, deeplabcut_file
from mpm_core.io.keypoints.json_frames import NOT_KEYPOINTS
from mpm_core.io.keypoints.take import KeypointFile
from mpm_core.io.tables.text import by_number
from mpm_core.typing import Float


def table_in(file: Any) -> Any:
    """The first group of an open file that is a table of pandas; None where there is none."""
    return next((file[name] for name in file if "pandas_type" in file[name].attrs), None)


def table_file(group: Any, where: str) -> KeypointFile:
    """The people of a table. Raises FormatError when its columns are not DeepLabCut's."""
    columns, number_F, values_FW = _appendable(group, where) if "table" in group else _fixed(group, where)
    whole = len(columns) == values_FW.shape[1] and len(number_F) == len(values_FW)
    if not columns or not whole or any(len(column) not in (len(HEADS) - 1, len(HEADS)) for column in columns):
        raise FormatError("the table's columns are not DeepLabCut's", where=where, hint=NOT_KEYPOINTS)
    if "z" in {column[-1] for column in columns}:
        raise FormatError("the table holds positions in space", where=where, hint="export them as CSV and say --columns")
    if number_F.dtype.kind in "iuf":
        frame_F, first_frame, notes = by_number(number_F.astype(np.float64))
    else:  # names of images, as of labelled frames
        frame_F, first_frame, notes = np.arange(len(number_F)), 1, ["the rows are images: the frames are in the order of the rows"]
    spread_FW = np.full((int(frame_F[-1]) + 1 if len(frame_F) else 0, len(columns)), np.nan)
    spread_FW[frame_F] = values_FW
    return deeplabcut_file(where, columns, spread_FW, first_frame, notes)


def _appendable(group: Any, where: str) -> tuple[list[tuple[str, ...]], Any, Float]:
    """Columns, row labels and values of pandas' layout 'table', whose column names are pickled in an attribute."""
    rows = group["table"][()]
    pickled = group["table"].attrs["values_block_0_kind"]
    data = bytes(pickled) if isinstance(pickled, bytes) else str(pickled).encode("latin-1")
    listed = plain_pickle.loads(data, f"{where}, values_block_0_kind")
    if not isinstance(listed, list) or not all(isinstance(column, tuple) for column in listed):
        raise FormatError("the table's columns are not DeepLabCut's", where=where, hint=NOT_KEYPOINTS)
    return [tuple(map(str, column)) for column in listed], rows["index"], np.asarray(rows["values_block_0"], np.float64)


def _fixed(group: Any, where: str) -> tuple[list[tuple[str, ...]], Any, Float]:
    """Columns, row labels and values of pandas' layout 'fixed', whose column names are levels and indices into them.

    Raises FormatError for an index below 0, which is a column without a name.
    """
    names = []
    for level in range(int(group.attrs["block0_items_nlevels"])):
        words = [
            word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word) for word in group[f"block0_items_level{level}"][()]
        ]
        indices = group[f"block0_items_label{level}"][()].tolist()
        if any(index < 0 for index in indices):
            raise FormatError("a column of the table has no name", where=where, hint=NOT_KEYPOINTS)
        names.append([words[index] for index in indices])
    values_FW = np.asarray(group["block0_values"][()], np.float64)
    rows = group["axis1"][()] if "axis1" in group else np.array(["image"] * len(values_FW))  # several levels: names of images
    return list(zip(*names, strict=True)), rows, values_FW
