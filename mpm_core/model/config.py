"""The configuration of a network, stored in its checkpoint: all that is needed to build it and to prepare its input."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from mpm_core.errors import ModelError, reason

TASKS = ("pretrain", "complete", "lift", "repair")
PRETEXTS = ("2d", "2d+3d")
DECODERS = ("strided", "light", "direct", "rays")
SPACES = ("body", "camera")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One MPM network."""

    task: str = "pretrain"
    """pretrain (masked pose modelling in 2D and 3D, stage I), complete (3D in, 3D out), lift (2D in, 3D out), or repair (3D in, 3D
    out, repair_network.py)."""
    frames: int = 81
    """Window length F; a power of 3 for the strided decoder."""
    joints: int = 17
    """Joints J of a pose."""
    channels: int = 256
    """Width C of the temporal layers."""
    hidden: int = 512
    """Width H of the per-frame layers."""
    layers: int = 4
    """Shared temporal layers."""
    heads: int = 8
    """Attention heads; they divide the channels."""
    dropout: float = 0.1
    """Share of activations that are set to zero in training."""
    rate_hz: float = 30.0
    """Frames per second of the windows."""
    partial: bool = False
    """A lifting network with masked joints (a learned vector in their place)."""
    pretext: str = "2d+3d"
    """Modalities of stage I: 2d alone, or 2d+3d."""
    decoder: str = "strided"
    """Of a lifting network: strided (output is the middle frame), light (that of stage I, whole window), direct (none: lift_network.py), or
    rays (none, from rays of a camera, with gravity: ray_lift_network.py)."""
    sequence_head: bool = True
    """A lifting network's linear projection to every frame."""
    gated: bool = False
    """A repairing network with a gate beside it (gate.py), made by `mpm-train export`."""
    riding: bool = False
    """A repairing network with one more input: each joint interpolated relative to its parent, in axes that turn with the segment it is
    fixed to (for a wrist, those of the upper arm)."""
    space: str = "body"
    """Axes of 3D poses: body (Z up, facing +y in the middle of the window) or camera (x right, y down, z forward)."""

    def __post_init__(self) -> None:
        named = (("task", TASKS), ("pretext", PRETEXTS), ("decoder", DECODERS), ("space", SPACES))
        for field, choices in named:
            if getattr(self, field) not in choices:
                raise ModelError(f"there is no {field} called {getattr(self, field)!r}", hint=" or ".join(choices))
        if self.strided and 3 ** len(self.strides) != self.frames:
            raise ModelError(f"a strided window must be a power of 3, not {self.frames} frames", hint="27, 81 or 243")
        if self.channels % self.heads:
            raise ModelError(f"{self.channels} channels cannot be split over {self.heads} heads")

    @property
    def strided(self) -> bool:
        """The output is the middle frame of the window."""
        return self.lifts and self.decoder == "strided"

    @property
    def kind(self) -> str:
        """The network: repair (repair_network.py), direct (lift_network.py), rays (ray_lift_network.py), or paper (paper_network.py)."""
        if self.task == "repair":
            return "repair"
        return self.decoder if self.lifts and self.decoder in ("direct", "rays") else "paper"

    @property
    def lifts(self) -> bool:
        """2D in, 3D out."""
        return self.task == "lift"

    @property
    def completes(self) -> bool:
        """3D in, 3D out, for takes of users."""
        return self.task in ("complete", "repair")

    @property
    def inputs(self) -> tuple[int, ...]:
        """Dimensions of the input poses, each with its own encoder."""
        return {"pretrain": (2, 3) if self.pretext == "2d+3d" else (2,), "complete": (3,), "lift": (2,), "repair": (3,)}[self.task]

    @property
    def outputs(self) -> tuple[int, ...]:
        """Dimensions of the output poses of light decoders."""
        light = () if self.strided else (3,)
        return {"pretrain": self.inputs, "complete": (3,), "lift": light, "repair": (3,)}[self.task]

    @property
    def drops_frames(self) -> bool:
        """Frames can be left out of the temporal layers and be replaced by v^T."""
        return self.task == "pretrain" or (self.lifts and self.partial and not self.strided and not self.sequence_head)

    @property
    def strides(self) -> tuple[int, ...]:
        """The factors that reduce F frames to one."""
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
        raise ModelError(
            f"the model's configuration cannot be understood ({reason(error)})",
            hint="it was made by another version; export it again with this one",
        ) from error
