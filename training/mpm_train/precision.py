"""Whether a network learns in half precision (bfloat16) on a device: where it is faster, unless the run says otherwise."""

from __future__ import annotations

from typing import Literal

import torch

Bf16 = bool | Literal["auto"]
CPU_UNITS = ("avx512_bf16", "amx_bf16")  # as torch names the processors' instructions


def uses_bf16(bf16: Bf16, device: torch.device) -> bool:
    """As the run says; "auto": where the device has units for bfloat16. Other processors convert to it and back and are slower with it."""
    return has_bf16_units(device) if bf16 == "auto" else bf16


def has_bf16_units(device: torch.device) -> bool:
    """False where torch cannot tell."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):
        return False
    units = torch.cpu.get_capabilities()
    return any(units.get(name, False) for name in CPU_UNITS)
