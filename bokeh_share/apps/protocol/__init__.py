"""What an app's viewer may send, checked before Bokeh applies it."""
