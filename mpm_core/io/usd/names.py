"""What the two processes that read a USD file call what they exchange, and what this program writes into one."""

OWN = "mpm_studio"  # custom data of the layer
FACTS, ARRAYS = "facts.json", "arrays.npz"
EXPORT_AGAIN = "copy or export the file again"
