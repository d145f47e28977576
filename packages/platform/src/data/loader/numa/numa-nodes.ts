import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Processors that share memory, as the kernel sees them. */
export interface NumaNode {
  readonly id: number;
  readonly cpus: readonly number[];
  /** To each node, by its place in the list: 10 is itself. */
  readonly distances: readonly number[];
}

/** The machine's nodes, in the order of their numbers; none where the kernel does not tell. */
export function readNumaNodes(system = "/sys/devices/system/node"): readonly NumaNode[] {
  return entries(system)
    .flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((id) => {
      const text = (file: string) => contents(join(system, `node${id}`, file));
      const distances = text("distance").split(/\s+/).filter(Boolean).map(Number);
      return { id, cpus: cpusOf(text("cpulist")), distances };
    });
}

/**
 * The node next to the GPU that a run uses, the first of those it may see; null where that is not
 * known, or there is none.
 *
 * CUDA counts GPUs from the fastest on, and in the order of their PCI addresses where they are alike
 * or CUDA_DEVICE_ORDER says so. How fast each is, the kernel does not tell.
 */
export function nodeOfGpu(
  env: Readonly<Record<string, string | undefined>>,
  devices = "/sys/bus/pci/devices",
): number | null {
  const gpus = entries(devices)
    .sort()
    .filter((address) => {
      const text = (file: string) => contents(join(devices, address, file));
      return text("vendor") === "0x10de" && text("class").startsWith("0x03");
    });
  const models = new Set(gpus.map((address) => contents(join(devices, address, "device"))));
  if (models.size > 1 && env.CUDA_DEVICE_ORDER !== "PCI_BUS_ID") return null;
  const [visible = ""] = (env.CUDA_VISIBLE_DEVICES ?? "0").split(",");
  // Not names of devices (GPU-..., MIG-...); an empty list, or -1, hides them all.
  const gpu = /^\d+$/.test(visible.trim()) ? gpus[Number(visible)] : undefined;
  const node = gpu === undefined ? Number.NaN : Number(contents(join(devices, gpu, "numa_node")));
  return node >= 0 ? node : null;
}

/** "0-3,8" as [0, 1, 2, 3, 8]. */
export function cpusOf(list: string): readonly number[] {
  return list
    .split(",")
    .filter(Boolean)
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not every kernel, nor every container, shows it
  }
}

function contents(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
