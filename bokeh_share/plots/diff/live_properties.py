"""Properties that BokehJS redraws correctly by itself. A browser test proves each entry.

A change of any other property causes a redraw. `tests/browser/test_live_properties.py` tests all entries.
"""

PROVEN_VERSIONS = ("3.9", "3.10")
"""The versions of Bokeh on which that test has passed."""

_LINE = frozenset({"line_color", "line_alpha"})
_FILL = frozenset({"fill_color", "fill_alpha"})
_HATCH = frozenset({"hatch_color", "hatch_alpha"})
_STROKE = _LINE | {"line_dash", "line_width"}
_AREA = _LINE | _FILL | _HATCH
_TEXT = frozenset({"text_alpha", "text_color"})

GLYPH_PROPERTIES = {
    "AnnularWedge": _AREA,
    "Circle": _AREA,
    "HArea": _FILL | _HATCH,
    "HBar": _AREA,
    "HexTile": _AREA,
    "Line": _LINE,
    "MultiLine": _LINE,
    "MultiPolygons": _AREA,
    "Patch": _AREA,
    "Patches": _AREA,
    "Quad": _AREA,
    "Rect": _AREA,
    "Scatter": _AREA,
    "Segment": _LINE,
    "Step": _LINE,
    "VArea": _FILL | _HATCH,
    "VBar": _AREA,
    "Wedge": _AREA,
}
"""Only constants, no fields, and hatch properties only without a visible pattern. Widths, sizes and texts are
not live: during a pan, BokehJS draws many points with a grey copy of the glyph that it made at the start."""

_MAJOR_AXIS = frozenset(
    {
        "axis_label",
        "axis_label_text_alpha",
        "axis_label_text_color",
        "axis_line_alpha",
        "axis_line_color",
        "axis_line_dash",
        "axis_line_width",
        "major_label_text_alpha",
        "major_label_text_color",
        "major_tick_line_alpha",
        "major_tick_line_color",
        "major_tick_line_width",
    }
)
_AXIS = _MAJOR_AXIS | {"minor_tick_line_alpha", "minor_tick_line_color", "minor_tick_line_width"}

GUIDE_PROPERTIES = {
    "BoxAnnotation": _STROKE | _FILL,
    "CategoricalAxis": _MAJOR_AXIS,
    "DatetimeAxis": _MAJOR_AXIS,
    "Div": frozenset({"text"}),
    "Figure": frozenset(
        {
            "background_fill_alpha",
            "background_fill_color",
            "border_fill_color",
            "outline_line_alpha",
            "outline_line_color",
            "outline_line_width",
        }
    ),
    "Grid": frozenset(
        {
            "band_fill_alpha",
            "band_fill_color",
            "grid_line_alpha",
            "grid_line_color",
            "grid_line_dash",
            "grid_line_width",
            "minor_grid_line_alpha",
            "minor_grid_line_color",
        }
    ),
    "Label": _TEXT | {"text", "x", "y"},
    "Legend": frozenset(
        {
            "background_fill_alpha",
            "background_fill_color",
            "border_line_alpha",
            "border_line_color",
            "label_text_alpha",
            "label_text_color",
        }
    ),
    "LinearAxis": _AXIS,
    "LogAxis": _AXIS,
    "Paragraph": frozenset({"text"}),
    "PreText": frozenset({"text"}),
    "Slope": _STROKE | {"gradient", "y_intercept"},
    "Span": _STROKE | {"location"},
    "Title": _TEXT | {"text"},
}

LIVE_PROPERTIES = GLYPH_PROPERTIES | GUIDE_PROPERTIES

DATA_DRIVEN_KINDS = frozenset(
    {
        "GlyphRenderer",
        *GLYPH_PROPERTIES,
        "Image",
        "ImageRGBA",
        "Text",
        "AllIndices",
        "BooleanFilter",
        "CDSView",
        "GroupFilter",
        "IndexFilter",
        "InversionFilter",
        "Selection",
        "UnionRenderers",
        "CategoricalColorMapper",
        "CategoricalMarkerMapper",
        "LinearColorMapper",
        "LogColorMapper",
        "CumSum",
        "Dodge",
        "Stack",
        "Band",
        "LabelSet",
        "TeeHead",
        "Whisker",
    }
)
"""Kinds of models that draw the columns of a data source, or select or map what is drawn."""
