"""What is in the data: questions about JSON Lines of any size, answered by DuckDB in bounded memory.

What wimbd asks (Elazar et al., "What's In My Big Data?", arXiv 2310.20707): counts, lengths, n-grams, duplicates,
personal data, values of fields, overlap, search.
"""
