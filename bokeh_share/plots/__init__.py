"""Plots as plain data: the models that the author showed, and the page made of them."""
