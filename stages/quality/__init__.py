"""Judging text: grounding, similarity, language, privacy."""
