import { DataError } from "../errors.ts";

const maxTags = 2_000_000;

export type Attributes = ReadonlyMap<string, string>;

/** Every tag in order, with its attributes; a prefix before the name is dropped. */
export function* xmlTags(
  xml: string,
  path: string,
): Generator<{ name: string; attributes: Attributes }> {
  let at = 0;
  for (let count = 0; ; count++) {
    const open = xml.indexOf("<", at);
    if (open < 0) return;
    if (count > maxTags) fail(path, `has more than ${maxTags} tags`);
    if (xml.startsWith("<!--", open)) {
      const end = xml.indexOf("-->", open);
      if (end < 0) fail(path, "ends inside a comment");
      at = end + 3;
      continue;
    }
    const close = xml.indexOf(">", open);
    if (close < 0) fail(path, "ends inside a tag");
    const text = xml.slice(open + 1, close);
    at = close + 1;
    const name = /^[^\s/>]+|^\/[^\s>]+/.exec(text)?.[0] ?? "";
    yield { name: name.replace(/^(\/?)[^:]*:/, "$1"), attributes: attributesOf(text) };
  }
}

function attributesOf(text: string): Attributes {
  const found = new Map<string, string>();
  for (const [, name = "", , double, single] of text.matchAll(
    /([\w:]{1,64})=("([^"]{0,4096})"|'([^']{0,4096})')/g,
  )) {
    found.set(name, unescapeXml(double ?? single ?? ""));
  }
  return found;
}

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{2,4});/gi, (whole, code: string) => {
    if (!code.startsWith("#")) return named[code] ?? whole;
    const point = code[1] === "x" ? Number.parseInt(code.slice(2), 16) : Number(code.slice(1));
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

/** What is wrong with the metadata of a file, said with its name. */
export function fail(path: string, what: string): never {
  throw new DataError("TIFF_METADATA", `${path}: its OME-XML ${what}`);
}
