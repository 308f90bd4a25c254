/** What the form asks for, in the words of a request; `words_of` in page.py reads it likewise. */

const REPORT = "report:";
const USUAL_FORMATS = { source: "csv", report: "pdf" };

/**
 * @typedef {{kind: "source" | "report", name: string, format: string, words: Map<string, string[]>}} Wanted
 */

/**
 * Return what is asked for; a field left empty means nothing.
 * @param {HTMLFormElement} form
 * @returns {Wanted}
 */
export function wantedOf(form) {
  const data = new FormData(form);
  const source = text(data, "source");
  const kind = source.startsWith(REPORT) ? "report" : "source";
  const [named, preset] = split(text(data, "format"), ":");
  const format = named || USUAL_FORMATS[kind];
  const said = new Map([
    ["format", [named]],
    ["preset", [preset]],
    ...periodWords(data),
    ...["node", "timezone", "personal"].map((name) => [name, data.getAll(name)]),
    ...owned(data, `${source}.`, ""),
    ...owned(data, `${format}:`, "option."),
  ]);
  if (said.has("columns")) said.set("columns", [said.get("columns").join(",")]);
  const words = new Map();
  for (const [name, values] of said) {
    const given = values.filter((value) => value !== "");
    if (given.length) words.set(name, given);
  }
  return { kind, name: kind === "report" ? source.slice(REPORT.length) : source, format, words };
}

/**
 * Return a query of the same words.
 * @param {Wanted} wanted
 * @param {boolean} [isNamed] whether it says what is asked for, too
 */
export function queryOf(wanted, isNamed = false) {
  const query = new URLSearchParams();
  if (isNamed) query.set(wanted.kind === "report" ? "report_type" : "source", wanted.name);
  for (const [name, values] of wanted.words) values.forEach((value) => query.append(name, value));
  return query.toString();
}

/**
 * Return the body of POST /api/reports/start, or of /api/reports/generate, for the same words.
 * @param {Wanted} wanted
 */
export function bodyOf(wanted) {
  const body = { [wanted.kind === "report" ? "report_type" : "source"]: wanted.name };
  for (const [name, values] of wanted.words) {
    if (name === "node") body.node_names = values;
    else if (name === "days") body.days = Number(values[0]);
    else if (name === "personal") body.personal = true;
    else if (name === "columns" || name === "metrics") body[name] = values[0].split(",");
    else if (name.startsWith("option.")) put(body, "options", name.slice(7), values[0]);
    else if (isSingle(name)) body[name] = values[0];
    else put(body, "filters", name, values.join(","));
  }
  return body;
}

/** @param {string} name */
export function isSingle(name) {
  return ["start", "end", "period", "format", "timezone", "preset"].includes(name);
}

function put(body, group, name, value) {
  body[group] = { ...body[group], [name]: value };
}

function periodWords(data) {
  const [way, value] = split(text(data, "period"), "=");
  if (way === "custom") return ["start", "end"].map((name) => [name, data.getAll(name)]);
  return way ? [[way, [value]]] : [];
}

function owned(data, prefix, newPrefix) {
  const fields = [...new Set(data.keys())].filter((field) => field.startsWith(prefix));
  return fields
    .map((field) => [field.slice(prefix.length), data.getAll(field)])
    .filter(([name]) => !name.includes(".")) // `report:NAME.metrics` is no option of a format `report`
    .map(([name, values]) => [newPrefix + name, values]);
}

function text(data, name) {
  return String(data.get(name) ?? "");
}

function split(whole, mark) {
  const at = whole.indexOf(mark);
  return at < 0 ? [whole, ""] : [whole.slice(0, at), whole.slice(at + 1)];
}
