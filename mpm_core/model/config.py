"""What a network is: everything needed to build it again and to feed it, stored inside its checkpoint."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from mpm_core.errors import ModelError


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One MPM network.

    task: "pretrain" (both encoders, one-block decoders), "complete" (3D in, 3D out), "lift" (2D in; strided decoder and sequence head).
    frames: window length F, a power of 3 for "lift". rate_hz: the rate of its frames. channels C, hidden: width of the per-frame layers.
    partial: a lifting network that also takes joints as hidden (a learned vector in their place).
    """

    task: str = "pretrain"
    frames: int = 81
    joints: int = 17
    channels: int = 256
    hidden: int = 512
    layers: int = 4
    heads: int = 8
    dropout: float = 0.1
    rate_hz: float = 30.0
    partial: bool = False

    def __post_init__(self) -> None:
        if self.task not in ("pretrain", "complete", "lift"):
            raise ModelError(f"there is no task called {self.task!r}", hint="pretrain, complete or lift")
        if self.task == "lift" and 3 ** len(self.strides) != self.frames:
            raise ModelError(f"a lifting window must be a power of 3, not {self.frames} frames", hint="27, 81 or 243")
        if self.channels % self.heads:
            raise ModelError(f"{self.channels} channels cannot be split over {self.heads} heads")

    @property
    def strides(self) -> tuple[int, ...]:
        """The factors that bring F frames down to one."""
        count, left = 0, self.frames
        while left > 1 and left % 3 == 0:
            count, left = count + 1, left // 3
        return (3,) * count


def to_json(config: ModelConfig) -> str:
    return json.dumps(asdict(config), sort_keys=True)


def from_json(text: str) -> ModelConfig:
    """Raises ModelError when the text is not a configuration."""
    try:
        fields: dict[str, Any] = json.loads(text)
        return ModelConfig(**fields)
    except (ValueError, TypeError) as error:
        raise ModelError(f"the model's configuration cannot be understood ({error})", hint="was it made by a newer version?") from error
