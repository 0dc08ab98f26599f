"""A ward under fault: readers who follow it, a writer who changes it, and the judgement at the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from config.run.processes import Process
from tests.faults.ward import oracle, results
from tests.faults.ward.fault import Fault
from tests.faults.ward.ledger import Ledger
from tests.faults.ward.parts import Parts, lines_of
from tests.faults.ward.reader import Reader, feed

WITHIN = 60.0  # seconds that anything may take
LOOK_EVERY = 0.05
PER_SECOND = 8.0
# Nurses and doctors of one ward each, and somebody who may see both.
READERS = {
    "nurse.icu": ["icu"],
    "doctor.icu": ["icu"],
    "nurse.cardio": ["cardio"],
    "admin": ["icu", "cardio"],
}
EACH = 3


class Scene:
    """What a test of a fault sees."""

    def __init__(self, parts: Parts, fault: Fault) -> None:
        self.parts = parts
        self.fault = fault
        addresses = [line.address for line in parts.to_workers]
        self.readers = [
            Reader(username, wards, addresses) for username, wards in READERS.items() for _ in range(EACH)
        ]
        self.is_judged = False
        self._writers: list[Process] = []

    async def open(self) -> None:
        """Everybody is live and events flow."""
        await asyncio.gather(*(reader.open() for reader in self.readers))
        await self.until(self.all_live)
        self.write(PER_SECOND)
        await self.flows()

    def write(self, per_second: float) -> None:
        """From now on somebody else writes as well."""
        self._writers.append(self.parts.writer(f"writer-{len(self._writers)}", per_second))

    async def join(self, *readers: Reader) -> None:
        """Others come, and are live."""
        self.readers += readers
        await asyncio.gather(*(reader.open() for reader in readers))
        await self.until(lambda: all(reader.is_live for reader in readers))

    def newcomer(self, username: str = "nurse.icu", **options: Any) -> Reader:
        return Reader(username, READERS[username], self.readers[0].addresses, **options)

    async def close(self) -> None:
        for reader in self.readers:
            await reader.close()
        await self._end_writing()

    async def _end_writing(self) -> None:
        for writer in self._writers:
            await asyncio.to_thread(writer.end)

    def all_live(self) -> bool:
        return all(reader.is_live for reader in self.readers)

    async def until(self, condition: Callable[[], bool], within: float = WITHIN) -> None:
        deadline = time.monotonic() + within
        while not condition():
            assert time.monotonic() < deadline, f"{condition.__qualname__}: {self.state()}"
            self._nobody_has_broken()
            await asyncio.sleep(LOOK_EVERY)

    async def flows(self, count: int = 3) -> None:
        """Until everybody who reads is live and has had so many more events, counted from now."""
        before = {id(reader): _received(reader) for reader in self.readers}

        def all_have_more() -> bool:
            reading = [reader for reader in self.readers if reader.reads.is_set()]
            return all(
                reader.is_live and _received(reader) >= before[id(reader)] + count for reader in reading
            )

        await self.until(all_have_more)

    async def written(self, count: int, within: float = WITHIN) -> None:
        """Until so many more writes are committed, which is also how a fault of some seconds is timed."""
        goal = self.commits() + count
        await self.until(lambda: self.commits() >= goal, within)

    def said(self, kind: str) -> list[dict[str, object]]:
        """The writer's words of that kind: "wrote", "failed", "refused"."""
        logs = (lines_of(writer.log) for writer in self._writers)
        return [line for lines in logs for line in lines if kind in line]

    def commits(self) -> int:
        return len(self.said("wrote"))

    async def judge(self) -> results.Result:
        """Ends the writing, waits until all boards are level with it, and holds every reader to the truth."""
        await self._end_writing()
        for reader in self.readers:
            reader.reads.set()
        ledger = await self.parts.ledger()
        await self.until(
            lambda: self.all_live() and all(_is_level(reader, ledger.heads) for reader in self.readers)
        )
        found = await self._complaints(ledger)
        result = self._result(ledger, len(found))
        results.keep(result)
        self.is_judged = True
        assert not found, "\n".join(found[:20])
        return result

    def state(self) -> str:
        """For whoever reads of a failure."""
        lines = [
            f"{reader.username}: {reader.screen.status.value} {reader.held()} {reader.journal.complaints[:3]}"
            for reader in self.readers
        ]
        failures = [str(line["failed"]) for line in self.said("failed")[-3:]]
        return "\n".join([self.fault.title, *lines, *failures, self.parts.log_text[-3_000:]])

    def _nobody_has_broken(self) -> None:
        broken = [text for reader in self.readers for text in reader.journal.complaints]
        assert not broken, "\n".join([*broken[:5], self.state()])

    def _last_write(self) -> float:
        return max(float(str(line["at"])) for line in self.said("wrote"))

    def _last_delivery(self) -> float:
        chains = [chain for reader in self.readers for chain in reader.journal.chains]
        return max(chain.deliveries[-1].at if chain.deliveries else chain.at for chain in chains)

    async def _complaints(self, ledger: Ledger) -> list[str]:
        to_here = time.monotonic() - time.time()
        found = []
        for reader in (*self.readers, *await self._fresh()):
            name, journal = reader.username, reader.journal
            found += oracle.complaints(journal, ledger)
            found += oracle.board_complaints(name, reader.boards, ledger)
            found += oracle.late_complaints(name, journal.chains, reader.screen, ledger, to_here)
        return found

    async def _fresh(self) -> list[Reader]:
        """A new screen of everybody, for the board that somebody gets who comes now."""
        fresh = [Reader(name, wards, self.readers[0].addresses) for name, wards in READERS.items()]
        await asyncio.gather(*(reader.open() for reader in fresh))
        await self.until(lambda: all(reader.is_live for reader in fresh))
        await asyncio.gather(*(reader.close() for reader in fresh))
        return fresh

    def _result(self, ledger: Ledger, losses: int) -> results.Result:
        journals = [reader.journal for reader in self.readers]
        chains = [chain for journal in journals for chain in journal.chains]
        now = time.monotonic()
        return results.Result(
            fault=self.fault.title,
            database=self.fault.database,
            server=self.fault.server,
            readers=len(self.readers),
            written=sum(
                len({d.seq for c in chains if c.feed == name for d in c.deliveries}) for name in ledger.heads
            ),
            delivered=sum(len(chain.deliveries) for chain in chains),
            resumed=sum(journal.resumed for journal in journals),
            reloads=sum(journal.reloads for journal in journals),
            not_live=round(max(reader.screen.longest_not_live(now) for reader in self.readers), 1),
            equal_after=round(max(0.0, self._last_delivery() - self._last_write()), 1),
            losses=losses,
        )


def _received(reader: Reader) -> int:
    return sum(len(chain.deliveries) for chain in reader.journal.chains)


def _is_level(reader: Reader, heads: dict[str, int]) -> bool:
    return reader.held() == {ward: heads.get(feed(ward), 0) for ward in reader.wards}


@asynccontextmanager
async def scene(parts: Parts, fault: Fault) -> AsyncIterator[Scene]:
    found = Scene(parts, fault)
    try:
        await found.open()
        yield found
    finally:
        await found.close()
