"""`clean` over many takes: which takes, the processes that clean them, and a summary. No Qt."""
