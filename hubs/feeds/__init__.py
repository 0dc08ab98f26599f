"""Ordered, durable lists of events, and how they reach the connections that follow them."""
