import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from hubs.conf import DEFAULTS, HUB_OPTIONS, HubOptions, hubs_settings, redis_channel_layer
from tests.hubs.tokens import verify


def test_a_setting_that_is_not_given_has_its_default():
    assert hubs_settings.KEEP_ALIVE_INTERVAL == 15.0


def test_a_given_setting_counts():
    with override_settings(HUBS={"KEEP_ALIVE_INTERVAL": 3}):
        assert hubs_settings.KEEP_ALIVE_INTERVAL == 3
    assert hubs_settings.KEEP_ALIVE_INTERVAL == 15.0


def test_settings_without_hubs_are_all_defaults(settings):
    del settings.HUBS
    assert {name: getattr(hubs_settings, name) for name in DEFAULTS} == DEFAULTS


def test_an_unknown_setting_is_an_error_and_not_none():
    with pytest.raises(AttributeError, match="KEEP_ALIVE"):
        hubs_settings.KEEP_ALIVE  # noqa: B018


def test_verify_is_resolved_and_follows_a_change():
    assert hubs_settings.verify is verify
    with override_settings(HUBS={"VERIFY": "hubs.conf.redis_channel_layer"}):
        assert hubs_settings.verify is redis_channel_layer
    assert hubs_settings.verify is verify


def test_a_hub_may_set_some_options_for_itself():
    options = HubOptions({"CLIENT_TIMEOUT": 7})
    assert options.CLIENT_TIMEOUT == 7
    assert options.HANDSHAKE_TIMEOUT == 15.0


def test_every_option_of_a_hub_is_a_setting():
    assert set(DEFAULTS) >= HUB_OPTIONS


def host(layer: dict) -> dict:
    return layer["CONFIG"]["hosts"][0]


def test_the_layer_leaves_idle_receivers_alone_and_tries_again():
    layer = redis_channel_layer("redis://127.0.0.1:6379/0", secret="s")
    assert host(layer)["socket_timeout"] > 5
    assert host(layer)["retry_on_error"]
    assert layer["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"


def test_workers_with_another_secret_are_out_of_each_others_way():
    def prefix(secret: str) -> str:
        return redis_channel_layer("redis://x", secret=secret)["CONFIG"]["prefix"]

    assert prefix("one") == prefix("one") != prefix("two")
    assert prefix("one").startswith("hubs-")


def test_the_core_layer_is_there_for_the_asking_with_room_for_a_whole_worker():
    layer = redis_channel_layer("redis://127.0.0.1:6379/0", secret="s", layer="core")
    assert layer["BACKEND"] == "channels_redis.core.RedisChannelLayer"
    assert layer["CONFIG"]["capacity"] > 1000


def test_a_layer_of_another_name_is_an_error_that_names_those_that_are():
    with pytest.raises(ImproperlyConfigured, match="pubsub and core, not 'stream'"):
        redis_channel_layer("redis://127.0.0.1:6379/0", secret="s", layer="stream")


def test_AZ_6_the_layer_is_encrypted_with_a_key_made_from_the_secret():
    keys = [
        redis_channel_layer("redis://x", secret=secret)["CONFIG"]["symmetric_encryption_keys"]
        for secret in ("one", "one", "two")
    ]
    assert keys[0] == keys[1] != keys[2]
    assert b"one" not in keys[0][0]
