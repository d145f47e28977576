import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { HypercubeQuery } from "../hypercube-query.ts";
import { HypercubeTable } from "../hypercube-table.ts";
import { DuckDbDatabase } from "./duckdb-database.ts";

const folder = mkdtempSync(join(tmpdir(), "cello-rows-"));
after(() => rmSync(folder, { recursive: true }));

const header =
  ",prepared_id,tile_name,server_folder,output_folder,time_start,z_start,y_start,x_start,time_size,cube_size,channel_size,hpf,is_synthetic,exists,exists_prfs,occupancy_ratios_ch_0,occupancy_ratios_ch_1,pc_metadata_json";
const metadata =
  '"{""0"": {""histogram"": {""90.0"": 150}, ""mask_bbox_dict"": {""7"": [0, 0, 0, 3, 3, 3]}}}"';
/** As pandas writes them: an index without a name, flags as t and f, lists as NumPy or SQL prints them. */
const rows = [
  `0,roi,a,/clusterfs/x,out,0,0,0,0,2,128,2,24.0,f,t,f,[0.1 0.2],"{0.3,0.4}",${metadata}`,
  "1,roi,a,/clusterfs/x,out,2,0,0,0,2,128,2,24.0,f,t,f,[0.5 0.6],[0.7 0.8],",
  "2,roi,b,/clusterfs/x,out,0,0,0,128,2,128,2,,t,f,t,[0.9 nan],[0.9 0.9],",
];

async function namesOf(name: string, query: HypercubeQuery): Promise<string[]> {
  await using database = await DuckDbDatabase.open({ catalogue_path: join(folder, name) });
  const table = await HypercubeTable.from(database.hypercubes(query));
  return [...table.records()].map(
    ({ tile_name, time_start, x_start }) => `${tile_name} ${time_start} ${x_start}`,
  );
}

test("the Python platform's cached rows are read, and every filter works on them", async () => {
  writeFileSync(join(folder, "rows.csv"), `${[header, ...rows].join("\n")}\n`);
  const all = ["a 0 0", "a 2 0", "b 0 128"];
  assert.deepEqual(await namesOf("rows.csv", {}), all);
  assert.deepEqual(await namesOf("rows.csv", { timepoint_list: [2] }), ["a 2 0"]);
  assert.deepEqual(await namesOf("rows.csv", { location: "exists" }), ["a 0 0", "a 2 0"]);
  assert.deepEqual(await namesOf("rows.csv", { location: "exists_prfs" }), ["b 0 128"]);
  assert.deepEqual(await namesOf("rows.csv", { synthetic_only: true }), ["b 0 128"]);
  assert.deepEqual(await namesOf("rows.csv", { hpf_list: [24] }), ["a 0 0", "a 2 0"]);
  assert.deepEqual(await namesOf("rows.csv", { has_annotations: true }), ["a 0 0"]);
  assert.deepEqual(await namesOf("rows.csv", { cdf_threshold: 150 }), ["a 0 0"]);
  const occupied = {
    occupancy_threshold: 0.25,
    occupancy_threshold_filter_type: "min_ch1",
  } as const;
  assert.deepEqual(await namesOf("rows.csv", occupied), all);
  assert.deepEqual(await namesOf("rows.csv", { occupancy_threshold: 0.15 }), ["a 2 0"]);
});

test("rows that say different things of their tile are refused, in files and among files", async () => {
  const columns = header.split(",");
  const changed = (column: string, value: string) => {
    const at = columns.indexOf(column);
    return (rows[1] ?? "")
      .split(",")
      .map((cell, i) => (i === at ? value : cell))
      .join(",");
  };
  const cases = [
    ["server_folder", "/elsewhere"],
    ["hpf", ""],
    ["channel_size", "3"],
  ] as const;
  for (const [column, value] of cases) {
    const lines = [header, rows[0], changed(column, value)];
    writeFileSync(join(folder, "torn.csv"), `${lines.join("\n")}\n`);
    await assert.rejects(namesOf("torn.csv", {}), {
      code: "CATALOGUE_ROW",
      message: new RegExp(`the tile .*a has rows of different ${column}, such as .* and `),
    });
  }
});

test("a pattern or a folder is all of its files", async () => {
  const many = join(folder, "many's");
  mkdirSync(many);
  for (const [i, row] of rows.entries()) {
    writeFileSync(join(many, `${i}.csv`), `${header}\n${row}\n`);
  }
  assert.equal((await namesOf("many's", {})).length, 3);
  assert.equal((await namesOf("many's/[01].csv", {})).length, 2);
  await assert.rejects(namesOf("many's/x*.csv", {}), { code: "CATALOGUE_MISSING" });
});

const hostile = {
  "a part of a number": rows[0]?.replace("0,0,0,0,2,128", "0,0,0.5,0,2,128"),
  "a formula for a number": rows[0]?.replace("0,0,0,0,2,128", "=1+1,0,0,0,2,128"),
  "a flag that is neither yes nor no": rows[0]?.replace(",f,t,f,", ",f,perhaps,f,"),
  "a quote that never ends": '0,"roi,a,/x,out,0,0,0,0,2,128,2,24,f,t,f,[0.1],[0.1],',
  "text behind a quote": rows[0]?.replace("0,roi,", '0,"r"oi,'),
  "a row that is too short": "0,roi,a",
  "a row that is too long": `${rows[0]},more`,
  "no name": rows[0]?.replace("0,roi,a", "0,,a"),
  "metadata that are no JSON": rows[0]?.replace(metadata, "{'0': {}}"),
  "a list of something else": rows[0]?.replace("[0.1 0.2]", "[0.1 ... 0.2]"),
  "a NUL character": rows[0]?.replace("0,0,0,0,2,128", "\0,0,0,0,2,128"),
};
for (const [what, row] of Object.entries(hostile)) {
  test(`${what} is refused`, async () => {
    writeFileSync(join(folder, "hostile.csv"), `${header}\n${row}\n`);
    await assert.rejects(namesOf("hostile.csv", { cdf_threshold: 1 }), {
      code: /^CATALOGUE_(OPEN|ROW)$/,
      message: /hostile\.csv/,
    });
  });
}

test("a line of a gigabyte is refused, and never in memory", async () => {
  const path = join(folder, "long.csv");
  writeFileSync(path, `${header}\n0,`);
  truncateSync(path, 2 ** 30);
  const before = process.resourceUsage().maxRSS; // the most that there was, in KiB
  await assert.rejects(namesOf("long.csv", {}), { code: /^CATALOGUE_(OPEN|ROW)$/ });
  const grown = process.resourceUsage().maxRSS - before;
  assert.ok(grown < 200 * 2 ** 10, `${grown} KiB more`);
});

test("a message quotes no more than the ends of a long cell", async () => {
  const long = `${header}\n${rows[0]?.replace("0,0,0,0,2,128", `0,0,0,${"x".repeat(70_000)},2,128`)}\n`;
  writeFileSync(join(folder, "hostile.csv"), long);
  await assert.rejects(namesOf("hostile.csv", {}), (error: Error) => {
    assert.match(error.message, /Could not convert string 'xxx/);
    return error.message.length < 2500;
  });
});

test("a cell that looks like a formula is a name as any other", async () => {
  const row = rows[0]?.replace("roi,a", `"=HYPERLINK(""http://x"")",@a`);
  writeFileSync(join(folder, "formula.csv"), `${header}\n${row}\n`);
  assert.deepEqual(await namesOf("formula.csv", {}), ["@a 0 0"]);
});

test("a folder and a file may have the signs of a pattern in their names", async () => {
  const odd = join(folder, "a [1] * {b}");
  mkdirSync(odd);
  writeFileSync(join(odd, "rows[1]?.csv"), `${[header, ...rows].join("\n")}\n`);
  assert.equal((await namesOf("a [1] * {b}", {})).length, 3);
  assert.equal((await namesOf("a [1] * {b}/rows[1]?.csv", {})).length, 3);
});

test("a table without a column that is needed says which", async () => {
  writeFileSync(join(folder, "short.csv"), "prepared_id,tile_name\nroi,a\n");
  await assert.rejects(namesOf("short.csv", {}), {
    code: "CATALOGUE_ROW",
    message: /short\.csv is no catalogue: it has no column time_start/,
  });
});

test("a signal ends the reading of a file as it opens, whenever it comes", async () => {
  const path = join(folder, "many-rows.csv");
  const lines = Array.from({ length: 20_000 }, (_, i) =>
    (rows[0] ?? "").replace("0,0,0,0,", `${i},0,0,0,`),
  );
  writeFileSync(path, `${[header, ...lines].join("\n")}\n`);
  const reason = new Error("enough");
  const config = { catalogue_path: path };
  const aborted = AbortSignal.abort(reason);
  await assert.rejects(DuckDbDatabase.open(config, { signal: aborted }), reason);
  for (let numTurns = 0; numTurns < 6; numTurns++) {
    const controller = new AbortController();
    const opening = DuckDbDatabase.open(config, { signal: controller.signal });
    opening.catch(() => {}); // it is awaited below
    for (let turn = 0; turn < numTurns; turn++) await new Promise((go) => setImmediate(go));
    controller.abort(reason);
    await assert.rejects(opening, reason);
  }
});
