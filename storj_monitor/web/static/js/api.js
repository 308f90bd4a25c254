/** Asking the server, and its problems as errors. */

/** Where the page is, behind whatever proxy. */
export const ROOT = new URL("../../", import.meta.url);

/**
 * What is wrong, in the server's words (RFC 9457).
 * @typedef {{title: string, detail: string, hint?: string, code?: string, request_id?: string}} Trouble
 */

/** An answer that isn't what was asked for. */
export class Problem extends Error {
  /** @param {Trouble} trouble */
  constructor(trouble) {
    super(trouble.detail);
    this.trouble = trouble;
  }
}

/**
 * Return the answer; throws Problem, also where the server can't be reached.
 * @param {string} path from ROOT on
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function ask(path, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  let answer;
  try {
    answer = await fetch(new URL(path, ROOT), { ...options, headers });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem({
      title: "No answer",
      detail: "The server can't be reached.",
      hint: "See whether it still runs, and try again.",
    });
  }
  if (!answer.ok) throw new Problem(await troubleOf(answer));
  return answer;
}

/**
 * @param {Response} answer
 * @returns {Promise<Trouble>}
 */
async function troubleOf(answer) {
  try {
    return await answer.json();
  } catch {
    return { title: "No good answer", detail: `The server answered ${answer.status}.` };
  }
}
