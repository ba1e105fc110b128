"""What the published network costs, counted on ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mpm_core.model.config import ModelConfig
from mpm_train.cost import TOTAL, cost_table, module_costs
from mpm_train.recipes import RECIPES

NOT_COUNTED = {
    "gate",
    "masked joints (v^S)",
    "decoder positions",
    "dropped frames (v^T)",
    "attention bias by distance in time",
    "last norm",
}


def test_stage_two_at_243_frames() -> None:
    """By hand for 243 frames: 34 x 512 a frame in the encoder; per layer 524,288 a frame and twice 243 x 243 x 256 of attention."""
    costs = {cost.module: cost for cost in module_costs(ModelConfig("lift", 243))}
    assert costs["2D encoder"].multiply_adds == 243 * 34 * 512
    assert costs["shared temporal layers"].multiply_adds == 4 * (243 * 524_288 + 2 * 243 * 243 * 256)
    assert costs["sequence head"].multiply_adds == 243 * 256 * 51
    assert costs[TOTAL].parameters == costs[TOTAL].authors_parameters == 7_009_382
    assert costs[TOTAL].multiply_adds == 1_021_536_768
    assert costs[TOTAL].multiply_adds == pytest.approx(costs[TOTAL].authors_multiply_adds, rel=1e-3)
    assert all(cost.parameters == cost.authors_parameters for cost in costs.values() if cost.authors_parameters)
    decoder = costs["strided 3D decoder"].multiply_adds + costs["middle frame head"].multiply_adds
    assert sum(cost.multiply_adds for name, cost in costs.items() if name != TOTAL) == costs[TOTAL].multiply_adds
    assert decoder > 20 * costs["sequence head"].multiply_adds


def test_stage_one_with_one_block_decoders() -> None:
    costs = {cost.module: cost for cost in module_costs(ModelConfig("pretrain", 243))}
    assert costs[TOTAL].parameters == costs[TOTAL].authors_parameters == 4_017_498
    assert costs["dropped frames (v^T)"].parameters == 3 * 256
    assert costs["2D encoder"].multiply_adds == 97 * 34 * 512, "only frames that are kept pass"
    assert costs["2D decoder"].multiply_adds == 243 * 524_288 + 2 * 243 * 243 * 256, "the decoder has all of them"


def test_other_networks_have_nothing_published_beside_them() -> None:
    costs = module_costs(ModelConfig("lift", 27, channels=32, hidden=48, layers=1, heads=4, decoder="light", sequence_head=False))
    assert all(cost.authors_parameters is None for cost in costs)
    assert sum(cost.parameters for cost in costs[:-1]) == costs[-1].parameters


def test_the_table_tells_the_total() -> None:
    table = cost_table(ModelConfig("lift", 243))
    assert "| whole network | 7,009,382 | 7,009,382 | 1,021,536,768 | 1,022,000,000 |" in table
    assert table.count("authors' code") == 2, "the paper's own text has neither column"


def test_the_published_operations_stand_apart_from_multiply_adds() -> None:
    """2,043 M = 2 x 1,021.5 M; with stage I's 3D encoder (51 x 512 a frame), 3D decoder and its head (256 x 51 a frame) 2,377 M."""
    line = cost_table(ModelConfig("lift", 243)).splitlines()[-1]
    both = 2 * (1_021_536_768 + 243 * (51 * 512 + 524_288 + 256 * 51) + 2 * 243 * 243 * 256)
    assert "Published: 2,387 M" in line and "has 2,043 M" in line and f"{both / 1e6:,.0f} M with stage I's" in line
    for other in (ModelConfig("lift", 81), ModelConfig("pretrain", 243), ModelConfig("lift", 243, layers=3)):
        assert cost_table(other).splitlines()[-1].startswith("| whole network")


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_module_of_every_recipe_has_a_row_and_they_sum_up(recipe: str) -> None:
    *rows, whole = module_costs(replace(RECIPES[recipe]().model, frames=27))
    assert sum(row.parameters for row in rows) == whole.parameters
    assert sum(row.multiply_adds for row in rows) == whole.multiply_adds
    assert {row.module for row in rows if not row.multiply_adds} <= NOT_COUNTED
