"""What a fill has to keep: its edges, the lengths of bones, the distances of markers."""
