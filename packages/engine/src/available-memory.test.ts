import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { engine } from "./binding.ts";

const folder = mkdtempSync(join(tmpdir(), "available-memory-"));
after(() => rmSync(folder, { recursive: true }));

/** What the engine reads from files such as Linux has them, in MiB. */
function availableMib(files: Readonly<Record<string, string>>): number {
  const root = mkdtempSync(join(folder, "root-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return engine().availableBytes(root) / 2 ** 20;
}

const mib = (count: number) => `${count * 2 ** 20}\n`;
const meminfo = { "/proc/meminfo": "MemTotal: 65536000 kB\nMemAvailable:   10240000 kB\n" };
const noLimit = "9223372036854771712\n";

/** A group of version 2; `cache` is what it holds of files that nobody has used lately. */
const group2 = (path: string, limit: string, used: number, cache = 0) => ({
  [`/sys/fs/cgroup${path}/memory.max`]: limit,
  [`/sys/fs/cgroup${path}/memory.current`]: mib(used),
  [`/sys/fs/cgroup${path}/memory.stat`]: `anon 1\nfile 2\ninactive_file ${mib(cache)}`,
});

const group1 = (path: string, limit: string, used: number, cache = 0) => ({
  [`/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`]: limit,
  [`/sys/fs/cgroup/memory${path}/memory.usage_in_bytes`]: mib(used),
  [`/sys/fs/cgroup/memory${path}/memory.stat`]: `inactive_file 0\ntotal_inactive_file ${mib(cache)}`,
});

const mounted2 = (group: string, root = "/") => ({
  "/proc/self/cgroup": `0::${group}\n`,
  "/proc/self/mountinfo": `22 1 0:5 / /proc rw - proc proc rw\n31 23 0:28 ${root} /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n`,
});

const mounted1 = (group: string, root = "/") => ({
  "/proc/self/cgroup": `5:cpu,cpuacct:/else\n4:memory:${group}\n0::/\n`,
  "/proc/self/mountinfo": [
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct",
    `35 31 0:32 ${root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`,
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    "",
  ].join("\n"),
});

test("without control groups, memory is what the kernel says of the machine", () => {
  assert.equal(availableMib(meminfo), 10_000);
  assert.equal(availableMib({ ...meminfo, ...mounted2("/"), ...mounted1("/") }), 10_000);
});

test("where no file says anything, nothing is refused", () => {
  assert.ok(availableMib({}) >= 2 ** 40);
});

for (const [version, group, mounted, none] of [
  [1, group1, mounted1, noLimit],
  [2, group2, mounted2, "max\n"],
] as const) {
  const limited = (text: string, used: number, cache?: number) =>
    availableMib({ ...meminfo, ...mounted("/job"), ...group("/job", text, used, cache) });

  test(`version ${version}: a group has its limit, less what it uses, and caches count as free`, () => {
    assert.equal(limited(mib(4000), 1000), 3000);
    assert.equal(limited(mib(4000), 1000, 400), 3400);
    assert.equal(limited(mib(4000), 5000), 0);
    assert.equal(limited(mib(4000), 100, 500), 4000);
  });

  test(`version ${version}: the machine counts where it has less, or the group has no limit`, () => {
    assert.equal(limited(mib(40_000), 1000), 10_000);
    assert.equal(limited(none, 1000), 10_000);
    assert.equal(limited("", 1000), 10_000);
  });

  test(`version ${version}: the tightest group above the process counts`, () => {
    const files = {
      ...meminfo,
      ...mounted("/slurm/job_7/step_0"),
      ...group("/slurm/job_7/step_0", none, 900),
      ...group("/slurm/job_7", mib(2000), 1500, 100),
      ...group("/slurm", mib(8000), 7000),
      ...group("/slurm/job_8", mib(10), 5),
    };
    assert.equal(availableMib(files), 600);
    assert.equal(availableMib({ ...files, ...group("/slurm", mib(8000), 7900) }), 100);
  });

  test(`version ${version}: in a container, the group that is mounted is the process's`, () => {
    const own = { ...meminfo, ...group("", mib(3000), 1000) };
    for (const [name, root] of [
      ["/docker/abc", "/docker/abc"], // as the host names it, version 1
      ["/", "/"], // in a namespace of its own
      ["/../def", "/"], // of a process from outside
      ["/docker/abcdef", "/docker/abc"], // another container's
    ] as const) {
      assert.equal(availableMib({ ...own, ...mounted(name, root) }), 2000, name);
    }
    const inside = { ...own, ...mounted("/docker/abc/job", "/docker/abc") };
    assert.equal(availableMib({ ...inside, ...group("/job", mib(900), 100) }), 800);
  });
}

test("this machine has memory, and no more than it can have", () => {
  const bytes = engine().availableBytes("");
  assert.ok(bytes > 2 ** 20 && bytes < 2 ** 50, `${bytes} bytes`);
});
