export { MaskedEncoder } from "./backbones/masked-encoder.ts";
export { MaskedPredictor } from "./backbones/masked-predictor.ts";
export { type VitSize, type VitSizeName, vitSizes } from "./backbones/vit-sizes.ts";
export type { MaskedBatch, ModelOutput, TrainableModel } from "./contract.ts";
export { buildMae } from "./mae/build-mae.ts";
export { MaskedAutoencoder } from "./mae/model.ts";
