/** The same request for a terminal: as curl, and as the program's own command. */

import { ROOT } from "./api.js";
import { bodyOf, isSingle, queryOf } from "./words.js";

/**
 * @param {import("./words.js").Wanted} wanted
 * @param {boolean} needsToken whether the server wants one
 */
export function curl(wanted, needsToken) {
  const parts = ["curl", "-fOJ"];
  if (needsToken) parts.push("-H", '"Authorization: Bearer $STORJ_MONITOR_TOKEN"');
  if (wanted.kind === "report") {
    const place = new URL("api/reports/generate", ROOT);
    parts.push(quoted(place.href), "-d", quoted(JSON.stringify(bodyOf(wanted))));
  } else {
    const place = new URL(`api/export/${wanted.name}`, ROOT);
    place.search = queryOf(wanted);
    parts.push(quoted(place.href));
  }
  return parts.join(" ");
}

/**
 * @param {import("./words.js").Wanted} wanted
 * @param {string} fileName where to write
 */
export function cli(wanted, fileName) {
  const parts = ["storj-monitor", wanted.kind === "report" ? "report" : "export", wanted.name];
  for (const [name, values] of wanted.words) parts.push(...options(name, values));
  if (fileName) parts.push("-o", quoted(fileName));
  return parts.join(" ");
}

function options(name, values) {
  if (name === "personal") return ["--personal"];
  if (name === "node") return values.flatMap((value) => ["--node", quoted(value)]);
  if (name === "metrics") return values[0].split(",").flatMap((one) => ["--metric", quoted(one)]);
  if (name.startsWith("option.")) return ["--option", quoted(`${name.slice(7)}=${values[0]}`)];
  if (isSingle(name) || ["days", "columns"].includes(name)) return [`--${name}`, quoted(values[0])];
  return ["--filter", quoted(`${name}=${values.join(",")}`)];
}

/** Leave plain words as they are; the rest is quoted as POSIX shells want it. */
function quoted(text) {
  if (/^[\w.,:=/-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
