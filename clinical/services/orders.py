"""Starting medication orders."""

import uuid
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Role, User
from clinical import access
from clinical.events import OrderDrafted, OrderSummary, ward_feed
from clinical.models import Drug, MedicationOrder, Patient
from hubs.errors import HubError
from hubs.feeds.append import append

PRESCRIBERS = (Role.DOCTOR,)


class UnknownDrug(HubError):
    """The catalogue has no drug of that name."""

    def __init__(self) -> None:
        super().__init__(_("This drug is not in the catalogue."))


class UsedKey(HubError):
    """The key is that of another order."""

    def __init__(self) -> None:
        super().__init__(_("This form has been used already. Load the page again."))


@transaction.atomic
def draft(user: User, patient_id: UUID, drug_name: str, key: UUID | None = None) -> OrderSummary:
    """Starts an order of a catalogue drug for a patient whom the doctor may see, and tells the ward.

    The key, if there is one, becomes the order's id: the same one again answers the first order.
    """
    access.require_role(user, *PRESCRIBERS)
    patient = access.patient_for(user, patient_id, lock=True)
    drug = _drug(drug_name)
    if key is not None and (done := _done(user, patient, drug, key)) is not None:
        return summary(done)
    order = MedicationOrder.objects.create(
        id=key or uuid.uuid4(),
        patient=patient,
        drug=drug,
        drafted_by=user,
        drafted_at=patient.time_of_stay(),
    )
    drafted = summary(order)
    event = OrderDrafted(patient_id=patient.pk, version=patient.raise_version(), order=drafted)
    append(ward_feed(str(patient.ward_id)), event)
    return drafted


def drafts_of(patient_ids: Iterable[UUID]) -> dict[UUID, list[MedicationOrder]]:
    """The draft orders of each patient's present stay, oldest first; one query."""
    found: dict[UUID, list[MedicationOrder]] = {}
    orders = MedicationOrder.objects.filter(
        patient__in=list(patient_ids),
        state=MedicationOrder.State.DRAFT,
        drafted_at__gte=F("patient__admitted_at"),
    ).select_related("drug", "drafted_by")
    for order in orders:
        found.setdefault(order.patient_id, []).append(order)
    return found


def summary(order: MedicationOrder) -> OrderSummary:
    """The order as it goes over the wire."""
    return OrderSummary(
        order_id=order.pk,
        drug_name=order.drug.name,
        drafted_by=order.drafted_by.display_name,
        drafted_at=order.drafted_at,
    )


def _done(user: User, patient: Patient, drug: Drug, key: UUID) -> MedicationOrder | None:
    """The order that the same key has started before. Raises UsedKey for another one."""
    order = MedicationOrder.objects.filter(pk=key).select_related("drug", "drafted_by").first()
    if order is not None and (order.drafted_by, order.patient_id, order.drug) != (user, patient.pk, drug):
        raise UsedKey
    return order


def _drug(name: str) -> Drug:
    # Compared without regard to case and in no other way: names that look alike are different drugs.
    # No database takes every text: NUL and lone surrogates stay out of the query.
    drug = Drug.objects.filter(name__iexact=name.strip()).first() if name.isprintable() else None
    if drug is None:
        raise UnknownDrug
    return drug
