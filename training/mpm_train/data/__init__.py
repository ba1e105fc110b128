"""From motion files to batches: prepare, corpus, windows, cameras."""
