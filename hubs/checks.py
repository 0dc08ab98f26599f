"""System checks of the hubs app, the same list that `hubs.checked` raises at start-up."""
