// The overview, kept as it is now: the server says when it has changed, and what is shown is
// fetched anew. What is open, focused or chosen stays so. Without this the page shows how it was.

import { renewCharts } from "./charts.js";
import { keepTimes, showTimes } from "./times.js";

const AGAIN_SECONDS = 30;

/** @type {EventSource | null} */
let events = null;
/** @type {number | undefined} */
let waiting;
/** The overview as the server wrote it last: times are rewritten in what is shown. */
let written = overview()?.cloneNode(true);

/** @returns {HTMLElement | null} */
function overview() {
  return document.querySelector("#overview > .overview");
}

/**
 * Say something to those who can't see it as well; nothing is said twice.
 * @param {string} text
 */
function say(text) {
  const place = document.querySelector("#overview [data-live]");
  if (place && place.textContent !== text) place.textContent = text;
}

/** @returns {string} the words that choose nodes, as in the page's address */
function chosen() {
  const words = new URLSearchParams(location.search).getAll("node").filter(Boolean);
  return new URLSearchParams(words.map((name) => ["node", name])).toString();
}

/** Fetch the overview, and put in what is another than before. */
async function refresh() {
  const shown = overview();
  if (!shown) return;
  const response = await fetch(`${shown.dataset.fragment}?${chosen()}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("body > .overview");
  if (!response.ok || !(fresh instanceof HTMLElement)) throw new Error(`${response.status}`);
  put(shown, fresh);
}

/**
 * @param {HTMLElement} shown
 * @param {HTMLElement} fresh
 */
function put(shown, fresh) {
  const before = partsOf(written instanceof Element ? written : shown);
  const after = partsOf(fresh);
  written = fresh.cloneNode(true);
  const places = partsOf(shown);
  const isAlike = [...before.keys()].join() === [...after.keys()].join();
  keeping(() => {
    if (isAlike) {
      for (const [name, part] of after) {
        if (said(part) !== said(before.get(name))) places.get(name)?.replaceWith(part);
      }
      renewCharts(shown, fresh);
      shown.dataset.version = fresh.dataset.version;
    } else {
      const live = shown.querySelector("[data-live]");
      fresh.querySelector("[data-live]")?.replaceWith(live ?? "");
      keepCharts(shown, fresh);
      shown.replaceWith(fresh);
    }
  });
  const now = overview();
  if (now) showTimes(now);
}

/**
 * @param {Element | undefined} part
 * @returns {string | undefined} its markup, but for how long ago things were
 */
function said(part) {
  const copy = part?.cloneNode(true);
  if (!(copy instanceof Element)) return undefined;
  for (const time of copy.querySelectorAll("time[data-ago]")) time.textContent = "";
  return copy.outerHTML;
}

/**
 * Charts are costly to draw: those that would be the same stay.
 * @param {HTMLElement} shown
 * @param {HTMLElement} fresh
 */
function keepCharts(shown, fresh) {
  const [old, next] = [shown, fresh].map((root) => root.querySelector(".charts"));
  const sources = [old, next].map((root) => root?.querySelector("img")?.getAttribute("src"));
  if (old && next && sources[0] === sources[1]) next.replaceWith(old);
}

/**
 * @param {Element} root
 * @returns {Map<string, Element>} the parts that are put in one by one
 */
function partsOf(root) {
  const parts = [...root.querySelectorAll("[data-part]")];
  return new Map(parts.map((part) => [part.getAttribute("data-part") ?? "", part]));
}

/**
 * Change the overview, and leave what is open and who has the focus as they were.
 * @param {() => void} change
 */
function keeping(change) {
  const open = [...document.querySelectorAll("#overview details[open]")].map((one) => one.id);
  const focused = document.activeElement?.id;
  change();
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused && document.activeElement?.id !== focused) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

/** Be told of changes, from now on. */
function listen() {
  const shown = overview();
  if (events || document.hidden || !shown?.dataset.events) return;
  events = new EventSource(shown.dataset.events);
  events.addEventListener("changed", (event) => {
    if (event.data === overview()?.dataset.version) say("");
    else refresh().then(() => say(""), lost);
  });
  let isSaid = false; // once, or it would take away the words of something else
  events.addEventListener("open", () => {
    isSaid = false;
    say("");
  });
  events.addEventListener("error", () => {
    if (events?.readyState === EventSource.CLOSED) lost();
    else if (!isSaid) say("The server doesn't answer: this is how it was. Trying again.");
    isSaid = true;
  });
}

/** Say that this is no longer as it is now, and try again later. */
function lost() {
  rest();
  say("This is no longer kept up to date. Reload the page, or wait.");
  clearTimeout(waiting);
  waiting = setTimeout(listen, AGAIN_SECONDS * 1000);
}

/** Nobody looks: the server need not either. */
function rest() {
  events?.close();
  events = null;
}

/**
 * Say why what somebody wanted wasn't done, without leaving the page: it may be at work on a file.
 * @param {unknown} error
 */
function refused(error) {
  const isOut = error instanceof Error && error.message === "401";
  if (isOut) say("You are logged out. Reload the page to log in again.");
  else say("That didn't work: the server doesn't answer as it should. Try again in a moment.");
}

/** @param {HTMLFormElement} form */
async function acknowledge(form) {
  const alert = form.closest(".alert");
  const others = [...document.querySelectorAll("[data-acknowledge] button")];
  const next = others[others.indexOf(form.querySelector("button") ?? form) + 1];
  try {
    const response = await fetch(form.dataset.acknowledge ?? "", { method: "POST" });
    if (!response.ok && response.status !== 404) throw new Error(`${response.status}`);
    await refresh();
    say(`Acknowledged: ${alert?.querySelector("strong")?.textContent ?? ""}`);
    const place = next && document.getElementById(next.id);
    (place ?? document.getElementById("overview"))?.focus({ preventScroll: true });
  } catch (error) {
    refused(error);
  }
}

/**
 * Show the chosen node alone, and let the address say so.
 * @param {HTMLFormElement} form
 */
function choose(form) {
  const name = new FormData(form).get("node");
  const words = name ? `?${new URLSearchParams({ node: `${name}` })}` : location.pathname;
  history.replaceState(null, "", words);
  refresh().then(() => say(""), refused);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.closest("#overview")) return;
  event.preventDefault();
  if (form.dataset.acknowledge) acknowledge(form);
  else choose(form);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) rest();
  else listen();
});
keepTimes();
listen();
