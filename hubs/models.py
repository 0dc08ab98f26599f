"""What hubs keeps in the database: feeds and their events, who is connected, and who was not let in."""

from django.db import models


class Feed(models.Model):
    """One ordered list of events; its row's lock is what puts the numbers into commit order.

    The events with floor < seq <= head are there; what is at the floor or below, retention has taken away.
    """

    name = models.CharField(max_length=200, unique=True)
    # Changes when history was cut, so that a client's old numbers mean nothing any more.
    epoch = models.PositiveBigIntegerField(default=1)
    # Defaults of the database, here and below: a worker of the version before may still be writing.
    floor = models.PositiveBigIntegerField(db_default=0)
    head = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.epoch}/{self.head}"


class FeedEvent(models.Model):
    """One event: its place in its feed, what happened, and the payload as JSON text."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    name = models.CharField(max_length=100)
    payload = models.TextField()
    # The version of the payload's shape: the SCHEMA of the event's class when it was written.
    schema = models.PositiveSmallIntegerField(db_default=1)
    # Of events with the same name and key only the newest counts; "" is never merged.
    merge_key = models.TextField(db_default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["feed", "seq"]
        constraints = [models.UniqueConstraint(fields=["feed", "seq"], name="feed_event_number")]

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.seq} {self.name}"


class Worker(models.Model):
    """One running worker process; it expires when its heartbeat ends."""

    name = models.CharField(max_length=32, primary_key=True)
    # Its channel in the channel layer, empty while the layer is away.
    channel = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.name


class Connection(models.Model):
    """Who is connected where. The unique id is the single use of a connection token.

    An ended row stays, marked, until its token could open nothing any more.
    """

    id = models.CharField(max_length=200, primary_key=True)
    # Null once its worker has gone: the id stays used up all the same.
    worker = models.ForeignKey(Worker, on_delete=models.SET_NULL, null=True, related_name="connections")
    hub = models.CharField(max_length=200)
    # The user's identifier as text, null for nobody: hubs knows no user model, and a row outlives its user.
    user = models.CharField(max_length=200, null=True, db_index=True)
    # Empty while something was posted but no transport has come yet.
    transport = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=64, blank=True)
    # The page that it came from, empty for a client that is no page.
    origin = models.CharField(max_length=200, blank=True, db_default="")
    # The login of its token (`sid`), where tokens name one.
    session = models.CharField(max_length=64, blank=True, db_default="")
    # What it follows: feeds and groups, as of the worker's last sign of life.
    follows = models.TextField(blank=True, db_default="")
    # Whether the ticket that was handed out with this id has opened a connection, this one or another.
    is_ticket_used = models.BooleanField(db_default=False)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        permissions = [
            ("disconnect_connection", "Can disconnect connections"),
            ("end_session_connection", "Can end the sessions of connections"),
        ]
        indexes = [
            # For the limit of an address, which everybody who is connected now may share.
            models.Index(
                fields=["address"], condition=models.Q(ended_at=None), name="open_connections_by_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} of {self.user} at {self.worker_id}"


class Refusal(models.Model):
    """Requests that a worker did not let in lately, one row for all that are alike."""

    reason = models.CharField(max_length=200)
    # 0 where there was a socket already, and the handshake failed.
    status = models.PositiveSmallIntegerField()
    path = models.CharField(max_length=200)
    user = models.CharField(max_length=200, null=True)
    address = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=200, blank=True)
    worker = models.CharField(max_length=32, blank=True)
    count = models.PositiveIntegerField()
    # The last of them: when, and under which id it stands in the log.
    at = models.DateTimeField()
    connection = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reason} ({self.count})"
