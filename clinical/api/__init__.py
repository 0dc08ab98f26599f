"""The clinical record over HTTP, one module a noun, for programs that show a bearer token; docs/api.md."""
