//! Sizes and types that we can hold.

use serde_json::Value;
use zarrs::array::DataType;
use zarrs::plugin::ExtensionName;

use super::Refusal;
use crate::region::MAX_RANK;

/// JavaScript counts no further than this without rounding.
const MAX_SIZE: u64 = (1 << 53) - 1;
/// blosc and lz4 know no larger buffers.
const MAX_CHUNK_BYTES: u64 = (1 << 31) - 1;

pub fn known_dtype(dtype: &DataType) -> Result<(String, usize), Refusal> {
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
pub fn checked_bytes(shape: &[u64], chunk: &[u64], element: usize) -> Result<usize, String> {
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

pub fn sizes(value: Option<&Value>, name: &str, least: u64) -> Result<Vec<u64>, String> {
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

pub fn not_a_fill_value(dtype: &str, found: &impl serde::Serialize) -> String {
    let found = serde_json::to_string(found).unwrap_or_default();
    format!("expected a fill value of {dtype}, found {found}")
}
