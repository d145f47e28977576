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
  readonly etaS: number;
  readonly memoryBytes: number;
}

/** One line of at most 120 characters, without control codes. */
export function progressLine(status: ProgressStatus): string {
  const { epoch, numEpochs, step, numSteps } = status;
  return [
    `epoch ${epoch + 1}/${numEpochs}`,
    `step ${step}/${numSteps}`,
    `loss ${status.loss.toPrecision(4)}`,
    `lr ${status.lr.toExponential(1)}`,
    `${rate(status.samplesPerSecond)} samples/s`,
    `data wait ${Math.round(status.dataWaitFraction * 100)} %`,
    `ETA ${duration(status.etaS)}`,
    `${(status.memoryBytes / 2 ** 30).toFixed(2)} GiB`,
  ].join("  ");
}

/** Three digits, as 4.56, 45.6 or 456; 0 before the first. */
const rate = (perSecond: number): string =>
  perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(3);

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
