from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from hubs.models import Feed
from tests.hubs.feeds.events import record

pytestmark = pytest.mark.django_db(transaction=True)


def feed(*arguments: str) -> list[str]:
    output = StringIO()
    call_command("feed", *arguments, stdout=output)
    return output.getvalue().splitlines()


@pytest.fixture(autouse=True)
def two_feeds(settings):
    settings.HUBS = {**settings.HUBS, "FEED_RETENTION_EVENTS": 2}
    record("ward:icu", *"abc")
    record("ward:cardio", "a")


def test_the_list_says_where_each_feed_stands_and_how_old_it_is():
    heading, cardio, icu = feed()
    assert heading.split() == ["FEED", "EPOCH", "FLOOR", "HEAD", "EVENTS", "OLDEST"]
    assert cardio.split()[:5] == ["ward:cardio", "1", "0", "1", "1"]
    assert icu.split()[:5] == ["ward:icu", "1", "0", "3", "3"]
    assert icu.split()[5].startswith("20")
    assert feed("list", "ward:icu")[1].split() == icu.split()


def test_a_feed_without_events_has_no_oldest(settings):
    settings.HUBS = {**settings.HUBS, "FEED_RETENTION_EVENTS": 0}
    feed("prune")
    assert feed("list", "ward:icu")[1].split() == ["ward:icu", "1", "3", "3", "0", "-"]


def test_prune_says_what_it_deleted_and_the_second_time_there_is_nothing_left():
    assert feed("prune") == ["ward:icu: 1 events deleted.", "Deleted: 1."]
    assert feed("prune") == ["Deleted: 0."]


def test_cut_begins_a_new_epoch_of_one_feed_or_of_all():
    (said,) = feed("cut", "ward:icu")
    epochs = dict(Feed.objects.values_list("name", "epoch"))
    assert said == f"ward:icu is in epoch {epochs['ward:icu']}."
    assert epochs["ward:icu"] > epochs["ward:cardio"] == 1
    assert len(feed("cut", "--all")) == 2
    assert all(epoch > 1 for epoch in Feed.objects.values_list("epoch", flat=True))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["list", "ward:none"], "There is no feed ward:none."),
        (["cut", "ward:icu", "ward:none"], "There is no feed ward:none."),
        (["cut"], "required"),
        (["cut", "ward:icu", "--all"], "not allowed with"),
    ],
)
def test_what_is_not_clear_changes_nothing(arguments, complaint):
    with pytest.raises(CommandError, match=complaint):
        feed(*arguments)
    assert set(Feed.objects.values_list("epoch", flat=True)) == {1}
