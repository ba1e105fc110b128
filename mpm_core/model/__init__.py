"""The model: configuration, network, encoding, checkpoints, prediction. The only torch in the core."""
