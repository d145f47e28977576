use serde_json::Value;
use zarrs::metadata::v3::MetadataV3;

use super::ShardSpec;
use super::checks::{product, sizes};
use super::codecs::{codecs, is_identity};

/// An index of 64 MiB.
const MAX_CHUNKS_PER_SHARD: u64 = 1 << 22;

/// The codec `sharding_indexed`, from its configuration.
pub struct Sharding {
    pub chunk: Vec<u64>,
    pub codecs: Vec<MetadataV3>,
    index_has_crc: bool,
    index_at_end: bool,
}

impl Sharding {
    pub fn parse(options: &Value) -> Result<Self, String> {
        let index: Vec<MetadataV3> = codecs(options, "index_codecs")?;
        let is_little = |codec: &MetadataV3| is_identity(codec, 8).unwrap_or(false);
        let index_has_crc = match index.as_slice() {
            [bytes] if is_little(bytes) => false,
            [bytes, crc] if is_little(bytes) && crc.name() == "crc32c" => true,
            other => {
                let names: Vec<_> = other.iter().map(MetadataV3::name).collect();
                return Err(format!(
                    "expected a shard index of little-endian bytes with or without crc32c, found {names:?}"
                ));
            }
        };
        let index_at_end = match options.get("index_location").map(|place| place.as_str()) {
            None | Some(Some("end")) => true,
            Some(Some("start")) => false,
            Some(other) => {
                return Err(format!("expected index_location start or end, found {other:?}"));
            }
        };
        let chunk = sizes(options.get("chunk_shape"), "the shard's chunk_shape", 1)?;
        Ok(Self { chunk, codecs: codecs(options, "codecs")?, index_has_crc, index_at_end })
    }

    pub fn spec(self, outer: &[u64]) -> Result<ShardSpec, String> {
        let divides = self.chunk.len() == outer.len()
            && outer.iter().zip(&self.chunk).all(|(outer, inner)| outer % inner == 0);
        if !divides {
            let inner = &self.chunk;
            return Err(format!(
                "expected a shard shape that chunks {inner:?} divide, found {outer:?}"
            ));
        }
        let chunks: Vec<u64> = outer.iter().zip(&self.chunk).map(|(o, i)| o / i).collect();
        let count = product(&chunks).filter(|&count| count <= MAX_CHUNKS_PER_SHARD);
        if count.is_none() {
            return Err(format!(
                "expected at most {MAX_CHUNKS_PER_SHARD} chunks in a shard, found {chunks:?}"
            ));
        }
        let Self { index_at_end, index_has_crc, .. } = self;
        Ok(ShardSpec { chunks, index_at_end, index_has_crc })
    }
}
