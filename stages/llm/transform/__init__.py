"""A statement's clause and the questions that its form allows; knows English, and nothing of models."""
