"""The viewers' websockets, in a thread of their own: a page is encoded once and sent to all."""
