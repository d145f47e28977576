import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Answer, answerOf, type HydraCase } from "./hydra-case.fixture.ts";
import { differenceOf } from "./hydra-differences.ts";

/** What Hydra 1.3.8 made of the same files: tools/reference/make_config_fixtures.py. */
interface Fixture {
  readonly trees: readonly Readonly<Record<string, string>>[];
  readonly cases: readonly (Omit<HydraCase, "folder"> & Answer & { readonly tree?: number })[];
}

const fixture = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/hydra.json"), "utf8"),
) as Fixture;

const root = mkdtempSync(join(tmpdir(), "hydra-"));
after(() => rmSync(root, { recursive: true }));
for (const [i, files] of fixture.trees.entries()) {
  for (const [path, text] of Object.entries(files)) {
    const target = join(root, String(i), path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

for (const { tree, value, refused, ...row } of fixture.cases) {
  const theirs: Answer = refused === undefined ? { value } : { refused };
  test(`${row.title}: ${refused === undefined ? "as in Hydra" : "refused, as by Hydra"}`, () => {
    const ours = answerOf({ ...row, folder: join(root, String(tree)) });
    if (theirs.refused !== undefined && ours.refused !== undefined) return;
    if (!isDeepStrictEqual(ours, theirs) && differenceOf(row, ours, theirs)) return;
    if (theirs.refused !== undefined) assert.fail(JSON.stringify(ours));
    else assert.deepEqual(ours, theirs);
  });
}
