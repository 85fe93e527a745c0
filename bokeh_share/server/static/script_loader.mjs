// Loads classic scripts, each once.

export class ScriptLoader {
  /** @type {Map<string, Promise<unknown>>} */
  #loading = new Map();
  #nonce;

  /** @param {string} nonce of scripts, if the page's policy requires one; else empty */
  constructor(nonce = "") {
    this.#nonce = nonce;
  }

  /**
   * A saved page contains its scripts.
   * @param {string} name
   */
  markLoaded(name) {
    this.#loading.set(name, Promise.resolve());
  }

  /**
   * @param {string} name
   * @param {string} src
   * @param {string} integrity
   */
  load(name, src, integrity = "") {
    const found = this.#loading.get(name);
    if (found) return found;
    const script = Object.assign(document.createElement("script"), {
      src, integrity, nonce: this.#nonce, async: false,
    });
    const loading = new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => {
        this.#loading.delete(name);
        script.remove();
        reject(new Error(`${src.split("/").at(-1)} could not be loaded`));
      };
    });
    this.#loading.set(name, loading);
    document.head.append(script);
    return loading;
  }
}
