"""A screen's copy of the board, changed by events as the product's own page does it."""

from typing import Any

Row = dict[str, Any]
Rows = dict[str, Row]  # by patient


def rows_of(snapshot: dict[str, Any]) -> Rows:
    return {row["patientId"]: row for row in snapshot["beds"]}


def apply(rows: Rows, name: str, payload: dict[str, Any]) -> None:
    """Events carry state: what the row shows already, or is newer than, changes nothing."""
    about = payload.get("row", payload)
    patient, version = about["patientId"], about["version"]
    old = rows.get(patient)
    if old is not None and version <= old["version"]:
        return
    if name == "PatientChanged":
        rows[patient] = payload["row"]
    elif old is not None:
        _change(rows, name, old, payload)


def _change(rows: Rows, name: str, old: Row, payload: dict[str, Any]) -> None:
    patient, version = payload["patientId"], payload["version"]
    if name == "PatientLeft":
        del rows[patient]
    elif name == "ObservationRecorded":
        rows[patient] = {**old, "version": version, "observation": payload["observation"]}
    elif name == "OrderDrafted":
        # A snapshot may hold it already: its versions are read before its orders.
        others = [order for order in old["draftOrders"] if order["orderId"] != payload["order"]["orderId"]]
        drafts = [*others, payload["order"]]
        rows[patient] = {**old, "version": version, "draftOrders": drafts}
    else:
        raise AssertionError(f"the board does not know what {name} means")
