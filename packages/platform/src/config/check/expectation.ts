import type { z } from "zod";
import { nearest } from "../faults/nearest.ts";

type Issue = z.core.$ZodIssue;

/** What would have been right, in words. */
export function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return typeNames[issue.expected] ?? issue.expected;
    case "too_small":
      return sized(issue.origin, issue.inclusive ? "at least" : "above", issue.minimum);
    case "too_big":
      return sized(issue.origin, issue.inclusive ? "at most" : "below", issue.maximum);
    case "invalid_value":
      return oneOf(issue.values, issue.input);
    case "invalid_union":
      return union(issue);
    case "unrecognized_keys":
      return `no key ${issue.keys.join(", ")}`;
    default:
      return issue.message;
  }
}

function oneOf(values: readonly unknown[], input: unknown): string {
  const near = nearest(String(input), values.map(String));
  const advice = near === undefined ? "" : ` (did you mean ${near}?)`;
  const list = values.map((value) => JSON.stringify(value)).join(", ");
  return `${values.length > 1 ? "one of " : ""}${list}${advice}`;
}

/** A list of kinds that the value is none of, or what each of several types would have needed. */
function union(issue: Extract<Issue, { code: "invalid_union" }>): string {
  if ("options" in issue && issue.options) return oneOf(issue.options, tagOf(issue));
  const needs = issue.errors.flatMap(([first]) => (first ? [expectation(first)] : []));
  return [...new Set(needs)].join(", or ");
}

/** The value that was wrong; of a union by `kind`, the kind. */
function tagOf(issue: Issue): unknown {
  const tag = issue.code === "invalid_union" ? issue.path.at(-1) : undefined;
  const isUnion = "discriminator" in issue && typeof issue.input === "object" && tag !== undefined;
  return isUnion && issue.input !== null ? Reflect.get(issue.input as object, tag) : issue.input;
}

const typeNames: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  null: "null",
  number: "a number",
  object: "keys and values",
  record: "keys and values",
  string: "text",
  tuple: "a list",
};

function sized(origin: string, relation: string, bound: number | bigint): string {
  if (origin === "array") return `a list of ${relation} ${bound}`;
  if (origin === "string") return `text of ${relation} ${bound} characters`;
  return `a number ${relation} ${bound}`;
}
