"""How people review pairs: which one comes next, what is shown of it, and how what they decide is kept."""
