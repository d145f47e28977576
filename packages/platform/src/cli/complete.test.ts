import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { candidates } from "./complete.ts";

const program = join(import.meta.dirname, "../../bin/cello.mjs");
const train = "cello train --config-name=experiments/nuclei_mae";

for (const [line, expected] of [
  ["cello tr", ["train "]],
  ["cello config ", ["print ", "list "]],
  ["cello compl", ["completion "]],
  ["cello nothing ", []],
  ["cello predict --ch", ["--checkpoint="]],
  ["cello train --mu", ["--multirun "]],
  ["cello train --cfg=", ["--cfg=job ", "--cfg=hydra ", "--cfg=all "]],
  ["cello train --cfg h", ["hydra "]],
  ["cello train --config-name test_p", ["test_pretrain_4d_mae_local "]],
  ["cello train --config-name=experiments/vit", ["--config-name=experiments/vit_small_mae "]],
  [`${train} models/meta_arch/mae=t`, ["models/meta_arch/mae=tiny "]],
  [`${train} trainer.ep`, ["trainer.epochs="]],
  [`${train} ~trainer.ep`, ["~trainer.epochs "]],
  [`${train} trainer.epochs=`, ["trainer.epochs=30 "]],
  [`${train} trainer.epochs=4 -m optimizers.lr`, ["optimizers.lr="]],
  ["cello train -cn=experiments/vit", ["-cn=experiments/vit_small_mae "]],
  ["cello train -cn test_p", ["test_pretrain_4d_mae_local "]],
  ["cello train -cn experiments/nuclei_mae trainer.ep", ["trainer.epochs="]],
  ["cello train -c h", ["hydra "]],
  [`${train} --cfg job --package trainer trainer.ep`, ["trainer.epochs="]],
  [`${train} --cfg job -p trainer.ep`, ["trainer.epochs "]],
  [`${train} --cfg job --package=trainer.ep`, ["--package=trainer.epochs "]],
  [`${train} trainer.device=c`, ["trainer.device=cpu ", "trainer.device=cuda "]],
  [`${train} evaluation.val_mode=`, ["evaluation.val_mode=min ", "evaluation.val_mode=max "]],
  [`${train} -m optimizers=adamw,lamb_j`, ["optimizers=adamw,lamb_jepa "]],
  ["cello train --config-name=configs/test", ["--config-name=configs/test_pretrain_4d_mae_local "]],
  ["cello completion b", ["bash "]],
  ["cello explain CONFIG_INV", ["CONFIG_INVALID "]],
  ["cello data import st", []],
  [
    "cello config list models/meta_arch/ma",
    ["models/meta_arch/mae ", "models/meta_arch/mask2former ", "models/meta_arch/maskdino "],
  ],
] as const) {
  test(`${line} goes on with ${expected.join("") || "nothing"}`, async () => {
    const found = await candidates(line);
    for (const word of expected) assert.ok(found.includes(word), found.join());
    if (expected.length < 2)
      assert.equal(
        found.filter((word) => !word.endsWith(".")).length,
        expected.length,
        found.join(),
      );
  });
}

test("of several --config-dir all are searched", async () => {
  const folders = ["one", "two"].map((name) => {
    const folder = mkdtempSync(join(tmpdir(), "complete-"));
    writeFileSync(join(folder, `mine_${name}.yaml`), "a: 1\n");
    after(() => rmSync(folder, { recursive: true }));
    return folder;
  });
  const line = `cello train ${folders.map((folder) => `--config-dir=${folder}`).join(" ")} --config-name mine_`;
  assert.deepEqual(await candidates(line), ["mine_one ", "mine_two "]);
});

test("with a config of one's own folder, its names and keys are offered", async () => {
  const folder = mkdtempSync(join(tmpdir(), "complete-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, "mine.yaml"),
    "defaults: [experiments/nuclei_mae, _self_]\nextra_key: 1\n",
  );
  const dir = `cello config print --config-dir ${folder}`;
  assert.deepEqual(await candidates(`${dir} --config-name=mi`), ["--config-name=mine "]);
  assert.deepEqual(await candidates(`${dir} --config-name mine extra`), ["extra_key="]);
});

test("bash completes files where there is nothing of ours", () => {
  const script = `eval "$(${process.execPath} ${program} completion bash)"; complete -p cello`;
  const printed = execFileSync("bash", ["-c", script], { encoding: "utf8" });
  assert.match(printed, /^complete (?=.*-o default)(?=.*-o nospace).* -F _cello cello$/m);
});

test("bash completes a word by its part behind the last =", () => {
  const folder = mkdtempSync(join(tmpdir(), "complete-"));
  after(() => rmSync(folder, { recursive: true }));
  symlinkSync(program, join(folder, "cello"));
  const line = `${train} models/meta_arch/mae=ti`;
  const script = [
    'eval "$(cello completion bash)"',
    `COMP_LINE='${line}' COMP_POINT=${line.length} _cello`,
    "printf '[%s]' \"${COMPREPLY[@]}\"",
  ].join("\n");
  const PATH = `${folder}:${join(process.execPath, "..")}:${process.env.PATH}`;
  const printed = execFileSync("bash", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, PATH },
  });
  assert.equal(printed, "[tiny ]");
});
