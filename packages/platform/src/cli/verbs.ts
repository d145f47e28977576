import type { Verb, VerbGroup } from "./verb.ts";

/** A verb as the first help shows it; its file is read when the verb is named. */
export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Verb | VerbGroup>;
}

/** Every verb, in the order of the help. */
export const verbs: readonly VerbEntry[] = [
  {
    name: "doctor",
    summary: "check this machine, and say what to do about what it lacks",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    name: "data",
    summary: "get images, list them in a catalogue, ask it, check them",
    load: async () => (await import("./data.ts")).data,
  },
  {
    name: "train",
    summary: "train a model; the same command goes on where it stopped",
    load: async () => (await import("./train.ts")).train,
  },
  {
    name: "eval",
    summary: "measure a trained model on the samples that training did not see",
    load: async () => (await import("./eval.ts")).evaluate,
  },
  {
    name: "predict",
    summary: "rebuild a masked volume with a trained model, and draw it",
    load: async () => (await import("./predict.ts")).predict,
  },
  {
    name: "manager",
    summary: "do what a config's job_type says: train, test or predict",
    load: async () => (await import("./manager.ts")).manager,
  },
  {
    name: "config",
    summary: "print and list configs",
    load: async () => (await import("./config.ts")).config,
  },
  {
    name: "explain",
    summary: "say more about an error code",
    load: async () => (await import("./explain.ts")).explain,
  },
  {
    name: "completion",
    summary: "print what a shell needs to complete verbs, groups, options and keys",
    load: async () => (await import("./completion.ts")).completion,
  },
];
