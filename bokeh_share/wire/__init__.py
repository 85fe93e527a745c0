"""The messages of the viewers' websocket: plain data, without other packages."""
