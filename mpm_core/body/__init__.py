"""Any take's points to the 17 body joints, and back."""
