// Sets the height of plots and layouts that fill the available height.

import { isResizable } from "./models.mjs";

// Widgets that are as high as their text.
const MARKUP_TYPES = ["Div", "Paragraph", "PreText"];

/**
 * Returns the height of each root's grid row, as a CSS track size; null if no root fills the height.
 * @param {{ sizing_mode: string | null, min_height: number | null }[]} roots
 * @returns {string[] | null}
 */
export function computeRowHeights(roots) {
  const rows = roots.map(({ sizing_mode, min_height }) => {
    if (["stretch_height", "stretch_both"].includes(sizing_mode ?? "")) return "minmax(var(--fill-height), auto)";
    // a height that depended on its width would change the width again
    return sizing_mode === "scale_height" ? `max(var(--fill-height), ${min_height ?? 0}px)` : "auto";
  });
  return rows.some((row) => row !== "auto") ? rows : null;
}

/**
 * @param {HTMLElement} container of the drawing
 * @param {BokehJS.Model[]} roots
 */
export function updateRowHeights(container, roots) {
  const rows = computeRowHeights(roots);
  container.classList.toggle("fills-height", rows !== null);
  container.style.gridTemplateRows = rows?.join(" ") ?? "";
}

/**
 * Marks a drawing that is one figure, which the full screen draws larger.
 * @param {HTMLElement} container of the drawing
 * @param {BokehJS.Model[]} roots
 */
export function updateResizable(container, roots) {
  const [root, ...others] = roots;
  container.classList.toggle("resizable", root !== undefined && others.length === 0 && isResizable(root));
}

// In BokehJS, a layout that fills the height of a column can be lower than its content, which then overlaps
// the next child. In a column without a height limit, such a layout becomes as high as its content.
export function patchColumnLayout() {
  const proto = Bokeh.require("models/layouts/column").ColumnView.prototype;
  /** @this {BokehJS.View} */
  proto._update_layout = function () {
    Object.getPrototypeOf(proto)._update_layout.call(this);
    if (hasHeightLimit(this)) return;
    for (const view of this.child_views) {
      if (!view.child_views?.length && !MARKUP_TYPES.includes(view.model.type)) continue;
      const { height_policy, aspect_ratio } = view.box_sizing();
      if (height_policy !== "max" || aspect_ratio !== null) continue;
      const least = view.model.min_height === null ? { min_height: "auto" } : { flex: "1 0 auto", height: "auto" };
      view.parent_style.append(":host", least);
    }
  };
}

/**
 * Returns true if the view or one of its parents has a fixed or a maximum height.
 * @param {BokehJS.View | null} view
 * @returns {boolean}
 */
export function hasHeightLimit(view) {
  if (!view?.box_sizing) return false;
  const { height_policy, height } = view.box_sizing();
  const isGiven = height !== null && ["auto", "fixed"].includes(height_policy);
  return isGiven || view.model.max_height !== null || hasHeightLimit(view.parent);
}
