"""Models: loading, chat formatting, adapters and their training."""
