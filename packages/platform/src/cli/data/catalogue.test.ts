import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DuckDbDatabase } from "../../database/index.ts";
import { MovieConfig, simulateMovie } from "../../images/index.ts";
import { usualValues } from "../flag.ts";
import { createOutput } from "../output.ts";
import { catalogueVerb } from "./catalogue.ts";

/** Opens a catalogue for writing in another process; throws when that cannot. */
function openElsewhere(path: string): void {
  const database = import.meta.resolve("../../database/index.ts");
  const script = `const { CatalogueWriter } = await import(${JSON.stringify(database)});
    await using writer = await CatalogueWriter.open(${JSON.stringify(path)});`;
  execFileSync(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" });
}

test("while an image is looked through, the catalogue is everyone's; missing chunks are told", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-verb-"));
  t.after(() => rm(folder, { recursive: true }));
  const movie = join(folder, "movie.ome.zarr");
  await simulateMovie(MovieConfig.parse({ shape: [2, 16, 64, 64, 1] }), movie, { numThreads: 1 });
  await rm(join(movie, "0", "c", "1"), { recursive: true });
  const catalogue = join(folder, "catalogue.duckdb");
  const errors: string[] = [];
  const result: string[] = [];
  const output = createOutput({
    stdout: { write: (text) => result.push(text) },
    stderr: {
      write: (text) => {
        errors.push(text);
        if (errors.length === 1) openElsewhere(catalogue); // the first is of the work under way
      },
    },
  });
  const flags = { ...usualValues(catalogueVerb.flags), catalogue, cube: "1,16,32,32" };
  const { signal } = new AbortController();
  assert.equal(await catalogueVerb.run({ flags, operands: [folder], signal, output }), 0);
  assert.match(result.join(""), /movie\.ome\.zarr: 8 hypercubes of 1 x 16 x 32 x 32/);
  assert.match(errors.join(""), /movie\.ome\.zarr: 1 chunk is not on disk/);
  await using database = await DuckDbDatabase.open({ catalogue_path: catalogue });
  let numHypercubes = 0;
  for await (const { numRows } of database.hypercubes({})) numHypercubes += numRows;
  assert.equal(numHypercubes, 8);
});

test("a catalogue that cannot be written is refused before anything is looked through", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "cello-verb-"));
  t.after(() => rm(folder, { recursive: true }));
  const catalogue = join(folder, "text.duckdb");
  await writeFile(catalogue, "this is no database".repeat(1000));
  const flags = { ...usualValues(catalogueVerb.flags), catalogue, cube: "1,16,32,32" };
  const write = () => assert.fail("nothing is done");
  const output = createOutput({ stdout: { write }, stderr: { write } });
  const operands = [join(folder, "none.zarr")];
  const call = { flags, operands, signal: new AbortController().signal, output };
  await assert.rejects(catalogueVerb.run(call), { code: "CATALOGUE_OPEN" });
});
