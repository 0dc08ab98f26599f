"""One module a transport: bytes in, bytes out, nothing else."""
