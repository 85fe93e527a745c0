"""Models with their own implementations, for tests, as an author writes them in a cell."""

from __future__ import annotations

import os
import shutil

import pytest

NODE = shutil.which(os.environ.get("BOKEH_NODEJS_PATH", "node")) or shutil.which("nodejs")
needs_node = pytest.mark.skipif(NODE is None, reason="Bokeh compiles implementations by Node.js")

PRELUDE = """
from bokeh.core.properties import String
from bokeh.io import show
from bokeh.models import Div, Tool
from bokeh.plotting import figure
from bokeh.util.compiler import JavaScript, TypeScript
"""

LOUD = '''
class Loud(Div):
    __implementation__ = JavaScript("""
const {Div, DivView} = require("models/widgets/div")
class LoudView extends DivView {
  render() { super.render(); this.markup_el.textContent = `${this.model.text}{mark}` }
}
class Loud extends Div {}
Loud.__name__ = "Loud"
Loud.prototype.default_view = LoudView
exports.Loud = Loud
""")
'''
"""A text with a mark behind it, in JavaScript."""

STAMP = '''
class Stamp(Tool):
    __implementation__ = TypeScript("""
import {GestureTool, GestureToolView} from "models/tools/gestures/gesture_tool"
import type * as p from "core/properties"
import type {TapEvent} from "core/ui_events"

export class StampView extends GestureToolView {
  declare model: Stamp
  override _tap(_event: TapEvent): void { document.body.dataset.stamped = this.model.word }
}
export namespace Stamp {
  export type Attrs = p.AttrsOf<Props>
  export type Props = GestureTool.Props & { word: p.Property<string> }
}
export interface Stamp extends Stamp.Attrs {}
export class Stamp extends GestureTool {
  declare properties: Stamp.Props
  declare __view_type__: StampView
  constructor(attrs?: Partial<Stamp.Attrs>) { super(attrs) }
  static {
    this.prototype.default_view = StampView
    this.define<Stamp.Props>(({Str}) => ({ word: [ Str, "" ] }))
  }
  override tool_name = "Stamp"
  override tool_icon = "bk-tool-icon-tap-select"
  override event_type = "tap" as "tap"
  override default_order = 10
}
""")
    word = String("")
'''
"""A tool, in TypeScript, that leaves a mark on the page."""


def loud(mark: str, name: str = "Loud") -> str:
    return LOUD.replace("{mark}", mark).replace("Loud", name)
