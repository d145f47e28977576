import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A step of a fake repository: a shell command, run in its root, that makes a file of its name. */
export interface FakeStep {
  readonly name: string;
  readonly command: string;
  readonly after?: readonly string[];
  /** Its inputs, relative to the root. */
  readonly files?: readonly string[];
  readonly source?: string;
  readonly isQuick?: boolean;
}

export interface SetUp {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  /** Settles when it has printed this. */
  printed(text: string): Promise<void>;
  /** Settles when one of its commands has made this file. */
  made(name: string): Promise<void>;
}

const head = `import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./places.mjs";
import { stampOf } from "./stamps.mjs";
const step = ({ command, files, ...rest }) => ({
  title: rest.name,
  after: [],
  ...rest,
  stamp: () => stampOf({ files, words: [rest.name] }),
  isThere: () => existsSync(join(repository, rest.name)),
  commands: () => [["sh", "-c", command]],
});
`;

/** Set-up as it is, in a folder of its own, with steps of its own and no need of tools. */
export class FakeRepository {
  readonly #parent = mkdtempSync(join(tmpdir(), "cello-set-up-"));
  readonly #path: string;

  constructor(steps: readonly FakeStep[], { folder = "clone" } = {}) {
    this.#path = join(this.#parent, folder);
    const tools = join("tools", "set-up");
    cpSync(import.meta.dirname, this.path(tools), { recursive: true });
    this.write(
      join(tools, "steps.mjs"),
      `${head}export const steps = ${JSON.stringify(steps)}.map(step);\n`,
    );
    this.write(join(tools, "checks.mjs"), "export const toolChecks = async () => [];\n");
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  remove(name: string): void {
    rmSync(this.path(name));
  }

  /** As if it had been written an hour ago. */
  makeOld(name: string): void {
    const then = new Date(Date.now() - 3_600_000);
    utimesSync(this.path(name), then, then);
  }

  setUp(...flags: readonly string[]): SetUp {
    const program = this.path("tools/set-up/bootstrap.mjs");
    const child = spawn(process.execPath, [program, ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    const ended = once(child, "close").then(([code]) => ({ code, stderr }));
    const until = async (what: string, isSo: () => boolean) => {
      while (!isSo()) {
        if (child.exitCode !== null) throw new Error(`it ended without ${what}:\n${stderr}`);
        await sleep(10);
      }
    };
    return {
      child,
      ended,
      printed: (text) => until(text, () => stderr.includes(text)),
      made: (name) => until(name, () => existsSync(this.path(name))),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}
