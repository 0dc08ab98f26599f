"""A screen's copy of the board, changed by events as the product's own page does it."""

from dataclasses import dataclass
from typing import Any

ROW_EVENTS = frozenset({"ObservationRecorded", "OrderDrafted", "PatientChanged", "PatientLeft"})
OPEN = frozenset({"raised", "accepted", "in_progress"})

Row = dict[str, Any]
Alert = dict[str, Any]


@dataclass
class Board:
    """The rows by patient, and the open alerts by their id."""

    rows: dict[str, Row]
    alerts: dict[str, Alert]


def board_of(snapshot: dict[str, Any]) -> Board:
    rows = {row["patientId"]: row for row in snapshot["beds"]}
    return Board(rows, {alert["id"]: alert for alert in snapshot["alerts"]})


def apply(board: Board, name: str, payload: dict[str, Any]) -> None:
    """Events carry state: what the board shows already, or is newer than, changes nothing."""
    if name in ROW_EVENTS:
        _apply_to_rows(board.rows, name, payload)
    elif "alert" in payload:
        _apply_to_alerts(board.alerts, payload["alert"])
    else:
        raise AssertionError(f"the board does not know what {name} means")
    if name == "PatientLeft":
        left = payload["patientId"]
        board.alerts = {key: alert for key, alert in board.alerts.items() if alert["patientId"] != left}


def _apply_to_alerts(alerts: dict[str, Alert], alert: Alert) -> None:
    old = alerts.get(alert["id"])
    if old is not None and alert["version"] <= old["version"]:
        return
    if alert["state"] in OPEN:
        alerts[alert["id"]] = alert
    else:
        alerts.pop(alert["id"], None)


def _apply_to_rows(rows: dict[str, Row], name: str, payload: dict[str, Any]) -> None:
    about = payload.get("row", payload)
    patient, version = about["patientId"], about["version"]
    old = rows.get(patient)
    if old is not None and version <= old["version"]:
        return
    if name == "PatientChanged":
        rows[patient] = payload["row"]
    elif old is not None:
        _change(rows, name, old, payload)


def _change(rows: dict[str, Row], name: str, old: Row, payload: dict[str, Any]) -> None:
    patient, version = payload["patientId"], payload["version"]
    if name == "PatientLeft":
        del rows[patient]
    elif name == "ObservationRecorded":
        rows[patient] = {**old, "version": version, "observation": payload["observation"]}
    else:
        # A snapshot may hold it already: its versions are read before its orders.
        others = [order for order in old["draftOrders"] if order["orderId"] != payload["order"]["orderId"]]
        drafts = [*others, payload["order"]]
        rows[patient] = {**old, "version": version, "draftOrders": drafts}
