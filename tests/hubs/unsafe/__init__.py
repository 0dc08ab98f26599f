"""A project that has mounted its hub behind AuthMiddlewareStack: it must not start."""
