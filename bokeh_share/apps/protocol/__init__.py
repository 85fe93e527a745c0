"""Checks the messages of an app's viewer before Bokeh applies them."""
