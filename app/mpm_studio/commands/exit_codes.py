"""Exit codes of commands that did what they were asked, with something to report."""

GAPS_REMAIN = 3  # clean: gaps that were to be filled remain
CHANGED = 4  # verify: a measured sample changed or is missing
