// Keeps the sort order and scroll position of each table, which are stored only in its view.

/**
 * @typedef {{ id: string, order: { field: string | undefined, sortAsc: boolean }[], scrollTop: number,
 *   scrollLeft: number }} TableState
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
      this.#tables.push({ id: view.model.id, order, scrollTop, scrollLeft });
    }
  }

  /** @param {BokehJS.Document} bokeh */
  restore(bokeh) {
    for (const { id, order, scrollTop, scrollLeft } of this.#tables) {
      const view = bokeh.views_manager.find_one_by_id(id);
      if (!view?.grid) continue;
      /** @type {BokehJS.GridColumn[]} */
      const columns = view.grid.getColumns();
      const wanted = order.map(({ field, sortAsc }) => {
        return { columnId: columns.find((column) => column.field === field)?.id, sortAsc };
      }).filter(({ columnId }) => columnId !== undefined);
      if (JSON.stringify(wanted) !== JSON.stringify(view.grid.getSortColumns())) {
        view.grid.setSortColumns(wanted);
        view.updateGrid();
      }
      Object.assign(findViewport(view), { scrollTop, scrollLeft });
    }
  }
}

/**
 * @param {BokehJS.View} view
 * @returns {HTMLElement}
 */
const findViewport = (view) => view.shadow_el.querySelector(".slick-viewport");
