import { homedir, userInfo } from "node:os";
import { isLoginName, isSecretName } from "./secret-names.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Less could not be taken out of a text without taking out half of its words. */
const minLength = 4;

/**
 * Keeps secrets out of what people and files get to see. A secret is the value of a variable whose
 * name says so; where it stands, `${oc.env:NAME}` is put, which in a config means the same. So are
 * passwords in URLs, whoever wrote them: nothing can bring those back.
 */
export class Redactor {
  readonly #env: Environment;
  /** Each way in which a value may be written, with its variable; the longest first. */
  readonly #forms: readonly Form[];

  constructor(env: Environment) {
    this.#env = env;
    this.#forms = Object.entries(env)
      .flatMap(([name, value]) =>
        value !== undefined && isSecret(name, value)
          ? formsOf(value).map((text) => ({ text, name, pattern: patternOf(text) }))
          : [],
      )
      .sort((a, b) => b.text.length - a.text.length);
  }

  /** The same text without a secret in it. */
  hide(text: string): string {
    const hidden = this.#forms.reduce(
      (text, { pattern, name }) => text.replaceAll(pattern, () => `\${oc.env:${name}}`),
      text,
    );
    return hideInUrls(hidden);
  }

  /** The same data, with {@link hide} in every text: numbers stay numbers, and JSON stays JSON. */
  hideIn(value: unknown): unknown {
    return mapTexts(value, (text) => this.hide(text));
  }

  /** The variable whose value a text holds; null when it holds none. */
  foundIn(text: string): string | null {
    return this.#forms.find(({ pattern }) => text.match(pattern) !== null)?.name ?? null;
  }

  /** Takes back {@link hide} in every text of a value that was read from a file. */
  show(value: unknown): unknown {
    return mapTexts(value, (text) =>
      text.replaceAll(/\$\{oc\.env:(\w+)\}/g, (whole, name: string) =>
        isSecretName(name) ? (this.#env[name] ?? whole) : whole,
      ),
    );
  }
}

interface Form {
  readonly text: string;
  readonly pattern: RegExp;
  readonly name: string;
}

/** {@link Redactor.hideIn} by the environment as it is now. */
export const hideSecrets = <T>(value: T): T => new Redactor(process.env).hideIn(value) as T;

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [change(key), mapTexts(item, change)]),
  );
}

function isSecret(name: string, value: string): boolean {
  if (value.length < minLength || !isSecretName(name)) return false;
  if (/^(?:true|false|null|none)$/i.test(value)) return false;
  return !isLoginName(name) || !isPublic(value);
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
function formsOf(value: string): readonly string[] {
  const inJson = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, inUrl(value), inJson])];
}

/** A secret of digits is no part of a longer number. */
function patternOf(form: string): RegExp {
  const literal = form.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(/^\d+$/.test(form) ? `(?<!\\d)${literal}(?!\\d)` : literal, "g");
}

function inUrl(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value; // half a surrogate pair
  }
}

/** `postgresql://user:***@host`, `https://***@host`, `?token=***`. */
function hideInUrls(text: string): string {
  if (!text.includes("://")) return text;
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/@:"'<>]*):(?!\/|\d+\/)[^\s"'<>]*@/gi, "$1:***@")
    .replaceAll(/\b(https?:\/\/)(?![^\s/@"'<>]*:\*\*\*@)[^\s/@:"'<>]+@/gi, "$1***@")
    .replaceAll(
      /([?&][\w.-]*(?:pass|password|secret|token|key|signature|sig)=)[^&#\s"'<>]+/gi,
      "$1***",
    );
}
