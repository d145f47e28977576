import { ConfigInterpolationError } from "../faults/errors.ts";
import { keyOf, type Node } from "../node/node.ts";
import { pythonStr } from "../node/python-text.ts";
import type { Source } from "../node/source.ts";
import { isToken, primitive, tokenText } from "./primitive.ts";
import type { Argument, Reference, Template } from "./template.ts";

/** What references inside an argument stand for. */
interface Expand {
  /** Text in quotes, with its references replaced; a reference alone keeps its type. */
  quoted(template: Template): Node;
  reference(reference: Reference): Node;
  /** The same as it is printed between text. */
  text(reference: Reference): string;
}

/** An argument of a resolver's call, as a value. */
export function argumentNode(argument: Argument, source: Source, expand: Expand): Node {
  switch (argument.kind) {
    case "quoted":
      return { kind: "scalar", value: pythonStr(expand.quoted(argument.template)), source };
    case "list": {
      const items = argument.items.map((item) => argumentNode(item, source, expand));
      return { kind: "list", items, source };
    }
    case "map": {
      const entries = argument.entries.map(([key, value]) => {
        const { value: name } = primitive(key, source);
        if (name === null) throw new ConfigInterpolationError(source, "null is no key");
        const node = argumentNode(value, source, expand);
        return [keyOf(name), { keySource: source, node }] as const;
      });
      return { kind: "map", entries: new Map(entries), source };
    }
    case "primitive": {
      const [only, ...more] = argument.parts;
      if (only && "text" in only && !isToken(only) && more.length === 0) {
        return expand.reference(only);
      }
      if (argument.parts.every(isToken)) return primitive(argument.parts, source);
      const texts = argument.parts.map((part) =>
        isToken(part) ? tokenText(part) : expand.text(part),
      );
      return { kind: "scalar", value: texts.join(""), source };
    }
    default:
      return argument satisfies never;
  }
}
