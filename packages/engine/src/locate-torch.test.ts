import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { readEnvironment } from "./environment.ts";
import { EngineMissingError, TorchVersionError } from "./errors.ts";
import { locateTorch, torchVersion } from "./locate-torch.ts";

const root = mkdtempSync(join(tmpdir(), "locate-torch-"));
after(() => rmSync(root, { recursive: true }));

/** A folder that looks like a wheel's torch. */
function fakeTorch(folder: string, version: string): string {
  const path = join(root, folder);
  mkdirSync(join(path, "lib"), { recursive: true });
  writeFileSync(join(path, "lib", "libtorch_cpu.so"), "");
  writeFileSync(join(path, "version.py"), `__version__ = '${version}'\n`);
  return path;
}

const environment = (variables: NodeJS.ProcessEnv) => readEnvironment(variables);

test("CELLO_TORCH comes first, with any build of the pinned version", () => {
  const path = fakeTorch("named", `${torchVersion}+cpu`);
  const venv = join(root, "venv");
  fakeTorch("venv/lib/python3.11/site-packages/torch", torchVersion);
  assert.deepEqual(locateTorch(environment({ CELLO_TORCH: path, VIRTUAL_ENV: venv })), {
    path,
    version: torchVersion,
    source: "CELLO_TORCH",
  });
});

test("then the active Python environment's, and then that of the python3 on PATH", () => {
  const path = fakeTorch("env/lib/python3.12/site-packages/torch", torchVersion);
  const found = { path, version: torchVersion, source: "python" };
  assert.deepEqual(locateTorch(environment({ VIRTUAL_ENV: join(root, "env") })), found);
  const bin = join(root, "env", "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "python3"));
  assert.deepEqual(locateTorch(environment({ PATH: `/nowhere:${bin}` })), found);
});

test("a Python environment with another version is passed over", () => {
  fakeTorch("old/lib/python3.11/site-packages/torch", "2.1.0");
  try {
    const { source } = locateTorch(environment({ VIRTUAL_ENV: join(root, "old") }));
    assert.equal(source, "project");
  } catch (error) {
    assert.ok(error instanceof EngineMissingError, "this checkout has no .cello/torch");
  }
});

test("a CELLO_TORCH of another version is refused, with found, wanted, where and what to do", () => {
  const path = fakeTorch("other", "2.1.0");
  assert.throws(
    () => locateTorch(environment({ CELLO_TORCH: path })),
    (error) =>
      error instanceof TorchVersionError &&
      error.message === `expected libtorch ${torchVersion}, found 2.1.0 in ${path}` &&
      error.hint.includes(`torch==${torchVersion}`),
  );
});

test("a version that only begins like the pinned one is another version", () => {
  const path = fakeTorch("longer", `${torchVersion}1`);
  assert.throws(() => locateTorch(environment({ CELLO_TORCH: path })), TorchVersionError);
});

test("a CELLO_TORCH without libtorch is refused", () => {
  const path = dirname(root);
  assert.throws(() => locateTorch(environment({ CELLO_TORCH: path })), EngineMissingError);
});
