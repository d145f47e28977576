import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";

const known = () => z.string().nullable().default(null);

/**
 * Where a process runs, as far as its pid means something there; null is not known. Two containers
 * may have one host name, and each its own process 17.
 */
export const ProcessPlace = z
  .strictObject({
    host: z.string(),
    bootId: known().describe("another one each time the machine starts"),
    pidNamespace: known().describe("whose pids it sees, and who sees its own"),
    machineId: known().describe("of the installed system; it outlives a start of the machine"),
  })
  .readonly();
export type ProcessPlace = z.infer<typeof ProcessPlace>;

/** The place of this process. */
export async function thisPlace(): Promise<ProcessPlace> {
  const orNull = async (text: Promise<string>) => (await text.catch(() => "")).trim() || null;
  const [bootId, pidNamespace, machineId] = await Promise.all([
    orNull(readFile("/proc/sys/kernel/random/boot_id", "utf8")),
    orNull(readlink("/proc/self/ns/pid")),
    orNull(readFile("/etc/machine-id", "utf8")),
  ]);
  return { host: hostname(), bootId, pidNamespace, machineId };
}

/** What is known, from here, of a process that ran at `there`: it can be looked up, or ended, or neither. */
export type Sight = "visible" | "ended" | "unknown";

/** The processes of an earlier start of this machine have ended; those of other places are not seen. */
export function sightOf(there: ProcessPlace, here: ProcessPlace): Sight {
  const differs = (name: Exclude<keyof ProcessPlace, "host">) =>
    there[name] !== null && here[name] !== null && there[name] !== here[name];
  if (there.host !== here.host || differs("machineId")) return "unknown";
  if (!differs("bootId")) return differs("pidNamespace") ? "unknown" : "visible";
  const isMachine = (place: ProcessPlace) =>
    place.machineId !== null && place.pidNamespace === firstNamespace;
  return isMachine(there) && isMachine(here) ? "ended" : "unknown";
}

/** The one that a machine starts with (PROC_PID_INIT_INO of Linux): no container has it. */
const firstNamespace = "pid:[4026531836]";
