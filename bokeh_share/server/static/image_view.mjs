// Shows a picture by an `img` element, in which browsers run and load nothing.

import { createElement } from "./dom.mjs";

/**
 * @import { MediaView } from "./media_drawing.mjs"
 * @import { Media } from "./messages.mjs"
 */

const SVG_TYPE = "image/svg+xml";

/**
 * @param {Media} media
 * @param {ArrayBuffer} bytes
 * @returns {Promise<MediaView>} when the browser has decoded the picture
 */
export async function createImage({ type, width, height, title }, bytes) {
  const blob = new Blob([bytes], { type });
  // An address of this origin would run the scripts of an SVG that a viewer opens in a tab of its own.
  const url = type === SVG_TYPE ? await readDataUrl(blob) : URL.createObjectURL(blob);
  const image = createElement("img", "picture");
  image.alt = title || "Picture";
  image.draggable = false;
  // the sizes set the ratio too, so that the place is as high as the picture on narrow pages
  image.width = Math.max(1, Math.round(width ?? 1));
  image.height = Math.max(1, Math.round(height));
  image.src = url;
  const release = () => {
    if (url.startsWith("blob:")) URL.revokeObjectURL(url);
  };
  try {
    await image.decode();
  } catch {
    release();
    throw new Error("the browser cannot read the picture");
  }
  return { element: image, release };
}

/**
 * @param {Blob} blob
 * @returns {Promise<string>}
 */
function readDataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
