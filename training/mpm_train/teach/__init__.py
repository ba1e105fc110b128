"""What is fitted beside the network: the gate, and the error priors of the classical fills."""
