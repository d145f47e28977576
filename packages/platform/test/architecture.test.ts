import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

/** A folder of src/ may import the folders named BEFORE it, and of those only their index.ts. */
const order = [
  "errors",
  "secrets",
  "rng",
  "config",
  "telemetry",
  "picture",
  "database",
  "launch",
  "images",
  "nn",
  "checkpoint",
  "data",
  "models",
  "training",
  "inference",
  "catalog",
  "cli",
];
/** Up to this folder no engine is needed: a login node can compose, query and watch. */
const lastWithoutEngine = order.indexOf("images");

const packages = join(import.meta.dirname, "..", "..");
const src = join(packages, "platform", "src");

interface Import {
  readonly file: string;
  readonly target: string;
  /** `import type`: gone at run time. */
  readonly isType: boolean;
}

const importsIn = (folder: string): readonly Import[] =>
  globSync("**/*.ts", { cwd: folder }).flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const statements = text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s(type\s)?[^;"']*?from\s+"([^"]+)"|(?:import\(|^import\s|\nimport\s)\s*"([^"]+)"/g,
    );
    return [...statements].map(([, type, from, bare]) => ({
      file,
      target: from ?? bare ?? "",
      isType: type !== undefined,
    }));
  });

/** The folder of src/ that a relative import leads to, and what it names there. */
function landing({ file, target }: Import): readonly [folder: string, rest: string] {
  const path = relative(src, join(src, dirname(file), target));
  const [folder = "", ...rest] = path.split("/");
  return [folder, rest.join("/")];
}

/** What only tests need and more than one layer's do: test/support/ is a layer of theirs. */
const isTestSupport = ({ file, target }: Import) =>
  file.endsWith(".test.ts") && /^(\.\.\/)+test\/support\//.test(target);

const layerImports = importsIn(src).filter(
  (one) => one.target.startsWith(".") && !isTestSupport(one),
);
const show = ({ file, target }: Import) => `${file} -> ${target}`;
const layerOf = ({ file }: Import) => file.split("/")[0] ?? "";

test("ARCHITECTURE.md lists the layers in their order", () => {
  const text = readFileSync(join(import.meta.dirname, "../../../ARCHITECTURE.md"), "utf8");
  const [, list = ""] = /^## Layers of the platform$(.*?)^## /ms.exec(text) ?? [];
  const listed = [...list.matchAll(/^ {4}([a-z]+) {2,}\S/gm)].map(([, name]) => name);
  assert.deepEqual(listed, order);
});

test("every folder of src/ has a place in the order", () => {
  const folders = new Set(globSync("*/", { cwd: src }).map((name) => name.replace(/\/$/, "")));
  assert.deepEqual(
    [...folders].filter((name) => !order.includes(name)),
    [],
  );
});

test("every import points down the layer order, at the other layer's index", () => {
  const bad = layerImports.filter((one) => {
    const [to, rest] = landing(one);
    const from = layerOf(one);
    return from !== to && (order.indexOf(to) >= order.indexOf(from) || rest !== "index.ts");
  });
  assert.deepEqual(bad.map(show), []);
});

/** What two files need of each other is a third: a type, or the smaller part that both stand on. */
test("no files import each other in a circle, not even for their types", () => {
  const imports = layerImports.map((one) => ({ ...one, target: landing(one).join("/") }));
  const targets = Map.groupBy(imports, ({ file }) => file);
  const reaches = (from: string, wanted: string) => {
    const found = new Set([from]); // grows while it is walked
    for (const file of found) for (const { target } of targets.get(file) ?? []) found.add(target);
    return found.has(wanted);
  };
  const bad = imports.filter(({ file, target }) => reaches(target, file));
  assert.deepEqual(bad.map(show), []);
});

test("the layers up to the images load no engine", () => {
  const bad = importsIn(src).filter(
    (one) =>
      order.indexOf(layerOf(one)) <= lastWithoutEngine &&
      one.target === "@cell-observatory/engine" &&
      !one.isType,
  );
  assert.deepEqual(bad.map(show), []);
});

test("only the command line writes to the streams of the process", () => {
  const files = globSync("**/*.ts", { cwd: src, exclude: ["cli/**", "**/*.test.ts"] });
  const bad = files.filter((file) =>
    /\bconsole\.|process\.std(?:out|err)\b/.test(readFileSync(join(src, file), "utf8")),
  );
  assert.deepEqual(bad, []);
});

test("a package imports another only by its name, and the engine and zarr know no other", () => {
  const bad = ["engine", "zarr", "platform"].flatMap((name) =>
    importsIn(join(packages, name, "src")).filter((one) => {
      const { file, target } = one;
      if (isTestSupport(one)) return false;
      if (target.startsWith("@cell-observatory/")) return name === "engine";
      if (!target.startsWith(".")) return false;
      const path = relative(
        join(packages, name, "src"),
        join(packages, name, "src", dirname(file), target),
      );
      return (
        path.startsWith("..") && !/^\.\.\/((torch-version|package)\.json$|codegen\/)/.test(path)
      );
    }),
  );
  assert.deepEqual(bad.map(show), []);
});

test("every layer has its index.ts and its README.md", () => {
  const lacking = order
    .filter((layer) => existsSync(join(src, layer)))
    .flatMap((layer) => ["index.ts", "README.md"].map((name) => join(layer, name)))
    .filter((name) => !existsSync(join(src, name)) && name !== join("cli", "index.ts"));
  assert.deepEqual(lacking, []);
});
