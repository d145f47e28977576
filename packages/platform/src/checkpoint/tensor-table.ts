import { scope, Tensor } from "@cell-observatory/engine";
import type { SafetensorsDtype } from "@cell-observatory/zarr";
import { loadState, type StateDict } from "../nn/index.ts";
import type { TensorTable } from "./disk.ts";

/** Tensors as the store writes them. The bytes are the tensors' own: write them before they change. */
export function tensorTable(tensors: StateDict): TensorTable {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const { dtype, shape } = tensor;
      // The array keeps the memory alive, also that of a copy from another device.
      const bytes = scope(() => tensor.detach().to({ device: "cpu" }).contiguous().bytes());
      // The one type that the format lacks (complex128) is refused by the writer, by name.
      return [name, { dtype: dtype as SafetensorsDtype, shape, bytes }];
    }),
  );
}

/**
 * Copies a checkpoint's tensors into those of a model or an optimizer, after all were compared.
 *
 * @throws StateDictError (nn) with a table of the names, shapes and dtypes that differ; then nothing
 *   was copied.
 */
export function loadTensorTable(own: StateDict, table: TensorTable): void {
  scope(() => {
    const given = new Map(
      [...table].map(([name, { dtype, shape, bytes }]) => {
        const tensor = Tensor.empty(shape, { dtype });
        tensor.bytes().set(bytes);
        return [name, tensor];
      }),
    );
    loadState(own, given, { isStrict: true });
  });
}
