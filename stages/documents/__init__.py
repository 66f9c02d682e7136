"""Documents: readers, cleaning, chunks and facts."""
