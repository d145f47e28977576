import { CellError } from "../errors/index.ts";

/**
 * What an armed failpoint does: end the process as `kill -9` would, stop it until it is sent SIGCONT,
 * wait a second, or fail as a disk would.
 */
type Action = "kill" | "stop" | "throw" | "sleep" | "enospc" | "eio";

interface Armed {
  readonly action: Action;
  /** The call at which it goes off, from 1. */
  readonly at: number;
}

/** An armed failpoint of action `throw` was reached. */
export class FailpointError extends CellError {
  readonly code = "FAILPOINT";
  readonly hint = "This failure was asked for by CELLO_FAILPOINT; unset it.";

  constructor(name: string) {
    super(`failpoint ${name} went off`);
  }
}

/** CELLO_FAILPOINT holds something other than `name=action@n`. */
export class FailpointSyntaxError extends CellError {
  readonly code = "FAILPOINT_SYNTAX";
  readonly hint =
    "Write name=action@n, action one of kill, stop, throw, sleep, enospc, eio; commas between.";

  constructor(text: string) {
    super(`CELLO_FAILPOINT has "${text}", expected name=action@n, as in ckpt.beforeRename=kill@2`);
  }
}

/**
 * A named point where tests make the program fail, armed by the environment:
 * `CELLO_FAILPOINT=ckpt.beforeRename=kill@2` ends the process at its second call.
 * Without the variable it does nothing.
 */
export async function failpoint(name: string): Promise<void> {
  const found = armed().get(name);
  if (found === undefined) return;
  const call = (calls.get(name) ?? 0) + 1;
  calls.set(name, call);
  if (call !== found.at) return;
  await goOff(name, found.action);
}

/** Reads `a=kill@1,b=eio@3`. */
export function parseFailpoints(text: string): ReadonlyMap<string, Armed> {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  return new Map(
    parts.map((part) => {
      const [, name, action, at = "1"] =
        /^\s*([\w.]+)=(kill|stop|throw|sleep|enospc|eio)(?:@(\d+))?\s*$/.exec(part) ?? [];
      if (name === undefined || action === undefined) throw new FailpointSyntaxError(part);
      return [name, { action: action as Action, at: Number(at) }];
    }),
  );
}

const calls = new Map<string, number>();
let parsed: ReadonlyMap<string, Armed> | undefined;

function armed(): ReadonlyMap<string, Armed> {
  parsed ??= parseFailpoints(process.env.CELLO_FAILPOINT ?? "");
  return parsed;
}

async function goOff(name: string, action: Action): Promise<void> {
  switch (action) {
    case "kill":
      process.kill(process.pid, "SIGKILL");
      return await new Promise(() => {}); // the signal is on its way: nothing after this point may run
    case "stop":
      process.kill(process.pid, "SIGSTOP");
      return;
    case "sleep":
      return await new Promise((resolve) => setTimeout(resolve, 1000));
    case "throw":
      throw new FailpointError(name);
    case "enospc":
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    case "eio":
      throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });
    default:
      action satisfies never;
  }
}
