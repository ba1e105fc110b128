"""Measuring finished models: what is hidden (plan), how it is filled and judged (measure, cells), and the tables that come of it."""
