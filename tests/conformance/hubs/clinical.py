"""The ClinicalDashboardHub of the recordings; the product's hub of that name is another one."""

import time
from typing import Any
from uuid import UUID

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from tests.conformance.permissions import ClinicalStaff, DoctorsOnly


class ClinicalDashboardHub(Hub):
    """For clinical staff; closed when the token expires."""

    permission_classes = [ClinicalStaff]
    options = {"STATEFUL_RECONNECT": True, "CLOSE_ON_EXPIRATION": True}

    @action(permission_classes=[DoctorsOnly])
    async def order_medication(self, patient_id: UUID, drug_name: str) -> str:
        return f"ordered {drug_name}"

    @action(permission_classes=[ClinicalStaff])
    async def subscribe_to_ward(self, ward_id: str) -> None:
        if not self._may_see(ward_id):
            raise HubError("Access to this ward requires matching department assignment.")
        await self.groups.add(f"ward:{ward_id}")

    @action
    async def publish(self, ward_id: str, n: int, p: Any) -> None:
        for _ in range(n):
            await self.clients.group(f"ward:{ward_id}").send("VitalsUpdated", {"s": time.time(), "p": p})

    def _may_see(self, ward_id: str) -> bool:
        has_digits_only = ward_id.isascii() and ward_id.isdigit()
        return has_digits_only or self.user.role == "Admin" or self.user.department == ward_id
