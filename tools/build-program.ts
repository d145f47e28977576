// Builds the command into one file, `.cello/build/cello/program-ID.cjs`, which `bin/cello.mjs` runs
// while the sources stay as they are. Sources that do not build are no error here: the command then
// runs from them, and says itself what is wrong.

import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { type Built, builtFolder, readBuilt } from "../packages/platform/bin/built-sources.mjs";
import { command, repository } from "./command.ts";
import { sourcePlugin } from "./program/source-plugin.ts";

const folder = builtFolder(repository);
/** What every start needs. Other packages are loaded from where they are, when they are needed. */
const bundled = ["@cell-observatory/engine", "@cell-observatory/zarr", "commander", "yaml", "zod"];
/** Somebody may save a file meanwhile; for one who never stops, the command runs from the sources. */
const maxBuilds = 5;

mkdirSync(folder, { recursive: true });
await buildOnce();
for (let i = 1; i < maxBuilds && readBuilt(repository) === undefined; i++) await buildOnce();
if (readBuilt(repository)?.id) await warmUp();

async function buildOnce(): Promise<void> {
  const sources: Built["sources"] = [];
  const note = (name: string) => {
    const { size, mtimeMs } = statSync(join(repository, name));
    sources.push(name, size, mtimeMs);
  };
  note("node_modules/.package-lock.json"); // what is installed, for files of packages all have one time
  for (const name of ["engine", "zarr", "platform"]) note(`packages/${name}/package.json`);
  note("tsconfig.json"); // esbuild reads it
  const program = await bundle(note);
  const id = program && createHash("sha256").update(program.text).digest("hex").slice(0, 12);
  if (program !== null) {
    const path = join(folder, `program-${id}.cjs`);
    save(`${path}.map`, program.map);
    save(path, program.text);
    note(relative(repository, path));
  }
  save(join(folder, "list.json"), JSON.stringify({ id, sources } satisfies Built));
  for (const name of readdirSync(folder)) {
    if (name !== "list.json" && !name.startsWith(`program-${id}.cjs`)) rmSync(join(folder, name));
  }
}

/** The program's text and its source map; null where esbuild has said what is wrong. */
async function bundle(
  note: (name: string) => void,
): Promise<{ readonly text: string; readonly map: string } | null> {
  const manifest = readFileSync(join(repository, "packages/platform/package.json"), "utf8");
  const { dependencies } = JSON.parse(manifest) as { readonly dependencies: object };
  try {
    const { outputFiles, warnings } = await build({
      entryPoints: [join(repository, "packages/platform/src/cli/run-process.ts")],
      absWorkingDir: repository,
      outfile: join(folder, "program.cjs"),
      write: false,
      bundle: true,
      external: Object.keys(dependencies).filter((name) => !bundled.includes(name)),
      plugins: [sourcePlugin(note)],
      platform: "node",
      target: "node24",
      format: "cjs",
      supported: { "dynamic-import": false }, // of packages; V8 knows imports in modules alone
      banner: { js: "(function (module, require, importFrom, dirnameOf, urlOf) {" },
      footer: { js: "})" },
      minifyWhitespace: true,
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
    });
    const [map, text] = outputFiles.sort((a, b) => b.path.length - a.path.length);
    // what esbuild warns of would not do what the sources do
    if (map === undefined || text === undefined || warnings.length > 0) return null;
    return { text: text.text, map: map.text };
  } catch (error) {
    if (error instanceof Error && "errors" in error) return null;
    throw error;
  }
}

/** Whole or not at all, also after a power cut. */
function save(path: string, text: string): void {
  const whole = `${path}.${process.pid}`;
  writeFileSync(whole, text);
  const file = openSync(whole, "r+");
  fsyncSync(file);
  closeSync(file);
  renameSync(whole, path);
}

/** The first start of a verb leaves the code that V8 has compiled for it. These are typed most. */
async function warmUp(): Promise<void> {
  const cello = [process.execPath, join(repository, "packages/platform/bin/cello.mjs")] as const;
  const name = "--config-name=experiments/pretrain_4d_mae";
  await command([...cello, "--help"]);
  await command([...cello, "config", "print", name, "--resolve", "--json"]);
  await command([...cello, "train", name, "--cfg", "job", "--resolve"]);
}
