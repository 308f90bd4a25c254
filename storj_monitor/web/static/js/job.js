/** An export at work on the server: started, asked how it goes, canceled. */

import { ask, Problem } from "./api.js";

const POLL_MS = 400;
/** The work goes on while a network fails: so many answers in a row may fail to come. */
const MOST_MISSED = 25;
const ENDED = ["done", "failed", "canceled"];

/**
 * What GET /api/reports/ID/progress answers.
 * @typedef {{id: string, state: string, rows: number | null, bytes: number, seconds: number,
 *   file_name: string, sha256: string | null, problem: import("./api.js").Trouble | null,
 *   is_kept: boolean}} Progress
 */

/**
 * Start an export, and yield how it goes until it has ended; throws Problem, also when it failed.
 * @param {object} body
 * @returns {AsyncGenerator<Progress>}
 */
export async function* progressOf(body) {
  const answer = await ask("api/reports/start", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  let progress = await answer.json();
  const { id } = progress;
  for (;;) {
    if (progress.state === "failed") throw new Problem(progress.problem);
    yield progress;
    if (ENDED.includes(progress.state)) return;
    progress = await later(id);
  }
}

/**
 * @param {string} id
 * @returns {Promise<Progress>} how it goes in a moment
 */
async function later(id) {
  for (let missed = 0; ; missed += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    try {
      return await (await ask(`api/reports/${id}/progress`)).json();
    } catch (error) {
      const isSaid = error instanceof Problem && error.trouble.code; // in the server's own words
      if (isSaid || missed >= MOST_MISSED) throw error;
    }
  }
}

/**
 * End the work on the server.
 * @param {string} id
 */
export async function cancel(id) {
  await ask(`api/reports/${id}`, { method: "DELETE" });
}
