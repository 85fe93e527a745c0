"""Access: link prefix, host, origin and password, checked before anything answers a request."""
