"""The hub's actions with alerts, which doctors and nurses of the patient's ward may take."""

from typing import Any
from uuid import UUID

from clinical.events import AlertView
from clinical.permissions import THEIR_PATIENT, IsDoctor, IsNurse
from clinical.services import alerts
from hubs.actions import action
from hubs.executor import run

RESPONDERS = [IsDoctor | IsNurse]
ALERT = f"an alert of {THEIR_PATIENT}"


class AlertActions:
    """A part of the ward's hub. The services ask for the ward: an alert's id does not name it."""

    user: Any

    @action(permission_classes=RESPONDERS, resource=ALERT)
    async def accept_alert(self, alert_id: UUID) -> AlertView:
        """Makes the caller the owner; only the first one, the others are told who that was."""
        return await run(alerts.accept, self.user, alert_id)

    @action(permission_classes=RESPONDERS, resource=ALERT)
    async def decline_alert(self, alert_id: UUID, reason: str, note: str = "") -> AlertView:
        """Says that the caller cannot; an owner gives the alert back."""
        return await run(alerts.decline, self.user, alert_id, reason, note)

    @action(permission_classes=RESPONDERS, resource=ALERT)
    async def start_alert_review(self, alert_id: UUID) -> AlertView:
        """Says that its owner is at the bedside."""
        return await run(alerts.start_review, self.user, alert_id)

    @action(permission_classes=RESPONDERS, resource=ALERT)
    async def resolve_alert(self, alert_id: UUID, outcome: str, note: str = "") -> AlertView:
        """Ends it with what came of it; by its owner only."""
        return await run(alerts.resolve, self.user, alert_id, outcome, note)
