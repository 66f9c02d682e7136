"""Asking the tuned model: its prompt, its answer as it comes, and the passages by which to check it."""
