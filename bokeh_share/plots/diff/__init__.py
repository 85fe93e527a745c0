"""The least that turns one snapshot into another, as BokehJS is proven to draw it."""
