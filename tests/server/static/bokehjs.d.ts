// The part of BokehJS that the page's scripts use, most of which BokehJS does not document.

declare const Bokeh: BokehJS.Library;

declare namespace BokehJS {
  interface Library {
    version: string;
    documents: Document[];
    logger: { level: unknown; set_level(level: unknown): void };
    embed: {
      add_document_standalone(document: Document, element: HTMLElement): Promise<unknown>;
      add_document_from_session(url: string, token: string, element: HTMLElement): Promise<unknown>;
    };
    require(module: string): any;
  }

  interface Document {
    _all_models: Map<string, Model>;
    idle: Signal;
    is_idle: boolean;
    views_manager: ViewManager;
    apply_json_patch(patch: { events: object[] }, buffers?: Map<string, ArrayBuffer>): void;
    clear(options?: { sync: boolean }): void;
    get_model_by_id(id: string): Model | null;
    get_model_by_name(name: string): Model | null;
    on_change(callback: () => void): void;
    on_event(event: string, callback: (...event: unknown[]) => void): void;
    roots(): Model[];
    title(): string;
  }

  // A model also has an attribute for each of its properties.
  interface Model {
    id: string;
    type: string;
    data: any;
    min_height: number | null;
    properties: Record<string, Property>;
    sizing_mode: string | null;
    setv(values: Record<string, unknown>, options?: { silent: boolean }): void;
    syncable_properties(): Iterable<Property>;
    [attribute: string]: any;
  }

  interface Property {
    attr: string;
    change: Signal;
    dimension?: "x" | "y";
    is_unset: boolean;
    syncable: boolean;
    get_value(): unknown;
  }

  interface Signal {
    connect(slot: () => void): void;
  }

  interface ViewManager extends Iterable<View> {
    clear(): void;
    find_one_by_id(id: string): View | null;
    query(predicate: (view: View) => unknown): Iterable<View>;
    query_one(predicate: (view: View) => unknown): View | null;
  }

  interface View {
    model: Model;
    el: HTMLElement;
    ready: Promise<unknown>;
    children(): Iterable<View>;
    [attribute: string]: any;
  }

  interface CanvasLayer {
    ctx: CanvasRenderingContext2D;
    pixel_ratio: number;
  }

  interface GridColumn {
    id: string;
    field: string;
  }

  interface GridSort {
    columnId: string;
    sortAsc: boolean;
  }
}
