"""Computes the smallest patch from one snapshot to another that BokehJS is proven to draw correctly."""
