"""Scoring answers: likelihoods, metrics and their statistics."""
