//! Where a chunk of the outer grid lies, relative to the array's folder.

use std::fmt::Write;

use serde_json::Value;
use zarrs::metadata::v3::MetadataV3;

pub struct ChunkKeys {
    /// Version 3's own keys begin with `c`.
    has_prefix: bool,
    separator: char,
}

impl ChunkKeys {
    pub fn v3(encoding: &MetadataV3) -> Result<Self, String> {
        let separator = encoding.configuration().and_then(|options| options.get("separator"));
        match encoding.name() {
            "default" => Ok(Self { has_prefix: true, separator: parse(separator, '/')? }),
            "v2" => Ok(Self { has_prefix: false, separator: parse(separator, '.')? }),
            other => Err(format!("expected chunk_key_encoding default or v2, found {other:?}")),
        }
    }

    pub fn v2(separator: Option<&Value>) -> Result<Self, String> {
        let separator = separator.filter(|separator| !separator.is_null());
        Ok(Self { has_prefix: false, separator: parse(separator, '.')? })
    }

    /// `c/0/3/1`, `0.3.1`; `c` and `0` when there are no axes.
    pub fn key(&self, chunk: &[u64]) -> String {
        let mut key = String::from(if self.has_prefix { "c" } else { "" });
        for index in chunk {
            if !key.is_empty() {
                key.push(self.separator);
            }
            // Writing to a String cannot fail.
            let _ = write!(key, "{index}");
        }
        if key.is_empty() { "0".into() } else { key }
    }
}

fn parse(separator: Option<&Value>, usual: char) -> Result<char, String> {
    match separator.map(|separator| separator.as_str()) {
        None => Ok(usual),
        Some(Some("/")) => Ok('/'),
        Some(Some(".")) => Ok('.'),
        Some(other) => Err(format!("expected a chunk key separator of / or ., found {other:?}")),
    }
}
