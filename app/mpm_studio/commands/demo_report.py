"""The demo's report for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def markdown(report: Mapping[str, Any]) -> str:
    """report.json as one page of Markdown."""
    lines = [
        "# What the demo did",
        "",
        "The bundled sample is made by code, so that the truth behind every gap is known. Errors are mean distances from it in",
        "millimetres, over the same samples for every method.",
        "",
        "| file | samples filled | mpm-studio | straight line | cubic spline | measured samples | changed |",
        "|---|---|---|---|---|---|---|",
        *(_row(name, each) for name, each in report["cleaned"].items()),
        "",
        "## How sure the fills are",
        "",
        "| file | filled by | samples | mean sigma, mm | greatest sigma, mm |",
        "|---|---|---|---|---|",
        *(row for name, each in report["cleaned"].items() for row in _sigma_rows(name, each)),
        "",
        "## Lifted",
        "",
        "{frames} frames of 2D keypoints became {joints} joints at {rate_hz:g} frames a second; mean joint error {mpjpe_mm} mm".format(
            **report["lifted"]
        ),
        "(hip on hip, after one rotation of the whole take).",
        "",
        "## Measured samples",
        "",
    ]
    for name, each in report["cleaned"].items():
        measured = each["measured"]
        lines += [
            f"- {name.upper()}: SHA-256 before `{measured['sha256_before']}`, in the file written `{measured['exported']['sha256_after']}`"
        ]
    remaining = [f"- {name.upper()}: {gap['point']} {gap['first_frame']}-{gap['last_frame']}: {gap['why']}"
                 for name, each in report["cleaned"].items() for gap in each["remaining"]]  # fmt: skip
    if remaining:
        lines += ["", "## Still missing", "", *remaining]
    return "\n".join(lines) + "\n"


def _row(name: str, each: Mapping[str, Any]) -> str:
    errors, measured = each["errors_mm"], each["measured"]
    cells = [
        name.upper(),
        each["filled"]["samples"],
        errors["auto"],
        errors["linear"],
        errors["spline"],
        measured["measured"],
        measured["changed"],
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _sigma_rows(name: str, each: Mapping[str, Any]) -> list[str]:
    return [
        f"| {name.upper()} | {by} | {facts['samples']} | {_or_dash(facts['sigma_mean_mm'])} | {_or_dash(facts['sigma_max_mm'])} |"
        for by, facts in each["filled"]["by"].items()
    ]


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
