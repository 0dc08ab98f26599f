"""The applications that are measured beside each other: ours, the floor, and those of others."""
