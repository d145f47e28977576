import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request gets in place of its page. */
export type TrinoFault =
  | "500"
  | "502"
  | "503"
  | "504"
  | "429"
  | "410"
  | "cut"
  | "reset"
  | "garbage"
  | "early end"
  | "cancelled"
  | "internal error"
  | "bad value"
  | "wrong type"
  | "null"
  | "short row"
  | "other columns"
  | "columns of other types"
  | "flood"
  | "other query"
  | "elsewhere"
  | "itself";

export interface FakeTrinoOptions {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsPerPage: number;
  /** The fault of the nth page of the nth query, both counted from 0; null: none. */
  faultOf(place: { query: number; page: number; attempt: number }): TrinoFault | null;
}

/**
 * Speaks Trino's REST protocol, for one result, whatever is asked: a small real server, with the
 * pages, tokens and long names of a coordinator. `SELECT 1` is answered with 1, and not counted.
 */
export class FakeTrino implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: FakeTrinoOptions;
  readonly #attempts = new Map<string, number>();
  /** Statements as they were posted. */
  readonly statements: string[] = [];
  readonly cancelled: string[] = [];
  /** Bytes of answers without an end. */
  floodBytes = 0;
  readonly authorizations = new Set<string | undefined>();

  private constructor(server: Server, options: FakeTrinoOptions) {
    this.#server = server;
    this.#options = options;
    server.on("request", (request, response) => void this.#answer(request, response));
  }

  static async start(options: FakeTrinoOptions): Promise<FakeTrino> {
    const server = createServer({ keepAlive: false });
    const fake = new FakeTrino(server, options);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.authorizations.add(request.headers.authorization);
    if (request.method === "POST") {
      const text = (await request.setEncoding("utf8").toArray()).join("");
      if (text.startsWith("SELECT 1 ")) {
        const columns = [{ name: "one", type: "integer" }];
        send(response, { id: "hello", columns, data: [[1]], stats: { state: "FINISHED" } });
        return;
      }
      this.statements.push(text);
      const query = this.statements.length - 1;
      const stats = { state: "QUEUED" };
      send(response, { id: `query_${query}`, nextUri: this.#uri(query, 0), stats });
      return;
    }
    const [, query = 0, page = 0] = /query_(\d+)\/\w+\/(\d+)$/.exec(request.url ?? "") ?? [];
    if (request.method === "DELETE") {
      this.cancelled.push(`query_${query}`);
      response.writeHead(204).end();
      return;
    }
    const key = `${query}/${page}`;
    const attempt = this.#attempts.get(key) ?? 0;
    this.#attempts.set(key, attempt + 1);
    const place = { query: Number(query), page: Number(page), attempt };
    this.#page(response, place, this.#options.faultOf(place));
  }

  /** An answer without an end, as long as somebody reads it. */
  #flood(response: ServerResponse): void {
    const part = Buffer.alloc(2 ** 20, " ");
    const more = () => {
      while (!response.destroyed && response.write(part)) this.floodBytes += part.length;
    };
    response.writeHead(200).on("drain", more);
    more();
  }

  #page(
    response: ServerResponse,
    { query, page }: { readonly query: number; readonly page: number },
    fault: TrinoFault | null,
  ): void {
    const { columns, rows, rowsPerPage } = this.#options;
    const data = rows.slice(page * rowsPerPage, (page + 1) * rowsPerPage).map((row) => [...row]);
    const isLast = (page + 1) * rowsPerPage >= rows.length;
    const whole = {
      id: `query_${query}`,
      columns,
      data,
      stats: { state: isLast ? "FINISHED" : "RUNNING" },
      ...(isLast ? {} : { nextUri: this.#uri(query, page + 1) }),
    };
    const [first = []] = data;
    const change = (i: number, value: unknown) =>
      send(response, { ...whole, data: [first.with(i, value), ...data.slice(1)] });
    const { nextUri: _, ...last } = whole;
    switch (fault) {
      case null:
        send(response, whole);
        return;
      case "500":
      case "502":
      case "503":
      case "504":
      case "429":
      case "410":
        response.writeHead(Number(fault)).end(`<html>${fault}</html>`);
        return;
      case "cut": {
        const text = JSON.stringify(whole);
        response.writeHead(200, { "Content-Length": text.length });
        response.write(text.slice(0, text.length / 2), () => response.destroy());
        return;
      }
      case "reset":
        response.destroy();
        return;
      case "garbage": // half a page, of which its sender believes that it is whole
        response.writeHead(200).end(JSON.stringify(whole).slice(0, -20));
        return;
      case "early end":
        send(response, { ...last, stats: { state: "RUNNING" } });
        return;
      case "cancelled":
        send(response, { ...last, error: errors.cancelled, stats: { state: "FAILED" } });
        return;
      case "internal error":
        send(response, { ...last, error: errors.internal, stats: { state: "FAILED" } });
        return;
      case "bad value":
        send(response, { ...last, error: errors.badValue, stats: { state: "FAILED" } });
        return;
      case "wrong type":
        change(0, "12 cubes");
        return;
      case "null":
        change(0, null);
        return;
      case "short row":
        send(response, { ...whole, data: [first.slice(1), ...data.slice(1)] });
        return;
      case "other columns":
        send(response, { ...whole, columns: columns.slice(1) });
        return;
      case "columns of other types":
        send(response, {
          ...whole,
          columns: columns.map(({ name }) => ({ name, type: "boolean" })),
        });
        return;
      case "flood":
        this.#flood(response);
        return;
      case "other query":
        send(response, { ...whole, id: "query_of_somebody_else" });
        return;
      case "elsewhere":
        send(response, { ...whole, nextUri: "http://127.0.0.2:1/v1/statement/x" });
        return;
      case "itself":
        send(response, { ...whole, nextUri: this.#uri(query, page) });
        return;
      default:
        fault satisfies never;
    }
  }

  #uri(query: number, page: number): string {
    return `${this.origin}/v1/statement/executing/query_${query}/yslug/${page}`;
  }
}

const errors = {
  cancelled: { message: "Query was canceled", errorName: "USER_CANCELED", errorType: "USER_ERROR" },
  badValue: {
    message: "Cannot cast '12 cubes' to BIGINT",
    errorName: "INVALID_CAST_ARGUMENT",
    errorType: "USER_ERROR",
  },
  internal: {
    message: "a worker is gone",
    errorName: "REMOTE_HOST_GONE",
    errorType: "INTERNAL_ERROR",
  },
} as const;

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
