"""The hub of the ward board: short actions that call services."""

from functools import partial
from typing import cast
from uuid import UUID

from clinical.alert_actions import AlertActions
from clinical.alert_events import ALERT_EVENTS
from clinical.events import (
    ObservationInput,
    ObservationRecorded,
    ObservationSummary,
    OrderDrafted,
    OrderSummary,
    PatientChanged,
    PatientLeft,
    ResumedWard,
    WardSnapshot,
    ward_feed,
)
from clinical.models import AccessRecord
from clinical.permissions import THEIR_PATIENT, IsClinicalStaff, IsDoctor, IsNurse, MaySeeWard
from clinical.services import access_records, board, corrections, observations, orders
from hubs.actions import action
from hubs.executor import run
from hubs.hub import Hub
from hubs.refresh import AuthenticationRefresh


class ClinicalDashboardHub(AlertActions, AuthenticationRefresh, Hub):
    """Live ward data for clinical staff."""

    permission_classes = [IsClinicalStaff]
    events = (ObservationRecorded, OrderDrafted, PatientChanged, PatientLeft, *ALERT_EVENTS)

    @action(permission_classes=[MaySeeWard])
    async def subscribe_to_ward(self, ward_id: str) -> WardSnapshot:
        """Follows the ward's feed; answers the board as of its number."""
        ward = await run(
            access_records.open_ward, self.user, ward_id, AccessRecord.Door.HUB, self.connection_id
        )
        return await self.feeds.subscribe(ward_feed(ward.pk), partial(board.snapshot, ward))

    @action(permission_classes=[MaySeeWard])
    async def resume_ward(self, ward_id: str, epoch: int, seq: int) -> ResumedWard:
        """Follows the ward's feed from where this screen left it; answers what it has missed."""
        ward = await run(
            access_records.open_ward, self.user, ward_id, AccessRecord.Door.HUB, self.connection_id
        )
        return cast(ResumedWard, await self.feeds.resume(ward_feed(ward.pk), epoch, seq))

    @action
    async def unsubscribe_from_ward(self, ward_id: str) -> None:
        """Follows it no longer."""
        await self.feeds.unsubscribe(ward_feed(ward_id))

    @action(permission_classes=[IsDoctor], resource=THEIR_PATIENT)
    async def order_medication(
        self, patient_id: UUID, drug_name: str, key: UUID | None = None
    ) -> OrderSummary:
        """Starts a draft order of a catalogue drug; the same key again answers the first one."""
        return await run(orders.draft, self.user, patient_id, drug_name, key)

    @action(permission_classes=[IsDoctor | IsNurse], resource=THEIR_PATIENT)
    async def record_observation(self, patient_id: UUID, observation: ObservationInput) -> ObservationSummary:
        """Records a set; answers it with its score. The same key again answers the set of the first call."""
        return await run(observations.record, self.user, patient_id, observation)

    @action(permission_classes=[IsDoctor | IsNurse], resource=f"a set of {THEIR_PATIENT}")
    async def correct_observation(
        self, set_id: UUID, observation: ObservationInput, reason: str
    ) -> ObservationSummary:
        """Records a new version of a set; the old one stays, marked."""
        return await run(corrections.correct, self.user, set_id, observation, reason)
