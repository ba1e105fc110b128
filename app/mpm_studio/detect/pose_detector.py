"""BlazePose (Bazarevsky et al. 2020, arXiv 2006.10204): one person's 33 landmarks in a picture. A anchors, K = 39 outputs; pixels.

A first network finds people and how they are turned; a second finds the landmarks in a square around one person. In a video that square
comes from the landmarks of the frame before, and the first network is asked only when the person is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import ModelError
from mpm_core.typing import Float, Float32
from mpm_studio.detect.model_files import PoseModels
from mpm_studio.detect.regions import Region, cut_out, whole

PERSON_PX, LANDMARK_PX = 224, 256  # sides of the networks' inputs
ANCHORS = ((28, 2), (14, 2), (7, 6))  # cells a side, and anchors in each cell, of the first network's grids
LEAST_SCORE = 0.5  # of a person, and of landmarks being a person's
WIDER = 1.25  # the square around a person, as a share of the circle that the network gives
LANDMARKS, MIDDLE, RIM = 33, 33, 34  # how many are a body's; the rows of that circle's middle and of a point on it
HEAT_REACH, HEAT_LEAST = 4, 0.5  # cells around a landmark in its heat map that make it more exact, and the least heat for it


class PoseDetector:
    """`person` gives (33, 3) x, y and visibility 0..1 of the most certain person of a picture, None where there is none."""

    def __init__(self, models: PoseModels) -> None:
        """Raises ModelError when a network cannot be run or is another one."""
        self._person = _Network(models.person, models.source, PERSON_PX, ((2254, 12), (2254, 1)))
        self._landmarks = _Network(models.landmarks, models.source, LANDMARK_PX, ((195,), (1,), (64, 64, 39)))
        self._anchor_A2 = _anchors()
        self._followed: Region | None = None

    def person(self, image_HW3: NDArray[np.uint8]) -> Float | None:
        """In the next picture of a video the same person is looked for where it was."""
        if self._followed is not None:
            found = self._in_region(image_HW3, self._followed)
            if found is not None:
                return found
        region = self._find(image_HW3)
        self._followed = None
        return None if region is None else self._in_region(image_HW3, region)

    def _find(self, image_HW3: NDArray[np.uint8]) -> Region | None:
        """The square around the most certain person."""
        square = whole(image_HW3)
        box_A12, score_A1 = self._person.run(2 * cut_out(image_HW3, square, PERSON_PX) - 1)
        best = int(score_A1[:, 0].argmax())
        if _sigmoid(score_A1[best, 0]) < LEAST_SCORE:
            return None
        share_42 = box_A12[best, 4:].reshape(4, 2) / PERSON_PX + self._anchor_A2[best]
        at_42 = square.to_picture(share_42)
        return _around(at_42[0], at_42[1])

    def _in_region(self, image_HW3: NDArray[np.uint8], region: Region) -> Float | None:
        flat_195, is_person, heat_HWK = self._landmarks.run(cut_out(image_HW3, region, LANDMARK_PX))
        if float(is_person[0]) < LEAST_SCORE:
            return None
        row_K5 = flat_195.reshape(-1, 5).astype(np.float64)
        at_K2 = region.to_picture(_refined(row_K5[:, :2] / LANDMARK_PX, heat_HWK))
        self._followed = _around(at_K2[MIDDLE], at_K2[RIM])
        return np.concatenate([at_K2[:LANDMARKS], _sigmoid(row_K5[:LANDMARKS, 3:4])], axis=1)


class _Network:
    """A network in LiteRT, with its outputs in a known order."""

    def __init__(self, model: bytes, source: str, pixels: int, outputs: tuple[tuple[int, ...], ...]) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ModelError(
                "networks are run by ai-edge-litert, which is not installed", hint="pip install 'mpm-studio[detect]'"
            ) from error
        try:
            self._net: Any = Interpreter(model_content=model)
            self._net.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError("a network in it cannot be run", where=source) from error
        given = self._net.get_input_details()[0]
        shapes: dict[tuple[int, ...], int] = {}
        for detail in self._net.get_output_details():
            shapes.setdefault(tuple(int(side) for side in detail["shape"][1:]), detail["index"])
        if tuple(given["shape"]) != (1, pixels, pixels, 3) or not set(outputs) <= set(shapes):
            raise ModelError("a network in it is not BlazePose's", where=source, hint="--model takes MediaPipe's pose networks")
        self._input, self._outputs = given["index"], [shapes[shape] for shape in outputs]

    def run(self, image_HW3: Float32) -> list[Float32]:
        """image_HW3: values as the network was trained with."""
        self._net.set_tensor(self._input, image_HW3[None].astype(np.float32))
        self._net.invoke()
        return [np.asarray(self._net.get_tensor(index)[0]) for index in self._outputs]


def _around(middle_2: Float, rim_2: Float) -> Region:
    """The square around a person, turned so that the point on the rim is above the middle."""
    away_2 = rim_2 - middle_2
    turn = float(np.pi / 2 - np.arctan2(-away_2[1], away_2[0]))
    return Region(float(middle_2[0]), float(middle_2[1]), float(2 * WIDER * np.linalg.norm(away_2)), turn)


def _anchors() -> Float:
    """(A, 2) the middle of the cell of each anchor, shares of the picture."""
    grids = []
    for cells, each in ANCHORS:
        middle = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        grids.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0))
    return np.concatenate(grids)


def _refined(share_K2: Float, heat_HWK: Float32) -> Float:
    """Landmarks moved to the middle of the heat around them, where there is enough of it."""
    high, wide = heat_HWK.shape[:2]
    moved_K2 = share_K2.copy()
    for k, (x, y) in enumerate(share_K2):
        column, row = int(x * wide), int(y * high)
        if not (0 <= column < wide and 0 <= row < high):
            continue
        top, left = max(0, row - HEAT_REACH), max(0, column - HEAT_REACH)
        heat = _sigmoid(heat_HWK[top : row + HEAT_REACH + 1, left : column + HEAT_REACH + 1, k].astype(np.float64))
        if heat.max() >= HEAT_LEAST:
            rows, columns = np.mgrid[top : top + heat.shape[0], left : left + heat.shape[1]]
            moved_K2[k] = (heat * columns).sum() / heat.sum() / wide, (heat * rows).sum() / heat.sum() / high
    return moved_K2


def _sigmoid(value: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(value, -100, 100)))
