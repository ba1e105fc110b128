"""`clean` over many takes: which, by whom, and what came of each. No Qt."""
