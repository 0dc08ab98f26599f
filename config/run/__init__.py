"""`make run`: the demo hospital, with every process that it needs, on one machine."""
