import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of a connection through a {@link FaultyProxy}. */
export interface Fault {
  /** Where it leads; null: it is refused. */
  readonly port: number | null;
  /** After so many bytes from the server nothing more is handed on until `act` is through. */
  readonly afterBytes?: number;
  /** `cut`: the connection ends then; `stall`: it stays, and nothing comes; else it goes on. */
  readonly end?: "cut" | "stall";
  /** What happens in between. */
  act?(): Promise<void>;
}

/** Stands between a client and a server on this machine, and does to each connection what it is told. */
export class FaultyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  numConnections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param faultOf - the fault of the nth connection, counted from 0. */
  static async start(faultOf: (connection: number) => Fault): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server);
    server.on("connection", (client) => proxy.#join(client, faultOf(proxy.numConnections++)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #join(client: Socket, { port, afterBytes = Number.POSITIVE_INFINITY, end, act }: Fault): void {
    if (port === null) {
      client.destroy();
      return;
    }
    const server = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {}); // the other side learns of it by the close
      socket.on("close", () => {
        this.#sockets.delete(socket);
        if (end !== "stall" || socket === client) other.destroy();
      });
    }
    client.pipe(server);
    let numBytes = 0;
    let hasActed = false;
    server.on("data", async (bytes: Buffer) => {
      const room = afterBytes - numBytes;
      numBytes += bytes.length;
      if (hasActed || bytes.length < room) {
        client.write(bytes);
        if (client.writableNeedDrain) {
          server.pause();
          client.once("drain", () => server.resume());
        }
        return;
      }
      hasActed = true;
      server.pause();
      client.write(bytes.subarray(0, room));
      await act?.();
      if (end === "cut") client.destroy();
      if (end !== undefined) return;
      client.write(bytes.subarray(room));
      server.resume();
    });
  }
}
