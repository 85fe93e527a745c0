"""The viewers' websockets, in a separate thread: a page is encoded once and sent to all."""
