"""Which pairs can be trusted: what is measured of each, the gates, what people decide, and what the gates do."""
