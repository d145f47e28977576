import { readFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import type { Loader, Plugin } from "esbuild";
import { repository } from "../command.ts";

/** Hands each source of ours to `note` just before it is read, and makes parts of a script of modules. */
export function sourcePlugin(note: (name: string) => void): Plugin {
  return {
    name: "sources",
    setup({ onLoad }) {
      onLoad({ filter: /\.(?:[cm]?[jt]s|json)$/ }, ({ path }) => {
        const name = relative(repository, path);
        if (!name.includes("node_modules/")) note(name);
        const text = readFileSync(join(repository, name), "utf8");
        const loader = extname(path).replace(/^\.[cm]?/, "") as Loader; // the filter lets no other by
        return { loader, contents: withoutModuleWords(startingFast(text), name) };
      });
    },
  };
}

/** What is a module's own. Where it lies is told by its place in the repository, which may move. */
const withoutModuleWords = (text: string, name: string): string =>
  text
    .replaceAll(/createRequire\(import\.meta\.url\)\("(\.[^"]+)"\)/g, 'require("$1")')
    .replaceAll(/\bimport\((?=[a-z])/g, "importFrom(") // by a name that is known only then
    .replaceAll("import.meta.dirname", `dirnameOf(${JSON.stringify(dirname(name))})`)
    .replaceAll("import.meta.url", `urlOf(${JSON.stringify(name)})`);

/** Without these a start does the same, and takes longer. */
const startingFast = (text: string): string =>
  text
    // zod's functions one by one, so that those which nobody uses are left out
    .replace('import { z } from "zod"', 'import * as z from "zod"')
    // commander starts processes for those who ask it to; Node loads sockets for it
    .replace(
      "import childProcess from 'node:child_process';",
      "const childProcess = { get spawn() { return require('node:child_process').spawn; } };",
    );
