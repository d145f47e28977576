// The suite of databases on a real Trino, and a random catalogue against plain Python loops: a
// coordinator of version 435 in a JVM, with the catalogue `memory`, started here. Needs java 17 and mvn; the first time Maven brings 170 MB.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { command, repository } from "../command.ts";
import type { Verification } from "../verify.ts";
import { verdictInTrino } from "./database/in-trino.ts";

const project = join(import.meta.dirname, "../reference/trino");
const home = join(repository, ".cello", "trino");
/** Far above what a slow machine takes. */
const [mostStartMs, mostStopMs] = [15 * 60_000, 2 * 60_000];
const suite = "packages/platform/src/database/trino/trino-database.test.ts";

export const verification: Verification = {
  name: "trino",
  async run({ python, seed }) {
    const lacks = await missingPrograms();
    if (lacks.length > 0) {
      const line = `skipped: no ${lacks.join(" and no ")} on this machine; Debian: apt-get install openjdk-17-jdk-headless maven`;
      if (process.env.CI) return { passed: 0, failed: 1, lines: [line] };
      return { passed: 0, failed: 0, lines: [line] };
    }
    using folder = mkdtempDisposableSync(join(tmpdir(), "verify-trino-"));
    const server = await startTrino(await classPath(), folder.path);
    try {
      console.log(`  Trino is at ${server.address}; the suite takes some minutes`);
      const env = { ...process.env, CELLO_TEST_TRINO: server.address };
      const suite = await runSuite(env);
      const random = await verdictInTrino(server.address, { python, seed });
      return {
        passed: suite.passed + random.passed,
        failed: suite.failed + random.failures.length,
        lines: [...suite.lines, random.line, ...random.failures],
      };
    } finally {
      await server.stop();
    }
  },
};

async function missingPrograms(): Promise<readonly string[]> {
  const found = await Promise.all(
    (["java", "mvn"] as const).map(async (program) => {
      const { code } = await command([program, "-version"]).catch(() => ({ code: 1 }));
      return code === 0 ? [] : [program];
    }),
  );
  return found.flat();
}

/** Paths of all jars, with a colon between; Maven keeps them in its own folder. */
async function classPath(): Promise<string> {
  const pom = join(project, "pom.xml");
  const stamp = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 16);
  const file = join(home, `classpath-${stamp}`);
  if (!isThere(file)) {
    console.log("  Maven brings Trino 435 (170 MB; a minute or more)");
    mkdirSync(home, { recursive: true });
    const { code, output } = await command(
      ["mvn", "-B", "-f", pom, "dependency:build-classpath", `-Dmdep.outputFile=${file}.new`],
      every(100, "Downloaded", (count) => console.log(`  ${count} files have come`)),
    );
    if (code !== 0) throw new Error(`mvn failed (exit ${code}):\n${output.slice(-4000)}`);
    writeFileSync(file, readFileSync(`${file}.new`));
  }
  return readFileSync(file, "utf8").trim();
}

const isThere = (file: string) =>
  existsSync(file) && readFileSync(file, "utf8").trim().split(":").every(existsSync);

/** Calls with the number of times that a word has come, at each multiple of `step`. */
function every(step: number, word: string, say: (count: number) => void): (text: string) => void {
  let count = 0;
  return (text) => {
    for (const _ of text.matchAll(new RegExp(word, "g"))) {
      count += 1;
      if (count % step === 0) say(count);
    }
  };
}

interface TrinoProcess {
  readonly address: string;
  stop(): Promise<void>;
}

async function startTrino(jars: string, folder: string): Promise<TrinoProcess> {
  console.log("  Trino starts (20 s on two quiet cores)");
  const program = join(project, "TrinoServer.java");
  // One compiler, and no more: what it compiles is used for some minutes only.
  const words = ["-Xmx3g", "-XX:TieredStopAtLevel=1", "--add-opens=java.base/java.nio=ALL-UNNAMED"];
  const place = `-Djava.io.tmpdir=${folder}`;
  const child = spawn("java", [...words, place, "-cp", jars, program], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-8000);
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const tooLong = setTimeout(() => child.kill("SIGKILL"), mostStartMs);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /^LISTENING (http:\S+)$/.exec(line)?.[1];
    if (address === undefined) continue;
    clearTimeout(tooLong);
    return { address, stop: () => stop(child, ended) };
  }
  clearTimeout(tooLong);
  throw new Error(`Trino did not start:\n${log}`);
}

/** It ends with its input, or is ended. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.stdin?.end();
  const tooLong = setTimeout(() => child.kill("SIGKILL"), mostStopMs);
  await ended;
  clearTimeout(tooLong);
}

async function runSuite(env: NodeJS.ProcessEnv) {
  const args = ["--test", "--test-reporter=tap", join(repository, suite)];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const ends = text.matchAll(/^(ok|not ok) \d+ - (.*)$/gm);
    for (const [, how, what] of ends) console.log(`  ${how === "ok" ? "ok  " : "FAIL"}  ${what}`);
  });
  await new Promise<void>((resolve) => child.on("close", () => resolve()));
  const count = (name: string) =>
    Number(new RegExp(`^# ${name} (\\d+)$`, "m").exec(output)?.[1] ?? 0);
  const [passed, failed] = [count("pass"), count("fail") + count("cancelled")];
  const isWhole = passed + failed > 0;
  const lines = failed > 0 || !isWhole ? [output] : [`${passed} tests of the suite pass`];
  return { passed, failed: isWhole ? failed : 1, lines };
}
