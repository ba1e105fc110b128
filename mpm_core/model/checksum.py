"""A checksum of what a safetensors file holds, so that a damaged one is noticed: safetensors itself checks only the layout."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import torch
from torch import Tensor


def checksum(tensors: Mapping[str, Tensor], *texts: str) -> str:
    """SHA-256 of the names, types, shapes and bytes of tensors, whatever their order, and of texts that lie beside them.

    >>> checksum({"a": torch.zeros(2)}) == checksum({"a": torch.ones(2)})
    False
    """
    digest = sha256()
    for name in sorted(tensors):
        value = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\0".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    for text in texts:
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()
