import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CorruptCheckpointError } from "./checkpoint-errors.ts";

const digest = {
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
};

/** What a file must be, to the byte. */
export type FileDigest = Readonly<z.infer<z.ZodObject<typeof digest>>>;

const ManifestFile = z
  .strictObject({ name: z.string().regex(/^[a-z][a-z0-9-]*\.(safetensors|json)$/), ...digest })
  .readonly();
export type ManifestFile = z.infer<typeof ManifestFile>;

/** The last file of a checkpoint to be written: which files it consists of, and what they must be. */
export const Manifest = z
  .strictObject({
    format: z.literal("cello-checkpoint"),
    version: z.literal(1),
    step: z.int().nonnegative(),
    is_best: z.boolean().default(false).describe("`best` names it from its save on"),
    model: ManifestFile,
    optimizer: ManifestFile,
    state: ManifestFile,
  })
  .readonly();
export type Manifest = z.infer<typeof Manifest>;

export const manifestFile = "manifest.json";

/**
 * Reads a checkpoint's manifest, and compares the sizes of its files: cheap, and enough to list it.
 *
 * @throws {@link CorruptCheckpointError} when a file is missing or of another size.
 */
export async function readManifest(folder: string, step: number): Promise<Manifest> {
  const manifest = await parseManifest(folder);
  if (manifest.step !== step) {
    throw new CorruptCheckpointError(
      folder,
      `its manifest is of step ${manifest.step}, its folder of step ${step}`,
    );
  }
  for (const { name, bytes } of filesOf(manifest)) {
    const { size } = await stat(join(folder, name)).catch((cause: unknown) => {
      throw isOutage(cause)
        ? cause
        : new CorruptCheckpointError(folder, `${name} is missing`, cause);
    });
    if (size !== bytes) {
      throw new CorruptCheckpointError(folder, `${name} has ${size} bytes, expected ${bytes}`);
    }
  }
  return manifest;
}

/**
 * Reads every byte of a checkpoint's files and compares the hashes.
 *
 * @throws {@link CorruptCheckpointError} when one differs.
 */
export async function verifyFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const { name, sha256 } of filesOf(manifest)) {
    const found = await sha256OfFile(join(folder, name));
    if (found !== sha256) {
      throw new CorruptCheckpointError(
        folder,
        `${name} has sha256 ${found.slice(0, 12)}..., expected ${sha256.slice(0, 12)}...`,
      );
    }
  }
}

export function filesOf({ model, optimizer, state }: Manifest): readonly ManifestFile[] {
  return [model, optimizer, state];
}

async function parseManifest(folder: string): Promise<Manifest> {
  try {
    return Manifest.parse(JSON.parse(await readFile(join(folder, manifestFile), "utf8")));
  } catch (cause) {
    if (isOutage(cause)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new CorruptCheckpointError(folder, `${manifestFile} cannot be read: ${reason}`, cause);
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(bytes);
  return hash.digest("hex");
}

/** A file that cannot be asked for now, which says nothing about what is in it. */
function isOutage(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return [
    "EACCES",
    "EAGAIN",
    "EMFILE",
    "ENFILE",
    "ENOMEM",
    "EPERM",
    "ESTALE",
    "ETIMEDOUT",
  ].includes(code);
}
