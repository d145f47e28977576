import { mkdir, realpath, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { DataError } from "../errors.ts";
import { describeImage } from "../scan/describe-image.ts";
import { writing } from "../volume/writing.ts";

/**
 * Puts a link to an OME-Zarr image at `path`: nothing is copied or changed.
 *
 * @throws ZarrError when there is no image; {@link DataError} DATA_EXISTS, DATA_WRITE.
 */
export async function linkImage(file: string, path: string) {
  const { shape, array } = await describeImage(file);
  const target = await realpath(file);
  const isNew = await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    return await symlink(target, path, "dir").then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return false;
      },
    );
  });
  if (!isNew && (await realpath(path)) !== target) {
    throw new DataError("DATA_EXISTS", `there is something else at ${path} already`);
  }
  return { shape, dtype: array.dtype, isNew };
}
