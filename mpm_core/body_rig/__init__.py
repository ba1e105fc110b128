"""The body rig: one skeleton of constant bones, the same left and right, for the markers or joints of any body, and its motion."""
