"""What a student is trained on: how many rows of each kind, which ones, in which order, and what they amount to."""
