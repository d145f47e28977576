import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/**
 * The words behind a command of this repository. A flag that there is not, or that lacks its value,
 * ends the process with 2 and a sentence; `usage` is what may be typed.
 */
export function commandLine<const O extends ParseArgsOptionsConfig>(options: O, usage: string) {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    const isTheirs = error instanceof TypeError && "code" in error;
    if (!isTheirs || !String(error.code).startsWith("ERR_PARSE_ARGS_")) throw error;
    const [sentence = ""] = error.message.split(". "); // what follows is advice for other cases
    const text = sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
    console.error(`${text}; write: ${usage}`);
    return process.exit(2);
  }
}
