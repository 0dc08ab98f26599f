"""What the metrics of this process say at the moment."""

from prometheus_client import REGISTRY


def counted(name: str, **labels: str) -> float:
    """The value of one sample, 0 where nothing has been counted yet."""
    return REGISTRY.get_sample_value(name, labels) or 0.0
