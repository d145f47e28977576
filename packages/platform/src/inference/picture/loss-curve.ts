import { createCanvas, type SKRSContext2D } from "@napi-rs/canvas";
import {
  Chart,
  type ChartDataset,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Title,
} from "chart.js";
import { fontFamily, registerFonts } from "../../picture/index.ts";
import { type CurvePoint, smoothed } from "./smoothed.ts";

export interface CurveContent {
  readonly title: string;
  readonly training: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
  /** Levels to compare with, as dashed lines. */
  readonly levels?: readonly { readonly label: string; readonly loss: number }[];
}

/** Training and validation loss over optimizer steps, as a PNG. */
export function lossCurve({ title, training, validation, levels = [] }: CurveContent): Buffer {
  registerFonts();
  Chart.register(LineController, LineElement, PointElement, LinearScale, Legend, Title);
  Chart.defaults.font.family = fontFamily;
  Chart.defaults.font.size = 14;
  const lastStep = Math.max(1, ...[...training, ...validation].map(({ step }) => step));
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  // The canvas has the browser's interface; the types of chart.js name the browser's own class.
  const chart = new Chart(context as unknown as ConstructorParameters<typeof Chart>[0], {
    type: "line",
    data: {
      datasets: [
        line("training, each step", training, { borderColor: "#b8c2d0", borderWidth: 1 }),
        line("training, smoothed", smoothed(training), { borderColor: "#3b6ea8", borderWidth: 2 }),
        line("validation", validation, {
          borderColor: "#d0582b",
          backgroundColor: "#d0582b",
          borderWidth: 2.5,
          pointRadius: 3,
        }),
        ...levels.map(({ label, loss }, i) =>
          line(
            label,
            [
              { step: 0, loss },
              { step: lastStep, loss },
            ],
            {
              borderColor: ["#4a8a4f", "#8a5a9e", "#5a6475"][i % 3] ?? "#5a6475",
              borderWidth: 1.5,
              borderDash: [7, 5],
            },
          ),
        ),
      ],
    },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: 1,
      layout: { padding: 18 },
      plugins: {
        title: { display: true, text: title, align: "start", font: { size: 18, weight: "bold" } },
        legend: { align: "start", labels: { boxHeight: 1, boxWidth: 28 } },
      },
      scales: {
        x: { type: "linear", min: 0, max: lastStep, title: { display: true, text: "step" } },
        y: {
          type: "linear",
          min: 0,
          max: largestShown(
            training,
            validation,
            levels.map(({ loss }) => ({ step: 0, loss })),
          ),
          title: { display: true, text: "mean squared error on hidden voxels" },
        },
      },
    },
    plugins: [{ id: "paper", beforeDraw: () => fillPaper(context) }],
  });
  const png = canvas.toBuffer("image/png");
  chart.destroy();
  return png;
}

const width = 1100;
const height = 620;

function fillPaper(context: SKRSContext2D): void {
  context.save();
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.restore();
}

function line(
  label: string,
  points: readonly CurvePoint[],
  style: Partial<ChartDataset<"line">>,
): ChartDataset<"line", { x: number; y: number }[]> {
  const data = points.map(({ step, loss }) => ({ x: step, y: loss }));
  return { pointRadius: 0, ...style, label, data } as ChartDataset<
    "line",
    { x: number; y: number }[]
  >;
}

/** The first steps of a run may be far above the rest: they do not set the scale. */
function largestShown(...curves: readonly (readonly CurvePoint[])[]): number {
  const losses = curves
    .flatMap((points) => points.slice(Math.floor(points.length / 20)))
    .map(({ loss }) => loss)
    .filter(Number.isFinite);
  return losses.length === 0 ? 1 : 1.1 * losses.reduce((a, b) => Math.max(a, b));
}
