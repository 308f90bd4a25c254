// Times in the zone of whoever looks: the server writes them in UTC.

const SECOND = 1000;
const UNITS = /** @type {const} */ ([
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
]);
const LOCAL = new Intl.DateTimeFormat("sv-SE", {
  dateStyle: "short",
  timeStyle: "short",
});

/**
 * Rewrite the times below an element: moments in the viewer's zone, ages as of now.
 * A day without a time (`2026-11-03`) is left as it is.
 * @param {ParentNode} root
 * @param {number} now milliseconds since 1970
 */
export function showTimes(root, now = Date.now()) {
  for (const element of root.querySelectorAll("time[datetime*='T']")) {
    const at = Date.parse(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at)) continue;
    if (element.hasAttribute("data-ago")) {
      element.setAttribute("title", local(at));
      write(element, ago(at, now));
    } else {
      element.setAttribute("title", `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`);
      write(element, local(at));
    }
  }
}

/** Show the times of the page, and keep ages up to date. */
export function keepTimes() {
  showTimes(document);
  setInterval(() => {
    if (!document.hidden) showTimes(document);
  }, 30 * SECOND);
}

/**
 * Say how long ago a time is, in the largest unit that fits, as the server does.
 * @param {number} at
 * @param {number} now
 * @returns {string}
 */
function ago(at, now) {
  const seconds = Math.max(0, Math.floor((now - at) / SECOND));
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count) return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

/**
 * @param {number} at
 * @returns {string} such as 2026-03-04 11:11, in the viewer's zone
 */
function local(at) {
  return LOCAL.format(at);
}

/**
 * @param {Element} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
