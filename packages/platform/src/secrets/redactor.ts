import { homedir, userInfo } from "node:os";
import { type Found, findAll, replaceFound } from "./found.ts";
import { type SecretKind, secretKind } from "./secret-names.ts";
import { findCredentials, findTokens } from "./urls.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Shorter values are none that anybody guards, and could not be taken out of a text without taking
 * out its words: `SORT_KEY=data` is no key of the kind that is kept secret.
 */
const minLength = { password: 4, key: 8, login: 1 } as const;

/**
 * Keeps secrets out of what people and files get to see. A secret is the value of a variable whose
 * name says so; where it stands, `${oc.env:NAME}` is put, which in a config means the same. So are
 * passwords in URLs, whoever wrote them: nothing can bring those back. A login is kept back where it
 * is the user of a URL; elsewhere `postgres` or `data` is a word like any other.
 */
export class Redactor {
  readonly #env: Environment;
  /** Each way in which a value may be written, with its variable; the longest first. */
  readonly #forms: readonly Form[];

  constructor(env: Environment) {
    this.#env = env;
    this.#forms = Object.entries(env)
      .flatMap(([name, value = ""]) => {
        const kind = secretKind(name);
        return kind === null || !isSecret(kind, value) ? [] : formsOf(value, { kind, name });
      })
      .sort((a, b) => b.text.length - a.text.length);
  }

  /** The same text without a secret in it. */
  hide(text: string): string {
    const isUrl = (form: Form) => form.text.includes("://");
    const hidden = (text: string) => this.#exactly(text) ?? "***";
    return replaceFound(text, [
      ...this.#forms.filter(isUrl).map(finder),
      (text) => findTokens(text, hidden),
      (text) =>
        findCredentials(text, {
          password: hidden,
          user: (text) => replaceFound(text, this.#forms.map(finder)),
        }),
      ...this.#forms.filter((form) => !isUrl(form) && form.kind !== "login").map(finder),
    ]);
  }

  /**
   * The same data, with {@link hide} in every text: numbers stay numbers, keys are as they were, and
   * JSON stays JSON.
   */
  hideIn(value: unknown): unknown {
    return mapTexts(value, (text) => this.hide(text));
  }

  /** The variable whose value a text holds; null when it holds none. */
  foundIn(text: string): string | null {
    const forms = this.#forms.filter(({ kind }) => kind !== "login");
    return forms.find(({ pattern }) => text.match(pattern) !== null)?.name ?? null;
  }

  /** Takes back {@link hide} in every text of a value that was read from a file. */
  show(value: unknown): unknown {
    return mapTexts(value, (text) =>
      text.replaceAll(/\$\{oc\.env:(\w+)\}/g, (whole, name: string) =>
        secretKind(name) === null ? whole : (this.#env[name] ?? whole),
      ),
    );
  }

  #exactly(text: string): string | null {
    const name = this.#forms.find((form) => form.text === text)?.name;
    return name === undefined ? null : `\${oc.env:${name}}`;
  }
}

interface Form {
  readonly text: string;
  readonly pattern: RegExp;
  readonly name: string;
  readonly kind: SecretKind;
}

/** {@link Redactor.hideIn} by the environment as it is now. */
export const hideSecrets = <T>(value: T): T => new Redactor(process.env).hideIn(value) as T;

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]),
  );
}

function isSecret(kind: SecretKind, value: string): boolean {
  if (value.length < minLength[kind] || /^(?:true|false|null|none)$/i.test(value)) return false;
  return kind !== "login" || !isPublic(value);
}

/** In the path of every file here, and in every `ls -l`. */
function isPublic(login: string): boolean {
  const paths = [homedir(), process.cwd()];
  return loginOfProcess() === login || paths.some((path) => path.split("/").includes(login));
}

/** Null in a container whose user has no entry in /etc/passwd. */
function loginOfProcess(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** As it is, as in a URL, and as in JSON. */
function formsOf(value: string, { kind, name }: Pick<Form, "kind" | "name">): readonly Form[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, inUrl(value), inJson])].map((text) => ({
    text,
    pattern: patternOf(text, kind),
    name,
    kind,
  }));
}

/**
 * What could be a word, or a number, is a secret only as a whole one: `main` is not taken out of
 * `domain`, nor out of `main_run`. The rest is no word of anybody's, and found wherever it stands.
 */
function patternOf(form: string, kind: SecretKind): RegExp {
  const literal = form.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  const isWord = kind === "login" || /^(?:[\p{L}_-]+|\d+|[\p{L}\d_-]{1,11})$/u.test(form);
  if (!isWord) return new RegExp(literal, "g");
  const escaped = String.raw`\\[nrt]|%[\dA-F]{2}`; // ends in a letter, and is none
  return new RegExp(`(?:(?<![\\p{L}\\d_])|(?<=${escaped}))${literal}(?![\\p{L}\\d_])`, "gu");
}

const finder =
  ({ pattern, name }: Form) =>
  (text: string): readonly Found[] =>
    findAll(text, pattern, `\${oc.env:${name}}`);

function inUrl(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value; // half a surrogate pair
  }
}
