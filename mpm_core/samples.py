"""Samples with all their values, and the table of these: the per-sample arrays of a Recording. S: samples of any shape; D = 3 or 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError
from mpm_core.typing import Float32, Mask, UInt8


class Origin(IntEnum):
    """Where one sample comes from. MARKED keeps the measured value underneath: unmarking brings it back.

    FILTERED was measured and then filtered because the user asked for it; its measured value is in `unfiltered_FPD` of the recording.
    """

    MISSING = 0
    MEASURED = 1
    MARKED = 2
    FILLED = 3  # by a classical method
    PREDICTED = 4  # by the model
    HAND = 5  # by the user's own hand
    FILTERED = 6  # measured, then filtered as asked


OF_FILE = (Origin.MEASURED, Origin.FILTERED)  # a value of the file, or one filtered from it, that is not marked as wrong
FILLERS = {Origin.FILLED: "classical", Origin.PREDICTED: "model", Origin.HAND: "hand"}  # who filled, in reports, labels and legends
FILLS = tuple(FILLERS)


@dataclass(frozen=True, slots=True)
class SampleField:
    """One per-sample array. attribute: of Recording; missing: the value where the sample is missing, or where nothing is known.

    optional: the attribute is None in a recording that has no such values. per_axis: one value for each of the D axes.
    """

    attribute: str
    dtype: type[np.generic]
    missing: float
    optional: bool = False
    per_axis: bool = False


SAMPLE_FIELDS: dict[str, SampleField] = {  # by the names of the arrays in files
    "xyz": SampleField("xyz_FPD", np.float32, np.nan, per_axis=True),
    "origin": SampleField("origin_FP", np.uint8, Origin.MISSING),
    "sigma": SampleField("sigma_FP", np.float32, np.nan),
    "confidence": SampleField("confidence_FP", np.float32, np.nan, optional=True),
    "unfiltered": SampleField("unfiltered_FPD", np.float32, np.nan, optional=True, per_axis=True),
}


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples with all their values: those of a recording, (F, P), or some of them, (N,).

    arrays: by name as in SAMPLE_FIELDS, each of shape S, per axis (*S, D). Optional ones may be absent. Arrays are not changed in place.
    Raises DataError when names or shapes do not fit.

    >>> samples = Samples({"xyz": np.ones((2, 3)), "origin": np.array([1, 1], np.uint8), "sigma": np.array([0.01, 0.02])})
    >>> samples.cleared(np.array([True, False])).sigma.tolist()
    [nan, 0.02]
    """

    arrays: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        names = set(self.arrays)
        if not {name for name, each in SAMPLE_FIELDS.items() if not each.optional} <= names <= set(SAMPLE_FIELDS):
            raise DataError(f"samples have the values {', '.join(SAMPLE_FIELDS)}, not {', '.join(self.arrays)}")
        if any(array.shape != (self.xyz.shape if SAMPLE_FIELDS[name].per_axis else self.shape) for name, array in self.arrays.items()):
            raise DataError("the values of samples have different shapes: " + ", ".join(f"{n} {a.shape}" for n, a in self.arrays.items()))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.xyz.shape[:-1]

    @property
    def xyz(self) -> Float32:
        """(*S, D) positions, NaN = missing."""
        return self.arrays["xyz"]

    @property
    def origin(self) -> UInt8:
        return self.arrays["origin"]

    @property
    def sigma(self) -> Float32:
        """Standard deviation in metres (pixels in 2D), NaN = unknown."""
        return self.arrays["sigma"]

    def at(self, *where: Any) -> Samples:
        """The samples at an index of the axes S, as `array[where]` of each array."""
        return Samples({name: array[where] for name, array in self.arrays.items()})

    def having(self, **arrays: NDArray[Any]) -> Samples:
        """The same samples with some arrays exchanged; types become those of SAMPLE_FIELDS."""
        return Samples({**self.arrays, **{name: array.astype(SAMPLE_FIELDS[name].dtype) for name, array in arrays.items()}})

    def put(self, where: tuple[Any, ...], values: Samples) -> Samples:
        """The same samples with others in the places `where`; an array that only one of the two has is missing in the other's places."""
        nothing = all_missing(self.shape, values) if values.arrays.keys() - self.arrays.keys() else self
        arrays = {name: array.copy() for name, array in {**nothing.arrays, **self.arrays}.items()}
        for name, array in arrays.items():
            array[where] = values.arrays.get(name, SAMPLE_FIELDS[name].missing)
        return Samples(arrays)

    def cleared(self, where_S: Mask) -> Samples:
        """The same samples with those of where_S missing in every array."""
        arrays = {name: array.copy() for name, array in self.arrays.items()}
        for name, array in arrays.items():
            array[where_S] = SAMPLE_FIELDS[name].missing
        return Samples(arrays)

    def differs(self, other: Samples) -> Mask:
        """True where a bit of any value is another; samples of the same shape and dimensions."""
        out_S = np.zeros(self.shape, bool)
        for name in self.arrays.keys() | other.arrays.keys():
            each = SAMPLE_FIELDS[name]
            nothing = np.full(self.xyz.shape if each.per_axis else self.shape, each.missing, each.dtype)
            one, two = (samples.arrays.get(name, nothing) for samples in (self, other))
            out_S |= bits_differ(one, two) if each.per_axis else _bits(one) != _bits(two)
        return out_S


def all_missing(shape: tuple[int, ...], like: Samples) -> Samples:
    """Missing samples of another shape, with the same arrays and dimensions."""
    return Samples(
        {
            name: np.full((*shape, *array.shape[len(like.shape) :]), SAMPLE_FIELDS[name].missing, array.dtype)
            for name, array in like.arrays.items()
        }
    )


def bits_differ(one_SD: NDArray[Any], two_SD: NDArray[Any]) -> Mask:
    """(S,) True where two positions (the last axis), of the same type, differ in any bit: -0.0 is not 0.0, and a NaN is itself.

    >>> bits_differ(np.array([[0.0, 1.0], [np.nan, 1.0]]), np.array([[-0.0, 1.0], [np.nan, 1.0]]))
    array([ True, False])
    """
    differ_SD = np.asarray(_bits(one_SD) != _bits(two_SD))
    differ_S: Mask = np.zeros(differ_SD.shape[:-1], bool)
    for axis in range(differ_SD.shape[-1]):  # much faster than .any() over so short an axis
        differ_S |= differ_SD[..., axis]
    return differ_S


def _bits(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
