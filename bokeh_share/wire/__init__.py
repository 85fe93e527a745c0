"""What goes over the viewers' websocket: plain data, no packages."""
