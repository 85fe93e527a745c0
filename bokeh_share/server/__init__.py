"""HTTP without Bokeh: listening, TLS, limits by client, base handlers, and the page's files."""
