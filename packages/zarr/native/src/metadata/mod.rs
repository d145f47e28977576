//! `zarr.json` and `.zarray`, checked before anything is allocated. zarrs reads data types, fill
//! values and codecs; sizes are checked first, here, because they decide what we allocate.

mod checks;
mod codecs;
mod sharding;
mod v2;
mod v3;

use std::fmt::Formatter;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::chain::Chain;
use crate::failure::{Code, Failure, Outcome};
use crate::keys::ChunkKeys;

pub use checks::product;

/// All that reading and writing needs to know about an array.
pub struct ArraySpec {
    pub shape: Vec<u64>,
    /// Shape of the smallest unit that is decoded by itself.
    pub chunk: Vec<u64>,
    pub shard: Option<ShardSpec>,
    pub dtype: String,
    pub element_bytes: usize,
    /// One element, in this machine's byte order.
    pub fill: Vec<u8>,
    pub chain: Chain,
    pub keys: ChunkKeys,
}

pub struct ShardSpec {
    /// Inner chunks along each axis of a shard.
    pub chunks: Vec<u64>,
    pub index_at_end: bool,
    pub index_has_crc: bool,
}

/// Reads the metadata of an array of Zarr format 2 or 3.
pub fn parse(text: &str, format: u32) -> Outcome<ArraySpec> {
    let document = serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
    let Document(document) = document;
    let parsed = if format == 2 { v2::parse(document) } else { v3::parse(document) };
    parsed.map_err(|failure| match failure {
        Refusal::Metadata(message) => refused(message),
        Refusal::Dtype(message) => Failure::new(Code::ZarrDtype, message),
    })
}

enum Refusal {
    Metadata(String),
    Dtype(String),
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self::Metadata(message)
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Code::ZarrMetadata, message)
}

/// All but what is TypeScript's, and possibly large.
struct Document(Map<String, Value>);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document;

    fn expecting(&self, formatter: &mut Formatter) -> std::fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Document, A::Error> {
        let mut document = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if matches!(key.as_str(), "attributes" | "dimension_names") {
                entries.next_value::<IgnoredAny>()?;
            } else {
                document.insert(key, entries.next_value()?);
            }
        }
        Ok(Document(document))
    }
}
