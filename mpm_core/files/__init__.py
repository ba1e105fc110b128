"""Files read with errors that say what to do, and written whole or not at all."""
