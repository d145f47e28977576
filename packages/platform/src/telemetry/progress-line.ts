/** What the live line shows. */
export interface ProgressStatus {
  /** From 0. */
  readonly epoch: number;
  readonly numEpochs: number;
  /** Optimizer steps that are done. */
  readonly step: number;
  readonly numSteps: number;
  readonly loss: number;
  readonly lr: number;
  readonly samplesPerSecond: number;
  readonly dataWaitFraction: number;
  /** Part of the work of reading that is decoding, 0 to 1; null: nothing was read. */
  readonly decodeFraction?: number | null;
  readonly etaS: number;
  readonly memoryBytes: number;
}

/** One line of at most 120 characters, without control codes: what matters least goes first. */
export function progressLine(status: ProgressStatus): string {
  const { epoch, numEpochs, step, numSteps } = status;
  const parts = [
    { text: `epoch ${epoch + 1}/${numEpochs}`, rank: 2 },
    { text: `step ${step}/${numSteps}`, rank: 0 },
    { text: `loss ${status.loss.toPrecision(4)}`, rank: 1 },
    { text: `lr ${status.lr.toExponential(1)}`, rank: 6 },
    { text: `${rate(status.samplesPerSecond)} samples/s`, rank: 4 },
    { text: dataWait(status), rank: 5 },
    { text: `ETA ${duration(status.etaS)}`, rank: 3 },
    { text: `${(status.memoryBytes / 2 ** 30).toFixed(2)} GiB`, rank: 7 },
  ];
  for (let ranks = parts.length; ; ranks--) {
    const shown = parts.filter(({ rank }) => rank < ranks);
    const line = shown.map(({ text }) => text).join("  ");
    if (line.length <= longest || ranks === 1) return line;
  }
}

const longest = 120;
/** Waits that are worth their cause. */
const muchWait = 0.1;

function dataWait({ dataWaitFraction, decodeFraction = null }: ProgressStatus): string {
  const percent = (part: number) => `${Math.round(part * 100)} %`;
  const wait = `data wait ${percent(dataWaitFraction)}`;
  if (decodeFraction === null || dataWaitFraction < muchWait) return wait;
  const isStorage = decodeFraction < 0.5;
  return `${wait} (${percent(isStorage ? 1 - decodeFraction : decodeFraction)} ${isStorage ? "storage" : "decoding"})`;
}

/** Three digits, as 4.56, 45.6 or 456; 0 before the first. */
const rate = (perSecond: number): string => {
  if (perSecond >= 1e6) return perSecond.toExponential(2);
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);
};

/** "8 s", "3 min 20 s", "2 h 05 min", "4 d 3 h". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const [s, min, h, d] = [
    whole % 60,
    Math.floor(whole / 60) % 60,
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 86400),
  ];
  const two = (n: number) => String(n).padStart(2, "0");
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${two(min)} min`;
  if (min > 0) return `${min} min ${two(s)} s`;
  return `${s} s`;
}
