/** What the form's choice will give: days, rows, name; asked again whenever the choice changes. */

import { ask, Problem } from "./api.js";
import { byId } from "./elements.js";
import { count, days } from "./spelling.js";
import { queryOf } from "./words.js";

/** Several changes within this time are one. */
const PAUSE_MS = 250;
/** Rows that nobody could count so soon are asked for again: what counts them is ready or free then. */
const AGAIN_MS = 2500;
const MOST_TIMES = 5;

export class Forecast {
  /** @param {(trouble: import("./api.js").Trouble | null) => void} onTrouble null: there is none */
  constructor(onTrouble) {
    this.onTrouble = onTrouble;
    /** The last answer; null while there is none for the choice. */
    this.known = null;
    this.asked = new AbortController();
    this.pause = 0;
    this.isHushed = false;
    /** Resolves when the server has answered, or the choice is another one. */
    this.settled = Promise.resolve();
    this.settle = () => {};
    byId("forecast").hidden = false;
  }

  /**
   * Ask about another choice, soon; what is still asked about the one before is dropped.
   * @param {import("./words.js").Wanted} wanted
   */
  of(wanted) {
    this.asked.abort();
    this.asked = new AbortController();
    this.known = null;
    this.isHushed = false;
    byId("forecast").classList.add("stale");
    clearTimeout(this.pause);
    const { signal } = this.asked;
    this.settle();
    this.settled = new Promise((resolve) => (this.settle = () => resolve(undefined)));
    this.pause = setTimeout(() => this.fetch(wanted, signal), PAUSE_MS);
  }

  /** Say nothing more of trouble, nor that there is none: until the choice is another one, something else is said. */
  hush() {
    this.isHushed = true;
  }

  async fetch(wanted, signal, times = 1) {
    try {
      const answer = await ask(`api/estimate?${queryOf(wanted, true)}`, { signal });
      const estimate = await answer.json();
      if (signal.aborted) return;
      this.known = estimate;
      shown(wanted, estimate);
      if (!this.isHushed) this.onTrouble(null);
      if (estimate.rows === null && wanted.kind === "source" && times < MOST_TIMES) {
        this.pause = setTimeout(() => this.fetch(wanted, signal, times + 1), AGAIN_MS);
      }
    } catch (error) {
      if (signal.aborted) return;
      forgotten();
      if (!(error instanceof Problem)) throw error;
      if (!this.isHushed) this.onTrouble(error.trouble);
    } finally {
      if (!signal.aborted) this.settle();
    }
  }
}

function shown(wanted, estimate) {
  byId("forecast").classList.remove("stale");
  byId("forecast-span").textContent = `${days(estimate.span, estimate.timezone)} (${estimate.timezone})`;
  byId("forecast-counted").hidden = wanted.kind === "report";
  byId("forecast-rows").textContent = rows(estimate.rows);
  byId("forecast-file").textContent = estimate.file_name;
  const clamped = byId("forecast-clamped");
  clamped.hidden = !estimate.clamped;
  clamped.textContent = `Shortened to ${count(estimate.days, "day")}: the server gives no more at once. The command line has no limit.`;
}

function rows(expected) {
  if (expected === null) return "not known so soon";
  if (expected.is_exact) return expected.count ? count(expected.count, "row") : "none in these days";
  return `about ${count(expected.count, "row")}`;
}

function forgotten() {
  byId("forecast").classList.remove("stale");
  for (const part of ["span", "rows", "file"]) byId(`forecast-${part}`).textContent = "–";
  byId("forecast-clamped").hidden = true;
}
