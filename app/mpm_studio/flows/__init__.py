"""Ask, then do: what the user is asked, and which operation then runs."""
