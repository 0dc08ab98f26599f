"""A hospital that does not exist, for trying out and showing the ward board."""
