"""Named runs. Each is a function that returns its configuration; `mpm-train info` lists them."""

from __future__ import annotations

from collections.abc import Callable

from mpm_train.config import TrainConfig
from mpm_train.objectives.config import PaperPretrainConfig
from mpm_train.recipes import paper, studio

RECIPES: dict[str, Callable[[], TrainConfig]] = {
    "paper-pretrain-243": paper.paper_pretrain_243,
    "paper-pretrain-81": paper.paper_pretrain_81,
    "paper-pretrain-27": paper.paper_pretrain_27,
    "paper-pretrain-completion": paper.paper_pretrain_completion,
    "paper-pretrain-3dhp": paper.paper_pretrain_3dhp,
    "paper-lift-243": paper.paper_lift_243,
    "paper-lift-243-light": paper.paper_lift_243_light,
    "paper-lift-81": paper.paper_lift_81,
    "paper-lift-27": paper.paper_lift_27,
    "paper-lift-3dhp": paper.paper_lift_3dhp,
    "paper-complete": paper.paper_complete,
    "paper-complete-2d": paper.paper_complete_2d,
    "paper-complete-2d-window": paper.paper_complete_2d_window,
    "studio-repair": studio.studio_repair,
    "studio-repair-tilted": studio.studio_repair_tilted,
    "studio-repair-riding": studio.studio_repair_riding,
    "studio-repair-varied": studio.studio_repair_varied,
    "studio-repair-short": studio.studio_repair_short,
    "studio-repair-low": studio.studio_repair_low,
    "studio-repair-more": studio.studio_repair_more,
    "studio-repair-everybody": studio.studio_repair_everybody,
    "studio-lift": studio.studio_lift,
    "studio-lift-limbs": studio.studio_lift_limbs,
    "studio-lift-ground": studio.studio_lift_ground,
    "studio-lift-world": studio.studio_lift_world,
    "studio-lift-everybody": studio.studio_lift_everybody,
    "studio-lift-everybody-ground": studio.studio_lift_everybody_ground,
    "studio-lift-deeper": studio.studio_lift_deeper,
    "studio-lift-243": studio.studio_lift_243,
}
SHIPPED = {"complete": "studio-repair-everybody", "lift": "studio-lift-deeper"}
"""The last recipe of each model that comes with the application."""


def command_of(config: TrainConfig) -> str:
    """The command that trains a configuration: pretrain for stage I, finetune for everything else."""
    return "pretrain" if isinstance(config.objective, PaperPretrainConfig) else "finetune"
