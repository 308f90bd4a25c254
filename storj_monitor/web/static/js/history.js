/** The list of what was downloaded, as the server has it now. */

import { ask, Problem } from "./api.js";
import { byId } from "./elements.js";
import { showTimes } from "./times.js";

/** Fetch the list once more; where that fails, the old one stays. */
export async function refreshHistory() {
  try {
    const answer = await ask("history", { headers: { Accept: "text/html" } });
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    byId("history-entries").replaceChildren(...fetched.body.childNodes);
    showTimes(byId("history-entries"));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}
