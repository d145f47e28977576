use serde_json::{Map, Value};
use zarrs::array::{ArrayMetadataV3, CodecChain, DataType};

use super::checks::{checked_bytes, known_dtype, not_a_fill_value, sizes};
use super::codecs::{is_identity, options, split_codecs, zarrs_head};
use super::sharding::Sharding;
use super::{ArraySpec, Refusal};
use crate::chain::{Chain, Head};
use crate::keys::ChunkKeys;

/// `zarr.json` of an array.
pub fn parse(document: Map<String, Value>) -> Result<ArraySpec, Refusal> {
    let shape = sizes(document.get("shape"), "shape", 0)?;
    let metadata: ArrayMetadataV3 =
        serde_json::from_value(Value::Object(document)).map_err(|error| error.to_string())?;
    if let Some((name, _)) = metadata.additional_fields.iter().find(|(_, f)| f.must_understand()) {
        return Err(format!("expected no field that must be understood, found {name:?}").into());
    }
    if let Some(transformer) = metadata.storage_transformers.first() {
        let name = transformer.name();
        return Err(format!("expected no storage transformer, found {name:?}").into());
    }
    let grid = options(&metadata.chunk_grid);
    if metadata.chunk_grid.name() != "regular" {
        let name = metadata.chunk_grid.name();
        return Err(format!("expected a regular chunk grid, found {name:?}").into());
    }
    let outer = sizes(grid.get("chunk_shape"), "chunk_shape", 1)?;
    let dtype = DataType::from_metadata(&metadata.data_type);
    let dtype = dtype.map_err(|error| Refusal::Dtype(error.to_string()))?;
    let (name, element_bytes) = known_dtype(&dtype)?;
    let fill = dtype.fill_value_v3(&metadata.fill_value);
    let fill = fill.map_err(|_| not_a_fill_value(&name, &metadata.fill_value))?;
    let (codecs, sharding) = match metadata.codecs.as_slice() {
        [only] if only.name() == "sharding_indexed" => {
            let sharding = Sharding::parse(&options(only))?;
            (sharding.codecs.clone(), Some(sharding))
        }
        codecs => (codecs.to_vec(), None),
    };
    let chunk = sharding.as_ref().map_or(&outer, |sharding| &sharding.chunk).clone();
    let bytes = checked_bytes(&shape, &chunk, element_bytes)?;
    let shard = sharding.map(|sharding| sharding.spec(&outer)).transpose()?;
    let (head, tail) = split_codecs(&codecs, element_bytes)?;
    let head = match head.as_slice() {
        [only] if is_identity(only, element_bytes)? => Head::Identity,
        codecs => {
            let codecs = CodecChain::from_metadata(codecs).map_err(|error| error.to_string())?;
            zarrs_head(codecs, &chunk, &dtype, &fill)
        }
    };
    Ok(ArraySpec {
        keys: ChunkKeys::v3(&metadata.chunk_key_encoding)?,
        chain: Chain::new(head, tail, bytes)?,
        fill: fill.as_ne_bytes().to_vec(),
        dtype: name,
        shape,
        chunk,
        shard,
        element_bytes,
    })
}
