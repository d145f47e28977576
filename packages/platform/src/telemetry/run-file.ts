import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { hideSecrets } from "../secrets/index.ts";
import type { Clock } from "./clock.ts";
import { RunFileError } from "./errors.ts";
import { replaceFile } from "./replace-file.ts";

const Git = z.strictObject({
  commit: z.string(),
  branch: z.string(),
  is_dirty: z.boolean().describe("files differ from the commit"),
});

const Session = z.strictObject({
  job: z
    .enum(["train", "test", "predict"])
    .default("train")
    .describe("what was done with the run; of files that do not say it: train"),
  command: z.array(z.string()).describe("program and arguments"),
  started: z.iso.datetime(),
  ended: z.iso.datetime().nullable().describe("null: it runs, or was killed"),
  outcome: z.enum(["running", "completed", "stopped", "failed"]),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  from_step: z.int().nonnegative(),
  to_step: z.int().nonnegative().nullable(),
  host: z.string(),
  pid: z.int(),
  seed: z.int(),
  git: Git.nullable().describe("null: the program is not in a git checkout"),
  lockfile_sha256: z
    .string()
    .nullable()
    .default(null)
    .describe("of package-lock.json: every package that ran; null: there is none"),
  versions: z.record(z.string(), z.string()),
  hardware: z.strictObject({
    system: z.string(),
    cpu: z.string(),
    num_cores: z.int(),
    memory_bytes: z.int(),
    device: z.string(),
  }),
});
type Session = z.output<typeof Session>;

/** `run.json`: where a run came from. A run that was continued has several sessions. */
export const RunFile = z.strictObject({
  experiment_name: z.string(),
  sessions: z.array(Session).min(1),
});
export type RunFile = z.output<typeof RunFile>;

/** What only the caller knows of a session. */
export interface SessionFacts {
  /** Training where it is not given. */
  readonly job?: Session["job"];
  readonly experimentName: string;
  readonly command: readonly string[];
  readonly seed: number;
  readonly fromStep: number;
  /** "cpu", "cuda:0". */
  readonly device: string;
  /** Of what this layer does not load, such as torch. */
  readonly versions: Readonly<Record<string, string>>;
}

/** How a session ended. */
export interface SessionEnd {
  readonly outcome: "completed" | "stopped" | "failed";
  readonly toStep: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * Adds a session to `run.json` in `folder`, and returns the function that closes it. The
 * environment is never written, and what the command or an error has of its secrets is taken out.
 *
 * @throws {@link RunFileError} when a file is there that is no run's, or another run's.
 */
export async function openSession(
  folder: string,
  facts: SessionFacts,
  clock: Clock,
): Promise<(end: SessionEnd) => void> {
  const path = join(folder, "run.json");
  const before = existsSync(path) ? readRunFile(path) : null;
  if (before !== null && before.experiment_name !== facts.experimentName) {
    const { experiment_name } = before;
    throw new RunFileError(path, `expected ${facts.experimentName}, found ${experiment_name}`);
  }
  const session = await describeSession(facts, clock);
  const write = (own: Session) => {
    // read anew: a run is measured while it trains, and each closes its own
    const sessions = [...(existsSync(path) ? readRunFile(path).sessions : [])];
    const at = sessions.findIndex((other) => isSame(other, own));
    sessions.splice(at < 0 ? sessions.length : at, 1, own);
    const file = { experiment_name: facts.experimentName, sessions };
    replaceFile(path, `${JSON.stringify(hideSecrets(file), null, 2)}\n`);
  };
  mkdirSync(folder, { recursive: true });
  write(session);
  return ({ outcome, toStep, error }) =>
    write({ ...session, ended: isoTime(clock), outcome, to_step: toStep, error: error ?? null });
}

/** One process has one session of a run at a time. */
const isSame = (a: Session, b: Session) =>
  a.outcome === "running" && a.pid === b.pid && a.host === b.host && a.started === b.started;

/** @throws {@link RunFileError} when the file is not what a run writes. */
export function readRunFile(path: string): RunFile {
  const result = RunFile.safeParse(parse(path));
  if (result.success) return result.data;
  throw new RunFileError(path, z.prettifyError(result.error));
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new RunFileError(path, error instanceof Error ? error.message : String(error));
  }
}

async function describeSession(facts: SessionFacts, clock: Clock): Promise<Session> {
  return {
    job: facts.job ?? "train",
    command: [...facts.command],
    started: isoTime(clock),
    ended: null,
    outcome: "running",
    error: null,
    from_step: facts.fromStep,
    to_step: null,
    host: hostname(),
    pid: process.pid,
    seed: facts.seed,
    git: await gitState(import.meta.dirname),
    lockfile_sha256: hashOf(join(repository, "package-lock.json")),
    versions: { cello: programVersion(), node: process.versions.node, ...facts.versions },
    hardware: {
      system: `${type()} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model ?? "unknown",
      num_cores: cpus().length,
      memory_bytes: totalmem(),
      device: facts.device,
    },
  };
}

const repository = join(import.meta.dirname, "../../../..");

function hashOf(path: string): string | null {
  return existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : null;
}

function programVersion(): string {
  const path = join(repository, "packages/platform/package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

const isoTime = (clock: Clock) => new Date(clock.now()).toISOString();

/** Of the checkout that holds `folder`; null where git or a checkout is missing. */
async function gitState(folder: string): Promise<z.output<typeof Git> | null> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", ["-C", folder, ...args], { timeout: 5000 })).stdout.trim();
  try {
    const [commit, branch, changes] = await Promise.all([
      git("rev-parse", "HEAD"),
      git("rev-parse", "--abbrev-ref", "HEAD"),
      git("status", "--porcelain"),
    ]);
    return { commit, branch, is_dirty: changes !== "" };
  } catch {
    return null;
  }
}
