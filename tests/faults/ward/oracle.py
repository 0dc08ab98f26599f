"""Whether a reader was told the truth: its journal beside the database's own log and board."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tests.faults.ward.board import Board, board_of
from tests.faults.ward.journal import Chain, Delivery, Journal
from tests.faults.ward.ledger import Ledger, Logged
from tests.faults.ward.screen import NOT_LIVE_AFTER, STALE_AFTER, Screen, Status

Log = dict[int, Logged]


def complaints(journal: Journal, ledger: Ledger) -> list[str]:
    """All that is wrong with what a reader has got; nothing where all is well."""
    found = list(journal.complaints)
    for chain in journal.chains:
        log = {event.seq: event for event in ledger.events.get(chain.feed, [])}
        for delivery in chain.deliveries:
            found += (f"{journal.reader}: {chain.feed} {text}" for text in _wrong(delivery, log))
    return found


def _wrong(delivery: Delivery, log: Log) -> Iterable[str]:
    """What came is what was logged, and what was left out before it may be left out."""
    logged = log.get(delivery.seq)
    if logged is None or logged.name != delivery.name or decoded(logged.payload) != delivery.payload:
        yield f"{delivery.seq} came as something that was never written"
    for seq in range(delivery.after + 1, delivery.seq):
        if not _is_merged(log.get(seq), log, delivery):
            yield f"{seq} is lost between {delivery.after} and {delivery.seq}"


def _is_merged(left_out: Logged | None, log: Log, delivery: Delivery) -> bool:
    """Whether a newer event of the same kind and key stands for it, which may well come after this one."""
    if left_out is None or not left_out.merge_key:
        return False
    key = (left_out.name, left_out.merge_key)
    return any((log[seq].name, log[seq].merge_key) == key for seq in log if seq > left_out.seq)


def board_complaints(reader: str, boards: dict[str, Board], ledger: Ledger) -> list[str]:
    """Each board beside the database's, in whatever order the beds and alerts are."""
    found = []
    for ward, board in boards.items():
        written = board_of(decoded(ledger.boards[ward]))
        for kind, here, there in (
            ("rows", board.rows, written.rows),
            ("alerts", board.alerts, written.alerts),
        ):
            if wrong := _differing(there, here):
                found.append(f"{reader}: {len(wrong)} {kind} of {ward} differ from the database's: {wrong}")
    return found


def _differing(written: dict[str, Any], shown: dict[str, Any]) -> list[tuple[Any, Any]]:
    pairs = [(written.get(key), shown.get(key)) for key in written.keys() | shown.keys()]
    return [(there, here) for there, here in pairs if there != here]


def late_complaints(
    reader: str, chains: list[Chain], screen: Screen, ledger: Ledger, to_here: float
) -> list[str]:
    """Whoever was still without an event after 30 s was told so, and after 60 s that the screen is not live.

    `to_here` is what turns the time of the log into that of this process.
    """
    found = []
    for chain in chains:
        logged = {event.seq: event.at + to_here for event in ledger.events.get(chain.feed, [])}
        for delivery in chain.deliveries:
            oldest = min(logged[seq] for seq in range(delivery.after + 1, delivery.seq + 1))
            for seconds, allowed in (
                (STALE_AFTER, {Status.AMBER, Status.NOT_LIVE}),
                (NOT_LIVE_AFTER, {Status.NOT_LIVE}),
            ):
                due = oldest + seconds
                if delivery.at > due and screen.at(due) not in allowed:
                    late = round(delivery.at - oldest)
                    said = screen.at(due).value
                    found.append(f"{reader}: {delivery.name} came {late} s late, and the screen said {said}")
    return found


def decoded(raw: msgspec.Raw) -> Any:
    return msgspec.json.decode(raw)
