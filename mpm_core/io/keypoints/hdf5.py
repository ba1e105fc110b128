"""Keypoints in HDF5: SLEAP's analysis files and projects (.slp), and DeepLabCut's tables. Pixels, y down. Reading them needs h5py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DAMAGED, FormatError
from mpm_core.io.keypoints import deeplabcut_hdf5, sleap
from mpm_core.io.keypoints.take import KeypointFile, reader_of

MAGIC = b"\x89HDF\r\n\x1a\n"
MOST_BYTES = 1 << 29  # of one data set as float64 or larger: a file may declare far more than it holds
IMAGES = "video"  # in SLEAP's projects; they are not read
H5_ERRORS = (OSError, KeyError, ValueError, TypeError, RuntimeError, IndexError, AttributeError, OverflowError, MemoryError)


def sniff(path: Path, head: bytes) -> bool:
    return head.startswith(MAGIC)


def file_of(path: Path) -> KeypointFile:
    """The tracks or individuals of a file.

    Raises FormatError when the file is damaged, is another program's, or the package that reads it is not installed.
    """
    where = str(path)
    try:
        import h5py
    except ImportError as error:
        raise FormatError(
            "this is HDF5 (SLEAP, DeepLabCut), and the package h5py is not installed", where=where, hint="pip install 'mpm-studio[hdf5]'"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            _check_sizes(h5py, file, where)
            names = set(file)
            if {"tracks", "node_names"} <= names:
                found = sleap.analysis_file(file, where)
            elif {"frames", "instances", "metadata"} <= names:
                found = sleap.labels_file(path)
            elif group := deeplabcut_hdf5.table_in(file):
                found = deeplabcut_hdf5.table_file(group, where)
            else:
                listed = ", ".join(sorted(names)[:8]) or "nothing"
                raise FormatError(
                    f"this is HDF5 of another program (it holds {listed})", where=where, hint="known: SLEAP's and DeepLabCut's; export CSV"
                )
    except H5_ERRORS as error:
        raise FormatError("the HDF5 file cannot be read", where=where, hint="copy it again from its source") from error
    return replace(found, format="hdf5")


read = reader_of(file_of)


def _check_sizes(h5py: Any, file: Any, where: str) -> None:
    """Raise FormatError for a data set that declares more than a take needs."""

    def check(name: str, each: Any) -> None:
        if not isinstance(each, h5py.Dataset) or name.startswith(IMAGES):
            return
        if float(np.prod(each.shape or (), dtype=np.float64)) * max(each.dtype.itemsize, np.dtype(np.float64).itemsize) > MOST_BYTES:
            raise FormatError(f"{name} declares {each.shape} values", where=where, hint=DAMAGED)

    file.visititems(check)
