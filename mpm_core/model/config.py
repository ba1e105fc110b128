"""What a network is: everything needed to build it again and to feed it, stored inside its checkpoint."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from mpm_core.errors import ModelError

TASKS = ("pretrain", "complete", "lift", "repair")
PRETEXTS = ("2d", "2d+3d")
DECODERS = ("strided", "light", "direct")
SPACES = ("body", "camera")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One MPM network."""

    task: str = "pretrain"
    """pretrain (masked poses of each modality back, stage I), complete (3D in, 3D out), lift (2D in, 3D out), or repair (3D in, 3D
    out, by the network of repair_network.py)."""
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
    """Attention heads; they share out the channels evenly."""
    dropout: float = 0.1
    """Share of activations that are zeroed while it learns."""
    rate_hz: float = 30.0
    """Frames a second of the windows."""
    partial: bool = False
    """A lifting network that also takes joints as hidden (a learned vector in their place)."""
    pretext: str = "2d+3d"
    """What stage I learns: 2d alone, or 2d+3d."""
    decoder: str = "strided"
    """Of a lifting network: strided (ends in the middle frame), light (stage I's, whole window), or none: direct (lift_network.py's
    network)."""
    sequence_head: bool = True
    """A lifting network's linear projection to every frame."""
    gated: bool = False
    """A repairing network with a gate beside it (gate.py), made by `mpm-train export`."""
    riding: bool = False
    """A repairing network that also sees the classical fill of each joint relative to its parent, in axes that turn with the body: of a
    wrist, those of its upper arm, and so on."""
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
        """The network ends in the middle frame."""
        return self.lifts and self.decoder == "strided"

    @property
    def kind(self) -> str:
        """Which network: repair (repair_network.py), direct (lift_network.py), or paper (paper_network.py)."""
        return "repair" if self.task == "repair" else "direct" if self.lifts and self.decoder == "direct" else "paper"

    @property
    def lifts(self) -> bool:
        """2D in, 3D out."""
        return self.task == "lift"

    @property
    def completes(self) -> bool:
        """3D in, 3D out, and made for takes of users."""
        return self.task in ("complete", "repair")

    @property
    def inputs(self) -> tuple[int, ...]:
        """Dimensions of the poses that go in, each with an encoder of its own."""
        return {"pretrain": (2, 3) if self.pretext == "2d+3d" else (2,), "complete": (3,), "lift": (2,), "repair": (3,)}[self.task]

    @property
    def outputs(self) -> tuple[int, ...]:
        """Dimensions of the poses that come out of light decoders."""
        light = () if self.strided else (3,)
        return {"pretrain": self.inputs, "complete": (3,), "lift": light, "repair": (3,)}[self.task]

    @property
    def drops_frames(self) -> bool:
        """Frames may be missing from the temporal layers and come back as v^T."""
        return self.task == "pretrain" or (self.lifts and self.partial and not self.strided and not self.sequence_head)

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
        raise ModelError(
            f"the model's configuration cannot be understood ({error})",
            hint="was it made by another version? export it again with this one",
        ) from error
