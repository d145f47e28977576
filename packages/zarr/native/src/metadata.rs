//! `zarr.json` and `.zarray`, checked before anything is allocated. zarrs reads data types, fill
//! values and codecs; sizes are checked first, here, because they decide what we allocate.

use std::num::NonZeroU64;

use serde_json::{Map, Value};
use zarrs::array::{
    Array, ArrayMetadata, ArrayMetadataV2, ArrayMetadataV3, CodecChain, DataType, FillValue,
};
use zarrs::metadata::v2::DataTypeMetadataV2;
use zarrs::metadata::v3::MetadataV3;
use zarrs::plugin::ExtensionName;

use crate::chain::{Chain, Head, Tail, ZarrsHead};
use crate::compression::Compression;
use crate::failure::{Code, Failure, Outcome};
use crate::keys::ChunkKeys;
use crate::region::MAX_RANK;

/// JavaScript counts no further than this without rounding.
const MAX_SIZE: u64 = (1 << 53) - 1;
/// blosc and lz4 know no larger buffers.
const MAX_CHUNK_BYTES: u64 = (1 << 31) - 1;
/// An index of 64 MiB.
const MAX_CHUNKS_PER_SHARD: u64 = 1 << 22;

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
    let document: Value = serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
    let Value::Object(mut document) = document else {
        return Err(refused(format!("expected a JSON object, found {}", kind(&document))));
    };
    document.remove("attributes"); // TypeScript's, and possibly large
    let parsed = if format == 2 { parse_v2(document) } else { parse_v3(document) };
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

fn parse_v3(mut document: Map<String, Value>) -> Result<ArraySpec, Refusal> {
    let shape = sizes(document.get("shape"), "shape", 0)?;
    document.remove("dimension_names"); // TypeScript's
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

fn parse_v2(mut document: Map<String, Value>) -> Result<ArraySpec, Refusal> {
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

/// The codec `sharding_indexed`, from its configuration.
struct Sharding {
    chunk: Vec<u64>,
    codecs: Vec<MetadataV3>,
    index_has_crc: bool,
    index_at_end: bool,
}

impl Sharding {
    fn parse(options: &Value) -> Result<Self, String> {
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

    fn spec(self, outer: &[u64]) -> Result<ShardSpec, String> {
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

/// Takes our own codecs off the end of the list.
fn split_codecs(codecs: &[MetadataV3], element: usize) -> Result<(Vec<MetadataV3>, Tail), String> {
    if codecs.iter().any(|codec| codec.name() == "sharding_indexed") {
        return Err(
            "expected sharding as the only codec and one level deep, found it inside a chain"
                .into(),
        );
    }
    let mut tail = Tail::default();
    let mut head = codecs.len();
    for codec in codecs.iter().rev() {
        if matches!(codec.name(), "crc32c" | "numcodecs.crc32c") {
            let crcs = if tail.compression.is_some() {
                &mut tail.inner_crcs
            } else {
                &mut tail.outer_crcs
            };
            *crcs += 1;
        } else if let Some(compression) = Compression::parse(codec.name(), &options(codec), element)
        {
            if tail.compression.replace(compression?).is_some() {
                return Err("expected at most one compressor in a chain, found two".into());
            }
        } else {
            break;
        }
        head -= 1;
    }
    Ok((codecs[..head].to_vec(), tail))
}

/// Is this the codec that writes elements as this machine holds them?
fn is_identity(codec: &MetadataV3, element: usize) -> Result<bool, String> {
    if codec.name() != "bytes" {
        return Ok(false);
    }
    match options(codec).get("endian").map(|endian| endian.as_str()) {
        Some(Some("little")) => Ok(cfg!(target_endian = "little")),
        None if element == 1 => Ok(true),
        Some(Some("big")) => Ok(element == 1 || cfg!(target_endian = "big")),
        other => Err(format!(
            "expected endian little or big for {element}-byte elements, found {other:?}"
        )),
    }
}

fn not_a_fill_value(dtype: &str, found: &impl serde::Serialize) -> String {
    let found = serde_json::to_string(found).unwrap_or_default();
    format!("expected a fill value of {dtype}, found {found}")
}

fn zarrs_head(codecs: CodecChain, chunk: &[u64], dtype: &DataType, fill: &FillValue) -> Head {
    let shape = chunk.iter().filter_map(|&size| NonZeroU64::new(size)).collect();
    Head::Zarrs(Box::new(ZarrsHead { codecs, shape, dtype: dtype.clone(), fill: fill.clone() }))
}

fn known_dtype(dtype: &DataType) -> Result<(String, usize), Refusal> {
    const KNOWN: [&str; 15] = [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ];
    let name = dtype.name_v3().map_or_else(|| format!("{dtype:?}"), |name| name.into_owned());
    match dtype.fixed_size() {
        Some(bytes) if KNOWN.contains(&name.as_str()) => Ok((name, bytes)),
        _ => Err(Refusal::Dtype(format!("expected a data type of {KNOWN:?}, found {name:?}"))),
    }
}

/// Bytes of a decoded chunk.
fn checked_bytes(shape: &[u64], chunk: &[u64], element: usize) -> Result<usize, String> {
    if shape.len() != chunk.len() {
        return Err(format!("expected chunks of {} axes, found {chunk:?}", shape.len()));
    }
    let bytes = product(chunk).and_then(|count| count.checked_mul(element as u64));
    match bytes {
        Some(bytes) if bytes <= MAX_CHUNK_BYTES => Ok(bytes as usize),
        _ => Err(format!(
            "expected chunks of at most {MAX_CHUNK_BYTES} bytes, found {chunk:?} elements of {element} bytes"
        )),
    }
}

pub fn product(sizes: &[u64]) -> Option<u64> {
    sizes.iter().try_fold(1_u64, |product, &size| product.checked_mul(size))
}

fn sizes(value: Option<&Value>, name: &str, least: u64) -> Result<Vec<u64>, String> {
    let list = value.and_then(Value::as_array);
    let list = list.ok_or_else(|| format!("expected {name} to be a list of sizes"))?;
    if list.len() > MAX_RANK {
        return Err(format!("expected at most {MAX_RANK} axes in {name}, found {}", list.len()));
    }
    let size = |value: &Value| match value.as_u64() {
        Some(size) if (least..=MAX_SIZE).contains(&size) => Ok(size),
        _ => Err(format!("expected sizes from {least} to {MAX_SIZE} in {name}, found {value}")),
    };
    list.iter().map(size).collect()
}

fn codecs(options: &Value, key: &str) -> Result<Vec<MetadataV3>, String> {
    let list = options.get(key).cloned();
    let list = list.ok_or_else(|| format!("expected {key} in the sharding codec, found none"))?;
    serde_json::from_value(list).map_err(|error| format!("{key}: {error}"))
}

fn options(extension: &MetadataV3) -> Value {
    let configuration = extension.configuration().map(serde_json::to_value);
    configuration.and_then(Result::ok).unwrap_or_else(|| Value::Object(Map::new()))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
