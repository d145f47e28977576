import { createRequire } from "node:module";
import { GlobalFonts } from "@napi-rs/canvas";

/** The family that pictures are lettered in. */
export const fontFamily = "DejaVu Sans";

/** Makes the font known to the canvas; machines without any fonts have it from an npm package. */
export function registerFonts(): void {
  if (GlobalFonts.has(fontFamily)) return;
  const { resolve } = createRequire(import.meta.url);
  for (const file of ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]) {
    GlobalFonts.registerFromPath(resolve(`dejavu-fonts-ttf/ttf/${file}`), fontFamily);
  }
}
