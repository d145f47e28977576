use serde_json::{Map, Value};
use zarrs::array::{Array, ArrayMetadata, ArrayMetadataV2, DataType};
use zarrs::metadata::v2::DataTypeMetadataV2;

use super::checks::{checked_bytes, known_dtype, not_a_fill_value, sizes};
use super::codecs::zarrs_head;
use super::{ArraySpec, Refusal};
use crate::chain::{Chain, Head, Tail};
use crate::compression::Compression;
use crate::keys::ChunkKeys;

/// `.zarray`.
pub fn parse(mut document: Map<String, Value>) -> Result<ArraySpec, Refusal> {
    let shape = sizes(document.get("shape"), "shape", 0)?;
    let chunk = sizes(document.get("chunks"), "chunks", 1)?;
    let keys = ChunkKeys::v2(document.get("dimension_separator"))?;
    let compressor = document.insert("compressor".into(), Value::Null).unwrap_or(Value::Null);
    document.insert("node_type".into(), "array".into());
    let dtype = document.get("dtype").cloned().unwrap_or_default();
    let is_swapped = dtype.as_str().is_some_and(|name| name.starts_with('>'));
    let not_a_dtype =
        |_| Refusal::Dtype(format!("expected a NumPy type of numbers, found {dtype}"));
    let dtype: DataTypeMetadataV2 = serde_json::from_value(dtype.clone()).map_err(not_a_dtype)?;
    let dtype = DataType::from_metadata(&dtype);
    let dtype = dtype.map_err(|error| Refusal::Dtype(error.to_string()))?;
    let (name, element_bytes) = known_dtype(&dtype)?;
    let metadata: ArrayMetadataV2 =
        serde_json::from_value(Value::Object(document)).map_err(|error| error.to_string())?;
    let has_filters = metadata.filters.as_ref().is_some_and(|filters| !filters.is_empty());
    let is_c_order = metadata.order == zarrs::metadata::v2::ArrayMetadataV2Order::C;
    let bytes = checked_bytes(&shape, &chunk, element_bytes)?;
    let fill = dtype.fill_value_v2(&metadata.fill_value);
    let fill = fill.map_err(|_| not_a_fill_value(&name, &metadata.fill_value))?;
    // zarrs is given no storage: we do all reading and writing of chunks.
    let array = Array::new_with_metadata(().into(), "/", ArrayMetadata::V2(metadata));
    let array = array.map_err(|error| error.to_string())?;
    let is_plain = is_c_order && !has_filters && (!is_swapped || element_bytes == 1);
    let head = if is_plain && cfg!(target_endian = "little") {
        Head::Identity
    } else {
        zarrs_head((*array.codecs()).clone(), &chunk, &dtype, &fill)
    };
    let tail = Tail { compression: v2_compression(&compressor, element_bytes)?, ..Tail::default() };
    Ok(ArraySpec {
        chain: Chain::new(head, tail, bytes)?,
        fill: fill.as_ne_bytes().to_vec(),
        dtype: name,
        shard: None,
        shape,
        chunk,
        element_bytes,
        keys,
    })
}

fn v2_compression(compressor: &Value, element: usize) -> Result<Option<Compression>, String> {
    if compressor.is_null() {
        return Ok(None);
    }
    let id = compressor.get("id").and_then(Value::as_str).unwrap_or("");
    match Compression::parse(id, compressor, element) {
        Some(compression) => compression.map(Some),
        None => {
            Err(format!("expected blosc, zstd, gzip, zlib or lz4, found compressor {compressor}"))
        }
    }
}
