"""Question-answer pairs that other tools made, taken in as a source like all others."""
