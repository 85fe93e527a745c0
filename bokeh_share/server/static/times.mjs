// Formats points in time and durations for people.

/** @type {Intl.DateTimeFormatOptions} */
const TIME_FORMAT = { hour: "2-digit", minute: "2-digit" };

/**
 * Formats the time, with the day unless that is today.
 * @param {Date} date
 * @param {Date} now
 */
export function formatTime(date, now = new Date()) {
  return date.toDateString() === now.toDateString() ? date.toLocaleTimeString([], TIME_FORMAT)
    : date.toLocaleString([], { ...TIME_FORMAT, day: "numeric", month: "short" });
}

/**
 * @param {number} ms since 1970, by the server's clock
 * @param {number} now by the same clock
 */
export function formatAge(ms, now) {
  const minutes = Math.max(0, now - ms) / 60_000;
  if (minutes < 0.75) return "just now";
  if (minutes < 59.5) return `${Math.max(1, Math.round(minutes))} min ago`;
  if (minutes < 23.5 * 60) return `${Math.round(minutes / 60)} h ago`;
  return formatTime(new Date(ms), new Date(now));
}

/**
 * @param {number} ms
 * @returns {string} empty for less than a minute
 */
export function formatDuration(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "";
  const hours = Math.floor(minutes / 60);
  return hours < 1 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
