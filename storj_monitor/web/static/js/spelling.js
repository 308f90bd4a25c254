/** Numbers, sizes and days for people, spelt as the server does. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/**
 * `12,400 rows`
 * @param {number} number
 * @param {string} unit of one
 */
export function count(number, unit) {
  return `${number.toLocaleString("en")}\u00a0${unit}${number === 1 ? "" : "s"}`;
}

/**
 * `1.25 GB`; decimal, as disks are sold.
 * @param {number} bytes
 */
export function size(bytes) {
  let unit = 0;
  for (; bytes >= 1000 && unit < UNITS.length - 1; unit += 1) bytes /= 1000;
  return `${unit ? bytes.toFixed(2) : bytes}\u00a0${UNITS[unit]}`;
}

/**
 * `4 s`, `1 min 5 s`; of less than ten seconds what took them is worth a digit more: `0.4 s`
 * @param {number} seconds
 * @param {boolean} [isOver] whether it won't get more
 */
export function duration(seconds, isOver = false) {
  if (isOver && seconds < 10) return `${seconds.toFixed(1)}\u00a0s`;
  const whole = Math.floor(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), `${whole % 60}\u00a0s`];
  return minutes ? `${minutes}\u00a0min ${rest}` : rest;
}

/**
 * `1 Mar 2026 to 7 Mar 2026`, the last day inclusive; with times where they aren't midnights.
 * @param {{start: string, end: string}} span
 * @param {string} timeZone
 */
export function days(span, timeZone) {
  const start = new Date(span.start);
  const end = new Date(span.end);
  try {
    return between(start, end, timeZone);
  } catch {
    return `${span.start} to ${span.end}`; // a zone that the browser doesn't know
  }
}

function between(start, end, timeZone) {
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone });
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone });
  if (clock.format(start) === "00:00" && clock.format(end) === "00:00") {
    const [first, last] = [day.format(start), day.format(new Date(end.getTime() - 1))];
    return first === last ? first : `${first} to ${last}`;
  }
  return [start, end].map((at) => `${day.format(at)}, ${clock.format(at)}`).join(" to ");
}
