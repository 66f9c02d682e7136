"""Asking a model: gateway, ledger and journal, embedded server, prompts."""
