"""Where the files of recipes lie, relative to the folder that mpm-train is started in, and what their corpora are prepared from."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path("runs/corpus")
EXPORTED = "exported.safetensors"
FOLDERS = "DATA/cmu DATA/cmu_daz DATA/hdm05"
"""What the corpus of every recipe is prepared from but those of MORE_FOLDERS."""
ALL_FOLDERS = "DATA/cmu DATA/cmu_bvh DATA/cmu_daz DATA/cmu_extra DATA/hdm05 DATA/snu UI_PRMD"
MORE_FOLDERS = {
    "studio-repair-everybody": "DATA/cmu DATA/cmu_daz DATA/cmu_bvh/{006,008,012,013,026,027,032} DATA/hdm05",
    "studio-lift-everybody": ALL_FOLDERS,
    "studio-lift-everybody-ground": ALL_FOLDERS,
    "studio-lift-deeper": ALL_FOLDERS,
}


def model_of(recipe: str) -> str:
    return f"runs/{recipe}/model.safetensors"


def exported(recipe: str) -> str:
    """A repairing network with its gate, as `mpm-train export` writes it."""
    return f"runs/{recipe}/{EXPORTED}"


def corpus_of(recipe: str) -> str:
    """Of a recipe of MORE_FOLDERS; recipes of the same folders share it, by the name of the first."""
    first = next(name for name, folders in MORE_FOLDERS.items() if folders == MORE_FOLDERS[recipe])
    return f"runs/corpus-{first}"


def is_exported(model: str) -> bool:
    return model.endswith(f"/{EXPORTED}")
