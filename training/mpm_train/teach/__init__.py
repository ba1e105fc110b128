"""What is taught beside the network: the gate, and the priors of the fills."""
