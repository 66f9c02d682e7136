"""Further forms of training questions: each a child of its parent, on its parent's facts."""
