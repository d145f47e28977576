//! Which codecs of a chain are ours, and which zarrs runs.

use std::num::NonZeroU64;

use serde_json::{Map, Value};
use zarrs::array::{CodecChain, DataType, FillValue};
use zarrs::metadata::v3::MetadataV3;

use crate::chain::{Head, Tail, ZarrsHead};
use crate::compression::Compression;

/// Takes our own codecs off the end of the list.
pub fn split_codecs(
    codecs: &[MetadataV3],
    element: usize,
) -> Result<(Vec<MetadataV3>, Tail), String> {
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
pub fn is_identity(codec: &MetadataV3, element: usize) -> Result<bool, String> {
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

pub fn zarrs_head(codecs: CodecChain, chunk: &[u64], dtype: &DataType, fill: &FillValue) -> Head {
    let shape = chunk.iter().filter_map(|&size| NonZeroU64::new(size)).collect();
    Head::Zarrs(Box::new(ZarrsHead { codecs, shape, dtype: dtype.clone(), fill: fill.clone() }))
}

pub fn codecs(options: &Value, key: &str) -> Result<Vec<MetadataV3>, String> {
    let list = options.get(key).cloned();
    let list = list.ok_or_else(|| format!("expected {key} in the sharding codec, found none"))?;
    serde_json::from_value(list).map_err(|error| format!("{key}: {error}"))
}

pub fn options(extension: &MetadataV3) -> Value {
    let configuration = extension.configuration().map(serde_json::to_value);
    configuration.and_then(Result::ok).unwrap_or_else(|| Value::Object(Map::new()))
}
