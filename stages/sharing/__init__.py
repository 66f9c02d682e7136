"""What is shared through a remote storage: what may go there, and whether it comes back as it went."""
