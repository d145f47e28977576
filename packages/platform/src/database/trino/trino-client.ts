import { delayAfter, type RetryPolicy } from "../server/retry.ts";
import { RowError } from "../server/row-error.ts";
import { QueryResults } from "./query-results.ts";
import type { TrinoAddress } from "./trino-address.ts";
import { canRetryPage, TrinoAnswerError, TrinoQueryError } from "./trino-errors.ts";

/** A page is a megabyte, and 128 where its server is told so (`query_max_target_result_size`). */
const mostPageBytes = 160 * 2 ** 20;

/** How long a page may take; the server answers a waiting client every second. */
const pageTimeoutMs = 60_000;

/**
 * A query's pages, by Trino's REST protocol. Leaving the loop before the end, or the signal, cancels
 * the query on the server.
 *
 * The npm package `trino-client` was looked at: it does not retry, believes whatever JSON it gets,
 * takes a result whose pages stop early for a whole one, and follows `nextUri` with the password to
 * any host.
 *
 * @throws {@link TrinoQueryError}; {@link TrinoAnswerError} after as many tries as the policy has.
 */
export async function* trinoPages(
  address: TrinoAddress,
  text: string,
  { retries, signal }: { readonly retries: RetryPolicy; readonly signal: AbortSignal },
): AsyncGenerator<QueryResults, void, undefined> {
  let next: string | undefined;
  try {
    signal.throwIfAborted();
    // Not given up halfway: what the server begins, only its answer tells how to end.
    let page = await ask(address, { method: "POST", url: address.url, body: text });
    for (;;) {
      next = checkedNext(page, address);
      signal.throwIfAborted();
      if (page.error !== undefined) throw new TrinoQueryError(page.error);
      yield page;
      if (next === undefined) break;
      const { id } = page;
      const asked = next;
      page = await again(address, asked, { retries, signal });
      if (page.id !== id) throw new RowError(`the server answered for another query, ${page.id}`);
      if (page.nextUri === asked) throw new RowError("the server gave a page as its own next one");
    }
    if (page.stats.state !== "FINISHED") {
      throw new TrinoAnswerError(`the last page says that the query is ${page.stats.state}`, 410);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    if (next !== undefined) await cancel(address, next);
  }
}

/** A page may be asked for as often as it takes: its address names it. */
async function again(
  address: TrinoAddress,
  url: string,
  { retries, signal }: { readonly retries: RetryPolicy; readonly signal: AbortSignal },
): Promise<QueryResults> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask(address, { method: "GET", url }, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!canRetryPage(error) || attempt >= retries.attempts) throw error;
      await retries.wait(delayAfter(attempt, retries), signal);
    }
  }
}

interface Request {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly body?: string;
}

async function ask(
  { headers }: TrinoAddress,
  { method, url, body }: Request,
  signal?: AbortSignal,
): Promise<QueryResults> {
  const timeout = AbortSignal.timeout(pageTimeoutMs);
  const until = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  let status = 0;
  let text: string;
  try {
    const init = { method, headers, redirect: "error", signal: until } as const;
    const response = await fetch(url, body === undefined ? init : { ...init, body });
    status = response.status;
    text = await textOf(response);
  } catch (cause) {
    if (cause instanceof RowError) throw cause;
    throw new TrinoAnswerError(`no answer: ${reasonOf(cause)}`, 0, cause);
  }
  if (status !== 200) {
    const said = text.startsWith("<") ? "" : `: ${text.slice(0, 200).trim()}`;
    throw new TrinoAnswerError(`the server answered ${status}${said}`, status);
  }
  return parsed(text);
}

/** @throws RowError for one that is too large for a page; it is not read on. */
async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, numBytes] = ["", 0];
  for await (const part of body ?? []) {
    numBytes += part.byteLength;
    if (numBytes > mostPageBytes) {
      const most = `${mostPageBytes / 2 ** 20} MiB`;
      throw new RowError(`the server answers with more than ${most}, which is no page of a result`);
    }
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): QueryResults {
  try {
    return QueryResults.parse(JSON.parse(text));
  } catch (cause) {
    const what = `${text.length} characters that are no page of a result, or half of one`;
    throw new TrinoAnswerError(`the server answered with ${what}`, 200, cause);
  }
}

/** The next page must be where the password may go. */
function checkedNext({ nextUri }: QueryResults, { url }: TrinoAddress): string | undefined {
  if (nextUri === undefined) return undefined;
  const [next, home] = [new URL(nextUri), new URL(url)];
  if (next.origin === home.origin) return nextUri;
  const hint = "its configuration must process X-Forwarded headers";
  throw new RowError(
    `the next page is at ${next.origin}, and the server is asked at ${home.origin}: ${hint}`,
  );
}

/** What cannot be cancelled, the server gives up by itself after some minutes. */
async function cancel({ headers }: TrinoAddress, url: string): Promise<void> {
  const init = { method: "DELETE", headers, signal: AbortSignal.timeout(10_000) } as const;
  await fetch(url, { ...init, redirect: "error" })
    .then((response) => response.body?.cancel())
    .catch(() => {});
}

/** fetch says "fetch failed", and the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
