import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { postgresPrograms } from "./postgres-programs.ts";

const run = promisify(execFile);

export interface PostgresServerOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files for its folder, readable by nobody else, such as a key. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * A PostgreSQL of a test's own, in a temporary folder, on a free port of this machine. It stops and
 * its folder goes when it is disposed of, and also when the test's process dies in any way.
 */
export class PostgresServer implements AsyncDisposable {
  static readonly user = "cello";
  /** Needs quoting wherever it is written. */
  static readonly password = "p@ss/w:rd#%1 it's";
  readonly folder: string;
  readonly #programs: string;
  readonly #guard: ChildProcess;
  #port = 0;

  private constructor(programs: string, folder: string) {
    this.folder = folder;
    this.#programs = programs;
    this.#guard = guard(programs, folder);
  }

  static async start({ settings = {}, files = {} }: PostgresServerOptions = {}) {
    const programs = postgresPrograms();
    if (programs === null) throw new Error("PostgreSQL is not installed");
    const folder = mkdtempSync(join(tmpdir(), "cello-postgres-"));
    const server = new PostgresServer(programs, folder);
    try {
      await server.#make(files);
      await server.#startAtFreePort(settings);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  get uri(): string {
    return this.uriOf("postgres");
  }

  /** With a password that is quoted as a URI needs it. */
  uriOf(database: string, port = this.port): string {
    const password = encodeURIComponent(PostgresServer.password);
    return `postgresql://${PostgresServer.user}:${password}@127.0.0.1:${port}/${database}`;
  }

  /** Kills it as a power cut would: nothing is said to anybody. */
  kill(): void {
    process.kill(this.#pid(), "SIGKILL");
  }

  /** Starts it after {@link kill}; the killed one's processes may need a while to go. */
  startAgain(): Promise<void> {
    return this.#start(new RegExp(`${heldByTheKilled.source}|${taken.source}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#guard.once("exit", resolve));
    this.#guard.stdin?.end();
    if (this.#guard.exitCode === null) await gone;
  }

  async #make(files: Readonly<Record<string, string>>): Promise<void> {
    const words = join(this.folder, "password");
    this.#write(words, PostgresServer.password);
    // Not the order of bytes: what a query leaves to the server's collation is found out.
    const locale = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en-US"];
    const auth = ["--auth=scram-sha-256", `--username=${PostgresServer.user}`, `--pwfile=${words}`];
    const data = join(this.folder, "data");
    await this.#as("initdb", [...locale, "--locale=C.UTF-8", ...auth, "--no-sync", "-D", data]);
    for (const [name, text] of Object.entries(files)) this.#write(join(data, name), text);
  }

  /** Where a port is taken, it is another one. */
  async #startAtFreePort(settings: Readonly<Record<string, string>>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.#port = randomInt(firstPort, lastPort);
      this.#configure(settings);
      try {
        return await this.#start(heldByTheKilled);
      } catch (error) {
        const isTaken = error instanceof Error && taken.test(error.message);
        if (attempt === 20 || !isTaken) throw error;
      }
    }
  }

  /** Starts it, again and again for a minute while its log says `isHeld`. */
  async #start(isHeld: RegExp): Promise<void> {
    const log = join(this.folder, "log");
    const start = ["start", "--silent", "--wait", "--timeout=600", `--log=${log}`];
    for (let attempt = 1; ; attempt++) {
      rmSync(log, { force: true });
      try {
        await this.#as("pg_ctl", [...start, `--pgdata=${this.folder}/data`]);
        return;
      } catch (cause) {
        const said = readFileSync(log, "utf8");
        if (attempt === 600 || !isHeld.test(said)) {
          throw new Error(`PostgreSQL does not start: ${said}`, { cause });
        }
        await setTimeout(100);
      }
    }
  }

  #configure(settings: Readonly<Record<string, string>>): void {
    const all: Record<string, string> = {
      listen_addresses: "127.0.0.1",
      port: `${this.port}`,
      unix_socket_directories: this.folder,
      fsync: "off",
      shared_preload_libraries: "pg_stat_statements",
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = '${value}'\n`);
    this.#write(join(this.folder, "data/postgresql.auto.conf"), lines.join(""));
  }

  #write(path: string, text: string): void {
    writeFileSync(path, text, { mode: 0o600 });
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
  }

  #as(program: string, args: readonly string[]) {
    const [first, ...rest] = asOwner([join(this.#programs, program), ...args]);
    return run(first, rest, { cwd: this.folder });
  }

  #pid(): number {
    return Number(readFileSync(join(this.folder, "data/postmaster.pid"), "utf8").split("\n")[0]);
  }
}

const heldByTheKilled =
  /pre-existing shared memory block|lock file "postmaster.pid" already exists/;
const taken = /Address already in use/;

/** PostgreSQL refuses to run as root; Debian's package makes a user for it. */
const owner = process.getuid?.() === 0 ? unprivileged() : null;

function unprivileged(): { readonly uid: number; readonly gid: number } {
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) => {
    try {
      return Number(
        execFileSync("id", [flag, "postgres"], { stdio: ["ignore", "pipe", "ignore"] }),
      );
    } catch {
      return 65534; // nobody
    }
  });
  return { uid, gid };
}

function asOwner(words: readonly string[]): readonly [string, ...string[]] {
  const [program = "", ...args] = words;
  if (owner === null) return [program, ...args];
  const ids = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
  return ["setpriv", ...ids, program, ...args];
}

/** Outlives us: when our end of its input closes, it stops the server and removes the folder. */
function guard(programs: string, folder: string): ChildProcess {
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  const script = `cat >/dev/null
    "$1/pg_ctl" stop --silent --mode=immediate --pgdata="$2/data" 2>/dev/null
    cd / && rm -rf "$2"`;
  const [program, ...args] = asOwner(["sh", "-c", script, "sh", programs, folder]);
  return spawn(program, args, { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: folder });
}

/** Below those that Linux gives to outgoing connections, which come and go all the time. */
const [firstPort, lastPort] = [20_000, 32_000];
