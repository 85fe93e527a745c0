// Decides which touches the page takes, and which the figure that a viewer is using.

// As wide as a finger. Here a finger scrolls the page also while a figure takes the touches.
export const EDGE_WIDTH = 44;

const ONE_FINGER_TYPES = ["pan", "move"];
const TWO_FINGER_TYPES = ["scroll", "pinch", "rotate"];
const ONE_FINGER_EVENTS = ["pan", "panstart", "panend", "mousemove"];
const TWO_FINGER_EVENTS = ["pinch", "pinchstart", "pinchend", "rotate", "rotatestart", "rotateend"];

/**
 * `active` and `event_types` as in BokehJS.
 * @typedef {{ active: boolean, event_types: string[] }} ToolState
 * @typedef {{ one: boolean, two: boolean }} TakenTouches by the number of fingers
 */

/**
 * Returns true at the left and the right edge of the screen.
 * @param {number} clientX
 * @param {{ offsetLeft: number, width: number, scale: number }} viewport the visible part of the page
 */
export function isNearEdge(clientX, { offsetLeft, width, scale }) {
  const left = (clientX - offsetLeft) * scale;
  return Math.min(left, width * scale - left) < EDGE_WIDTH;
}

/**
 * @param {ToolState[]} tools
 * @param {string[]} events that the author's code receives
 * @param {boolean} isOnHandle true if the finger is on a part of the figure that can be dragged
 * @returns {TakenTouches}
 */
export function findTakenTouches(tools, events, isOnHandle) {
  const types = tools.filter(({ active }) => active).flatMap(({ event_types }) => event_types);
  return {
    one: isOnHandle || hasAny(types, ONE_FINGER_TYPES) || hasAny(events, ONE_FINGER_EVENTS),
    two: hasAny(types, TWO_FINGER_TYPES) || hasAny(events, TWO_FINGER_EVENTS),
  };
}

/**
 * @param {string[]} found
 * @param {string[]} wanted
 */
const hasAny = (found, wanted) => found.some((each) => wanted.includes(each));
