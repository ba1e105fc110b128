"""The interface of all networks. K frames of a take, B windows, W window length, J joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from mpm_core.model.config import ModelConfig
from mpm_core.typing import Float, Int, Mask


@dataclass(frozen=True, slots=True)
class TakeInput:
    """A take at the network's rate.

    xyz_KJD: metres, Z up, or for D = 2 in units of encode.encode_2d or encode_rays; missing samples are interpolated. missing_KJ: samples
    that the network must not use. root_K3: the path of the root, metres; length_N: bone lengths, metres, 0 = unknown; both unused for D =
    2. up_3: of a lifting network, the direction of up in camera axes; None = estimated in each window.
    """

    xyz_KJD: Float
    missing_KJ: Mask
    root_K3: Float
    length_N: Float
    up_3: Float | None = None


@dataclass(frozen=True, slots=True)
class WindowTensors:
    """The output of a network for a batch of windows; None: the network has no such output.

    joints_BWJ3: metres relative to the root, along the world's axes (the camera's, when lifting). log_sigma_BWJ: logarithm of sigma, metres
    per axis. mirror_BWJ: distance to the output for the mirrored window, metres. hidden_state_BWC: activations after half of the layers.
    rest_BW2: log-odds that the left and the right ankle is at rest.
    """

    joints_BWJ3: Tensor
    log_sigma_BWJ: Tensor | None = None
    mirror_BWJ: Tensor | None = None
    hidden_state_BWC: Tensor | None = None
    rest_BW2: Tensor | None = None


@dataclass(frozen=True, slots=True)
class WindowReader:
    """read: frame numbers of windows (B, W) -> the network's output. turn_K33: world -> the axes in which residuals are fitted."""

    read: Callable[[Int], WindowTensors]
    turn_K33: Float


class Network(Protocol):
    """overlap: how many windows contain each frame.

    hidden_state: channels of the hidden state; 0 = none, so no residual model is fitted.
    """

    config: ModelConfig
    overlap: int
    hidden_state: int

    def read_windows(self, take: TakeInput, mirrored: bool) -> WindowReader:
        """A reader of the take's windows. mirrored: average with the output for the mirrored window, where the network can."""

    def weights(self, feature_NK: Float, joint_N: Int) -> tuple[Float, Float] | None:
        """Weight (N,) of the network's fill against the classical one, 0..1, and sigma (N,) of their mixture, metres per axis.

        From the features of gate_features.py. None: the network has no gate, and its fills are used as they are.
        """

    def parameters(self) -> Iterator[nn.Parameter]: ...
