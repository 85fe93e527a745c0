"""Plots as plain data: which models the author showed, and the page that they make."""
