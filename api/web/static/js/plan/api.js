// What the page asks the service: the same API that anybody may ask.
import { locale } from "../map.js";

/** What the service refuses, in its own words: asking the same again would be refused again. */
export class Refused extends Error {}

/** No answer, or none for now: the same question may be answered later. */
export class Unanswered extends Error {}

/** @param {string} address @param {RequestInit & { headers?: Record<string, string> }} [options] @returns {Promise<any>} */
export async function asked(address, options) {
  let answer, body;
  // Shows that a page of ours asks, where a cookie says who does.
  const proof = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'));
  const headers = { "Content-Type": "application/json", "Accept-Language": locale, ...(proof ? { "X-CSRF-Token": proof.content } : {}), ...options?.headers };
  try {
    answer = await fetch(address, { ...options, headers });
    body = await answer.json();
  } catch (error) {
    throw new Unanswered(address, { cause: error });
  }
  if (answer.ok) return body;
  if (answer.status >= 500 || answer.status === 429) throw new Unanswered(address);
  throw new Refused([body.detail, body.hint].filter(Boolean).join("\n"));
}

/** @param {string} address @param {any} body @param {Record<string, string>} [headers] */
export const post = (address, body, headers) => asked(address, { method: "POST", body: JSON.stringify(body), headers });

/** All pages of a list. @param {string} address */
export async function everything(address) {
  const items = [];
  for (let next = address; next; ) {
    const page = await asked(next);
    items.push(...page.items);
    next = page.next && here(page.next);
  }
  return items;
}

/** An address of the service, as it is reached from this page. @param {string} address */
export const here = (address) => new URL(address).pathname + new URL(address).search;

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long to wait before asking again what wasn't answered, for the nth time, in ms. @param {number} times */
export const patience = (times) => Math.min(500 * 2 ** times, 15_000);
