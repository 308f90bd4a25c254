/** The first rows, or the report as a page, of what the form asks for. */

import { ask, Problem, ROOT } from "./api.js";
import { byId, element } from "./elements.js";
import { queryOf } from "./words.js";

const NUMBERS = ["integer", "number", "money", "bytes", "ratio", "duration"];

export class Preview {
  /** @param {() => import("./words.js").Wanted} wanted what the form asks for now */
  constructor(wanted) {
    this.wanted = wanted;
    this.details = byId("preview");
    this.place = byId("preview-body");
    this.asked = new AbortController();
    this.details.hidden = false;
    this.details.addEventListener("toggle", () => this.refresh());
  }

  /** Show the form's choice of now, if anything is shown. */
  async refresh() {
    this.asked.abort();
    if (!this.details.open) return this.place.replaceChildren();
    this.asked = new AbortController();
    const { signal } = this.asked;
    this.place.setAttribute("aria-busy", "true");
    try {
      const shown = await shownOf(this.wanted(), signal);
      if (!signal.aborted) this.place.replaceChildren(...shown);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      const { detail, hint } = error.trouble;
      this.place.replaceChildren(element("p", {}, `There is no preview: ${detail} ${hint ?? ""}`));
    } finally {
      if (!signal.aborted) this.place.removeAttribute("aria-busy");
    }
  }
}

async function shownOf(wanted, signal) {
  if (wanted.kind === "report") {
    const page = `api/preview?${queryOf(asPage(wanted), true)}`;
    // A frame can't say what is wrong. What is right the server has at hand for the frame.
    await (await ask(page, { signal })).text();
    const src = new URL(page, ROOT).href;
    return [element("iframe", { src, sandbox: "", title: "The report", tabindex: "0" })];
  }
  const rows = await (await ask(`api/preview?${queryOf(wanted, true)}`, { signal })).json();
  return [table(rows), element("p", { class: "quiet" }, said(rows))];
}

/** Whatever the report will be written as, a page is what a browser shows. */
function asPage(wanted) {
  const kept = [...wanted.words].filter(([name]) => name !== "format" && name !== "preset" && !name.startsWith("option."));
  return { ...wanted, words: new Map(kept) };
}

function said({ rows, has_more }) {
  if (!rows.length) return "There are no rows in these days.";
  return has_more ? `These are the first ${rows.length} rows; there are more.` : "These are all rows.";
}

function table({ columns, rows }) {
  const look = (column) => (NUMBERS.includes(column.kind) ? { class: "number" } : {});
  const head = columns.map((column) => {
    const label = column.unit ? `${column.label} (${column.unit})` : column.label;
    return element("th", { scope: "col", ...look(column) }, label);
  });
  const body = rows.map((row) =>
    element("tr", {}, ...row.map((cell, at) => element("td", look(columns[at]), cell))),
  );
  const whole = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "wide", role: "region", "aria-label": "The first rows", tabindex: "0" }, whole);
}
