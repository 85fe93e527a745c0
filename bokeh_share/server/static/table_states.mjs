// Keeps the sort order and scroll position of each table, which are stored only in its view.

/**
 * @typedef {{ id: string, grid: unknown, order: { field: string | undefined, sortAsc: boolean }[],
 *   scrollTop: number, scrollLeft: number }} TableState
 */

export class TableStates {
  /** @type {TableState[]} */
  #tables = [];

  /** @param {BokehJS.Document} bokeh */
  constructor(bokeh) {
    for (const view of bokeh.views_manager.query(({ grid }) => grid?.getSortColumns)) {
      /** @type {BokehJS.GridColumn[]} */
      const columns = view.grid.getColumns();
      /** @type {BokehJS.GridSort[]} */
      const sorts = view.grid.getSortColumns();
      const order = sorts.map(({ columnId, sortAsc }) => {
        return { field: columns.find(({ id }) => id === columnId)?.field, sortAsc };
      });
      const { scrollTop, scrollLeft } = findViewport(view);
      this.#tables.push({ id: view.model.id, grid: view.grid, order, scrollTop, scrollLeft });
    }
  }

  /**
   * Undoes what a change did. Called at once after it: what moves later was moved by the viewer.
   * @param {BokehJS.Document} bokeh
   */
  restore(bokeh) {
    for (const table of this.#tables) restoreTable(bokeh.views_manager.find_one_by_id(table.id), table);
  }

  /**
   * Restores the tables that were built again since `restore`: BokehJS does so later if their columns change.
   * @param {BokehJS.Document} bokeh
   */
  restoreRebuilt(bokeh) {
    for (const table of this.#tables) {
      const view = bokeh.views_manager.find_one_by_id(table.id);
      if (view?.grid !== table.grid) restoreTable(view, table);
    }
  }
}

/**
 * @param {BokehJS.View | null} view
 * @param {TableState} state
 */
function restoreTable(view, state) {
  if (!view?.grid) return;
  state.grid = view.grid;
  /** @type {BokehJS.GridColumn[]} */
  const columns = view.grid.getColumns();
  const order = state.order.map(({ field, sortAsc }) => {
    return { columnId: columns.find((column) => column.field === field)?.id, sortAsc };
  }).filter(({ columnId }) => columnId !== undefined);
  if (JSON.stringify(order) !== JSON.stringify(view.grid.getSortColumns())) {
    view.grid.setSortColumns(order);
    view.updateGrid();
  }
  const viewport = findViewport(view);
  // setting the same position would stop a scroll that goes on
  if (viewport.scrollTop !== state.scrollTop) viewport.scrollTop = state.scrollTop;
  if (viewport.scrollLeft !== state.scrollLeft) viewport.scrollLeft = state.scrollLeft;
}

/**
 * @param {BokehJS.View} view
 * @returns {HTMLElement}
 */
const findViewport = (view) => view.shadow_el.querySelector(".slick-viewport");
