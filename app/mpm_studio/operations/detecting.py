"""The keypoints of a person in a video as a 2D take. H x W pixels, K = 33 points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mpm_core.body.names import keypoint_set
from mpm_core.errors import Cancelled, DataError, FormatError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.typing import Float
from mpm_studio.operations.video import Image, Video

POINTS = "MediaPipe-33"
MOST_MISSING = 100  # frames of a video for each of its pictures, and at its start
Detect = Callable[[Image], Float | None]
"""(33, 3) x, y and confidence of a person in a picture; None where there is none."""


def point_names() -> tuple[str, ...]:
    names = keypoint_set(POINTS)
    assert names is not None
    return names.points


def detect_person(path: Path, detect: Detect, source: str, cancel: Cancel, progress: Progress) -> Recording:
    """A take as long as the video and with its rate; frames without the person, and those that the video leaves out, are missing.

    source: what found them, for the notes. Raises FormatError, DataError when nobody is found, Cancelled.
    """
    found: dict[int, Float] = {}
    last, count = -1, 0
    with Video(path) as video:
        facts = video.facts
        for number, image in video.pictures():
            if cancel():
                raise Cancelled
            count += 1
            if not 0 <= number <= MOST_MISSING * count:
                what = f"picture {count} of this video is said to be frame {number:,}"
                raise FormatError(what, where=str(path), hint="its times are damaged; convert it to a constant frame rate")
            person_K3 = detect(image)
            last = max(last, number)
            if person_K3 is not None:
                found[number] = person_K3
            progress(min(1.0, (number + 1) / facts.frames) if facts.frames else -1.0, f"frame {number}")
    if not found:
        raise DataError("nobody is seen in this video", where=str(path), hint="a person has to be seen whole, and not too small")
    person_FK3 = np.full((last + 1, len(point_names()), 3), np.nan)
    person_FK3[list(found)] = np.stack(list(found.values()))
    notes = (f"found by BlazePose ({source})", f"somebody is seen in {len(found):,} of {last + 1:,} frames")
    about = Source(path=str(path), format="detect", unit="px", first_frame=0, image_wh=facts.size_wh, notes=notes)
    confidence_FK = person_FK3[..., 2].astype(np.float32)
    return make_recording(point_names(), facts.rate_hz, person_FK3[..., :2], confidence_FP=confidence_FK, source=about)
