"""What hubs keeps in the database: feeds and their events."""

from django.db import models


class Feed(models.Model):
    """One ordered list of events; its row's lock is what puts the numbers into commit order."""

    name = models.CharField(max_length=200, unique=True)
    # Changes when history was cut, so that a client's old numbers mean nothing any more.
    epoch = models.PositiveIntegerField(default=1)
    head = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.epoch}/{self.head}"


class FeedEvent(models.Model):
    """One event: its place in its feed, what happened, and the payload as JSON text."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    name = models.CharField(max_length=100)
    payload = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["feed", "seq"]
        constraints = [models.UniqueConstraint(fields=["feed", "seq"], name="feed_event_number")]

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.seq} {self.name}"
