PROVEN = ("3.9", "3.10")
LIVE = {"Title": {"text"}, "Line": {"line_color"}, "LinearAxis": {"axis_label"}}
FOLLOWS = {"GlyphRenderer", "Line", "Scatter", "CDSView", "AllIndices", "Selection", "UnionRenderers"}
