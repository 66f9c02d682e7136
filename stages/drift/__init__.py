"""What differs between two versions of the dataset, and why: documents, facts, pairs, evaluation, coverage."""
