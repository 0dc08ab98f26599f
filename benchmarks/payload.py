"""What every peer publishes, so that all of them carry the same."""

from typing import Any

EVENT = "ObservationRecorded"
MARK = "~~"  # once in each message: what is counted


def observation(number: int) -> dict[str, Any]:
    """About 200 bytes of JSON, 250 with what each peer puts around it."""
    return {
        "patientId": "6f1c1a52-4c0e-4f0a-9d0d-1f8e3a2b7c55",
        "recordedBy": "n.okafor",
        "measuredAt": "2026-11-24T09:30:00Z",
        "respiration": 18,
        "spo2": 96,
        "pulse": 84,
        "number": number,
        "mark": MARK,
        "consciousness": "alert",
    }
