import type { RelationTexts } from "../server/choose-relations.ts";
import { catalogueRelations } from "./catalogue-relations.ts";
import { cubesRelation } from "./reference-cubes.ts";
import { referenceTiles } from "./reference-tiles.ts";
import { viewRelation } from "./reference-view.ts";

/** The relations that PostgreSQL's are, in Trino's words for arrays and JSON. */
export const trinoRelations: RelationTexts = {
  catalogue: catalogueRelations,
  referenceTiles,
  /** JSON is read here as if a key came once: of its frames it would give any one. */
  viewsTellFrames: false,
  views: viewRelation,
  cubes: cubesRelation,
};
