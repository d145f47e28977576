/** Columns that say where a tile is, and their names in a relation: `exists` is a word of SQL. */
export const storageFlags = [
  ["exists", "exists_clusterfs"],
  ["exists_prfs", "exists_prfs"],
  ["exists_aws", "exists_aws"],
  ["exists_oak", "exists_oak"],
] as const;
