"""What the report and the summary show: a data folder gathered and checked, and its charts."""
