import type { Found } from "./found.ts";

/** How what stands before the `@` of a URL is shown. */
interface Credentials {
  user(text: string): string;
  password(text: string): string;
}

const reference = String.raw`\$\{[\w.:]*\}`;
const start = String.raw`\b([a-z][a-z0-9+.-]*):\/\/((?:${reference}|[^\s/@:"'<>[])*)`;
const near = String.raw`(?:(?!:\/\/)[^\s"'<>])`;
const far = String.raw`(?:(?!:\/\/)[^\r\n"'<>])`;
/** To the last `@` of the word, and of the next words that have one; else over spaces to the first. */
const secret = String.raw`(?![\s/])(?:${near}*@(?:${near}* +${near}*@)*|${far}*?@(?:${near}*@)?)`;
const credentials = new RegExp(`${start}(?::(${secret})|@)`, "gi");

/** Each URL with a user or password, up to its host. */
export function findCredentials(text: string, { user, password }: Credentials): readonly Found[] {
  if (!text.includes("://")) return [];
  return [...text.matchAll(credentials)].flatMap((match) => {
    const { 0: whole, 1: scheme = "", 2: name = "", 3: rest, index } = match;
    const isWeb = /^(?:https?|wss?)$/i.test(scheme);
    if (rest === undefined) {
      const shown = `${scheme}://${isWeb && !isReference(name) ? password(name) : user(name)}@`;
      return name === "" ? [] : [{ index, whole, shown }];
    }
    const behind = text.slice(index + whole.length);
    if (isWeb && /^\d{1,5}\s/.test(rest)) return [];
    if (isWeb && isPort(rest) && !(isUser(name) && isHost(behind))) return [];
    const hidden = rest.slice(0, -1);
    const shown = isReference(hidden) ? hidden : password(hidden);
    return [{ index, whole, shown: `${scheme}://${user(name)}:${shown}@` }];
  });
}

/** In `https://host:8080/a@b` the `@` is part of a path; a database's URL has none there. */
const isPort = (text: string) => /^\d{1,5}\//.test(text);
const isUser = (text: string) => !/\.|^localhost$/.test(text);
const isHost = (text: string) => /^(?:[\w-]+\.)+[a-z]{2,}(?=[:/?#\s]|$)|^localhost\b/i.test(text);

const tokens =
  /(?<=[?&][\w.-]*(?:pass|password|secret|token|key|key_id|credential|signature|sig)=)[^&#\s"'<>]+/gi;

/** `?token=...`, `&X-Amz-Signature=...`: what stands behind the `=`. */
export function findTokens(text: string, show: (token: string) => string): readonly Found[] {
  if (!text.includes("://")) return [];
  return [...text.matchAll(tokens)].map(({ 0: whole, index }) => ({
    index,
    whole,
    shown: isReference(whole) ? whole : show(whole),
  }));
}

const isReference = (text: string) => new RegExp(`^(?:${reference})+$`).test(text);
