// How the folder of a checkpoint is named, and the files in it.

export const modelFile = "model.safetensors";
export const optimizerFile = "optimizer.safetensors";
export const stateFile = "state.json";

/** `step-000000100`: the names sort as the steps do. */
export function folderName(step: number): string {
  return `step-${String(step).padStart(9, "0")}`;
}

/** The step of a checkpoint that is listed; null for any other name. */
export function stepOf(name: string): number | null {
  const [, digits] = /^step-(\d{9,})$/.exec(name) ?? [];
  return digits === undefined ? null : Number(digits);
}
