"""The exception of the contract; clients see its name where detailed errors are on."""


class InvalidOperationException(Exception):
    """An ordinary exception, whose text is not meant for clients."""
