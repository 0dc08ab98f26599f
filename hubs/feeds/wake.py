"""Tells the workers that a feed has grown; best effort, never in the writer's way."""


def wake(feed: str, head: int) -> None:
    """Hands the feed's name and head to the publisher thread."""
