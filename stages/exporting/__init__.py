"""What goes out of the project: data and models in the formats of other programs."""
