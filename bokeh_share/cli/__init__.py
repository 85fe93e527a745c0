"""`python -m bokeh_share`: a notebook or a script is run, and its plots are shared until Ctrl-C."""
