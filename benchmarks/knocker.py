"""Somebody without a good token who asks to negotiate again and again: `python -m benchmarks.knocker`."""

import argparse
import http.client
import time
from collections import Counter

from benchmarks.screens import HUB


def knock(port: int, token: str, *, rate: float, count: int) -> Counter[int]:
    """The statuses of the answers; asks at that rate, or without a pause for 0."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Length": "0"}
    found, started = Counter[int](), time.monotonic()
    for number in range(count):
        if rate:
            time.sleep(max(0.0, started + number / rate - time.monotonic()))
        client.request("POST", f"{HUB}/negotiate?negotiateVersion=1", headers=headers)
        answer = client.getresponse()
        answer.read()
        found[answer.status] += 1
    client.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--count", type=int, required=True)
    options = parser.parse_args()
    found = knock(options.port, options.token, rate=options.rate, count=options.count)
    print(found[401])


if __name__ == "__main__":
    main()
