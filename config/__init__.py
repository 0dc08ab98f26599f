"""The project that joins the rooms: settings, the ASGI application and the URLs."""
