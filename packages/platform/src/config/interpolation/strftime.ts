import { ResolverFault } from "./resolver-fault.ts";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const two = (value: number) => String(value).padStart(2, "0");

/** What each letter prints, in English and in local time, as C does without a locale. */
const formats: Readonly<Record<string, (date: Date) => string>> = {
  "%": () => "%",
  A: (date) => days[date.getDay()] ?? "",
  B: (date) => months[date.getMonth()] ?? "",
  H: (date) => two(date.getHours()),
  I: (date) => two(date.getHours() % 12 || 12),
  M: (date) => two(date.getMinutes()),
  S: (date) => two(date.getSeconds()),
  Y: (date) => String(date.getFullYear()),
  a: (date) => (days[date.getDay()] ?? "").slice(0, 3),
  b: (date) => (months[date.getMonth()] ?? "").slice(0, 3),
  d: (date) => two(date.getDate()),
  f: (date) => String(date.getMilliseconds() * 1000).padStart(6, "0"),
  j: (date) => String(dayOfYear(date)).padStart(3, "0"),
  m: (date) => two(date.getMonth() + 1),
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  w: (date) => String(date.getDay()),
  y: (date) => two(date.getFullYear() % 100),
  F: (date) => strftime(date, "%Y-%m-%d"),
  T: (date) => strftime(date, "%H:%M:%S"),
};

/** `%Y-%m-%d` and its like, as Python's `strftime`. */
export function strftime(date: Date, pattern: string): string {
  return pattern.replaceAll(/%(.?)/gsu, (directive, letter: string) => {
    const format = Object.hasOwn(formats, letter) ? formats[letter] : undefined;
    if (format) return format(date);
    const known = Object.keys(formats).sort().join(" ");
    throw new ResolverFault(`${directive} is not known; after % there may be ${known}`);
  });
}

function dayOfYear(date: Date): number {
  const noon = (year: number, month: number, day: number) => Date.UTC(year, month, day, 12);
  const here = noon(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((here - noon(date.getFullYear(), 0, 0)) / 86_400_000);
}
