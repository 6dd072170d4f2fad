"""The api as one ASGI application, and the server that runs it."""
