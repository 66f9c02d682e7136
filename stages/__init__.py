"""The stages of the pipeline, one click script each, and the domain packages beside them."""
