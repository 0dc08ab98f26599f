"""SignalR's messages and bytes, without I/O: nothing here awaits or imports Django."""
