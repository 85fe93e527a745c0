// Reads what the canvases of a page show after its animation frames, and says when that changed.

(() => {
  // Pixels along each edge that do not count: BokehJS 3.9 adds a shade there at each repaint.
  const EDGE = 2;
  // Smaller differences of a colour are rounding.
  const TOLERANCE = 24;
  // The rows of a plot, in its middle, that show if it is painted.
  const SAMPLE_ROWS = 8;
  // A canvas that is smaller belongs to a legend or to a button.
  const SMALLEST = 50;

  const scratch = new OffscreenCanvas(1, 1);
  const context = scratch.getContext("2d", { willReadFrequently: true });
  const painted = new WeakSet();

  function* listCanvases(root) {
    for (const element of [root, ...root.querySelectorAll("*")]) {
      if (element.localName === "canvas") yield element;
      if (element.shadowRoot) yield* listCanvases(element.shadowRoot);
    }
  }

  function isInView({ left, top, width, height }) {
    const x = left + width / 2;
    const y = top + height / 2;
    return x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
  }

  // Returns true if a page hides a plot by clipping it, until it is complete.
  function isClipped(canvas) {
    let element = canvas;
    for (let root = canvas.getRootNode(); root instanceof ShadowRoot; root = element.getRootNode()) element = root.host;
    for (; element; element = element.parentElement) if (getComputedStyle(element).clipPath === "inset(100%)") return true;
    return false;
  }

  // The plots whose centre is in the window, or all of them, in the document's order. BokehJS lays a figure's canvases
  // on each other.
  function listPlots(selector, everywhere = false) {
    const plots = new Map();
    const scope = selector ? document.querySelector(selector) : document;
    for (const canvas of scope ? listCanvases(scope) : []) {
      if (canvas.width < SMALLEST || canvas.height < SMALLEST) continue;
      const box = canvas.getBoundingClientRect();
      if (!box.width || !everywhere && !isInView(box)) continue;
      const how = { visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true };
      if (!canvas.checkVisibility(how) || isClipped(canvas)) continue;
      const place = [box.left, box.top].map(Math.round).join();
      plots.set(place, [...plots.get(place) ?? [], canvas]);
    }
    return [...plots.values()];
  }

  // The pixels of a plot from row `top` on, as one number each.
  function readPixels(canvases, top, rows) {
    const { width, height } = canvases[0];
    const count = Math.min(rows, height - top);
    if (scratch.width !== width || scratch.height !== count) Object.assign(scratch, { width, height: count });
    else context.clearRect(0, 0, width, count);
    for (const canvas of canvases) context.drawImage(canvas, 0, -top);
    return { width, pixels: new Uint32Array(context.getImageData(0, 0, width, count).data.buffer) };
  }

  const readAll = ({ selector, rows }) => listPlots(selector).map((plot) => readPixels(plot, 0, rows));

  // Loops, since they run after each frame.
  function hasSamePixels(one, other) {
    if (one.length !== other.length) return false;
    for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
    return true;
  }

  function isUniform({ pixels }) {
    for (let index = 1; index < pixels.length; index++) if (pixels[index] !== pixels[0]) return false;
    return true;
  }

  function isPainted(canvases) {
    if (canvases.some((canvas) => painted.has(canvas))) return true;
    const middle = Math.max(0, Math.floor((canvases[0].height - SAMPLE_ROWS) / 2));
    if (isUniform(readPixels(canvases, middle, SAMPLE_ROWS))) return false;
    painted.add(canvases[0]);
    return true;
  }

  const haveSameSize = (one, other) => {
    return one.length === other.length && one.every(({ pixels }, place) => pixels.length === other[place].pixels.length);
  };

  const isSame = (one, other) => {
    return one.length === other.length && one.every(({ pixels }, place) => hasSamePixels(pixels, other[place].pixels));
  };

  const isFar = (one, other) => [0, 8, 16, 24].some((shift) => {
    return Math.abs((one >>> shift & 255) - (other >>> shift & 255)) > TOLERANCE;
  });

  // The number of pixels that differ; Infinity if there are other plots, or plots of another size.
  function countDifferences(one, other) {
    if (!haveSameSize(one, other)) return Infinity;
    let count = 0;
    for (const [place, { width, pixels }] of one.entries()) {
      const others = other[place].pixels;
      for (const [index, pixel] of pixels.entries()) {
        if (pixel === others[index] || !isFar(pixel, others[index])) continue;
        const x = index % width;
        if (x >= EDGE && x < width - EDGE && index >= EDGE * width) count += 1;
      }
    }
    return count;
  }

  // Calls `look` after each animation frame, when the frame's canvases are handed to the screen, until it returns true.
  function afterFrames(look) {
    const { port1, port2 } = new MessageChannel();
    const next = () => requestAnimationFrame(() => port2.postMessage(null));
    port1.onmessage = () => look(performance.now()) ? port1.close() : next();
    next();
  }

  let watched = null;

  // Begins to keep each picture that differs from the one before. `selector` names an element, or null for the whole
  // page; the upper `rows` of each plot are read.
  function watch(options) {
    const watching = { options, frames: [{ time: performance.now(), plots: readAll(options) }], reads: 0, spent: 0, isOver: false };
    watched = watching;
    afterFrames((time) => {
      const plots = readAll(options);
      if (!isSame(watching.frames.at(-1).plots, plots)) watching.frames.push({ time, plots });
      watching.reads += 1;
      watching.spent += performance.now() - time;
      return watching.isOver;
    });
  }

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  const isWhole = ({ plots }, count) => plots.length === count && !plots.some(isUniform);

  // Waits until each of `count` plots differs from its first picture and then none changes for `quiet` ms, or for
  // `patience` ms at most. Returns for each kept picture its time and the number of pixels that differ from the last.
  async function settle({ count, quiet, patience }) {
    const { frames } = watched;
    const end = performance.now() + patience;
    const first = frames[0].plots;
    const hasChanged = ({ plots }) => {
      return plots.every(({ pixels }, place) => first[place] && !hasSamePixels(first[place].pixels, pixels));
    };
    const isSettled = () => {
      const last = frames.at(-1);
      return performance.now() - last.time > quiet && isWhole(last, count) && hasChanged(last);
    };
    while (!isSettled() && performance.now() < end) await sleep(20);
    watched.isOver = true;
    const last = frames.at(-1);
    return {
      settled: isSettled(),
      frames: frames.map(({ time, plots }) => [time, Math.min(countDifferences(plots, last.plots), 1e9)]),
      spent: watched.spent / Math.max(1, watched.reads),
    };
  }

  // Resolves to the time since which `count` plots are painted, in the window or `everywhere` on the page, as soon as
  // they have been so for `hold` ms; to null after `patience` ms. The page is looked at every `interval` ms, or after each frame.
  function drawn({ selector, count, hold, interval, everywhere, patience }) {
    const end = performance.now() + patience;
    let since = null;
    let looked = -Infinity;
    return new Promise((resolve) => {
      afterFrames((time) => {
        if (time - looked < interval) return false;
        looked = time;
        if (listPlots(selector, everywhere).filter(isPainted).length < count) since = null;
        else since ??= time;
        const isOver = time > end || since !== null && time - since >= hold;
        if (isOver) resolve(since);
        return isOver;
      });
    });
  }

  // A number that another picture has not.
  function takeFingerprint() {
    let hash = 0;
    for (const { pixels } of readAll({ selector: null, rows: Infinity })) {
      for (const pixel of pixels) hash = Math.imul(hash ^ pixel, 0x01000193);
    }
    return hash;
  }

  // Waits until no animation of the page's style runs, but those that never end.
  async function rest() {
    const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    await Promise.race([Promise.allSettled(ending.map(({ finished }) => finished)), sleep(5000)]);
  }

  globalThis.observer = { watch, settle, drawn, takeFingerprint, rest };
})();
