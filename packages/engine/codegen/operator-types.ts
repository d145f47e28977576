import type { NativeEngine } from "../src/binding.ts";

type Schema = ReturnType<NativeEngine["operatorTypes"]>;

/** The text of src/ops.gen.ts: one line for each operator of the dispatcher. */
export function operatorTypesFile(native: NativeEngine): string {
  const lines = native
    .operators()
    .map((name) => `  "${name}": ${functionType(native.operatorTypes(name))};`);
  return `${header}
export interface OperatorTypes {
${lines.join("\n")}
}
`;
}

const header = `// Generated from libtorch's schemas: \`node packages/engine/codegen/main.ts\` makes it again.

import type { Opaque } from "./binding.ts";
import type { Device } from "./device.ts";
import type { Dtype } from "./dtype.ts";
import type { Layout, MemoryFormat } from "./op-values.ts";
import type { Generator } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/** An integer; beyond 2^53 a bigint. */
type Int = number | bigint;
/** A number of any kind; an integer stays one. */
type Scalar = number | bigint | boolean | { readonly re: number; readonly im: number };

/** Every operator, with its arguments in the schema's order. */`;

function functionType({ names, inputs, presence, outputs }: Schema): string {
  const lastRequired = presence.lastIndexOf("required");
  const parameters = names.map((name, i) => {
    const type = inputType(inputs[i] ?? "");
    // A few schemas use a name twice, and a few use words that TypeScript keeps for itself.
    const isFree = names.indexOf(name) === i && !reserved.has(name);
    const parameter = isFree ? name : `${name}_${i}`;
    if (i > lastRequired) return `${parameter}?: ${type}`;
    return `${parameter}: ${type}${presence[i] === "optional" ? " | undefined" : ""}`;
  });
  // Results that a mask switches off are undefined tensors.
  const isMasked = names.some((name) => name === "output_mask" || name === "grad_input_mask");
  const results = outputs.map((type) => outputType(type, isMasked));
  const result = results.length === 1 ? results[0] : `[${results.join(", ")}]`;
  return `(${parameters.join(", ")}) => ${results.length === 0 ? "void" : result}`;
}

const reserved = new Set(["default", "in", "var", "with", "function", "export", "enum"]);

const types: ReadonlyMap<string, string> = new Map([
  ["Any", "unknown"],
  ["Device", "Device"],
  ["Generator", "Generator"],
  ["Layout", "Layout"],
  ["MemoryFormat", "MemoryFormat"],
  ["Scalar", "Scalar"],
  ["ScalarType", "Dtype"],
  ["SymBool", "boolean"],
  ["SymInt", "Int"],
  ["Tensor", "Tensor"],
  ["bool", "boolean"],
  ["float", "number"],
  ["int", "Int"],
  ["str", "string"],
]);

function inputType(type: string): string {
  if (type.endsWith("!")) return inputType(type.slice(0, -1));
  if (type.endsWith("?")) return `${inputType(type.slice(0, -1))} | null`;
  if (type.endsWith("[]")) {
    const element = inputType(type.slice(0, -2));
    return `readonly ${element.includes(" ") ? `(${element})` : element}[]`;
  }
  return types.get(type) ?? "Opaque";
}

function outputType(type: string, isMasked: boolean): string {
  if (type.endsWith("!")) return outputType(type.slice(0, -1), isMasked);
  if (type.endsWith("?")) return `${outputType(type.slice(0, -1), isMasked)} | null`;
  if (type.endsWith("[]")) return `${outputType(type.slice(0, -2), false)}[]`;
  if (type === "Tensor" && isMasked) return "Tensor | null";
  return type === "int" || type === "SymInt" ? "number" : (types.get(type) ?? "Opaque");
}
