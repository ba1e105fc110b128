"""Each fill of gaps in a file of its own, all of one signature; auto/ chooses among them, keep/ restores what must hold."""
