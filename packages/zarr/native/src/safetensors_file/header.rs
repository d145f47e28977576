use std::collections::HashSet;
use std::marker::PhantomData;

use safetensors::tensor::{Metadata, TensorInfo};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::save::NewTensor;
use super::{LENGTH_BYTES, MAX_HEADER_BYTES};

const METADATA: &str = "__metadata__";

type Parsed = (Vec<(String, String)>, Vec<(String, TensorInfo)>);

pub fn parse_header(text: &str, data_bytes: u64) -> Result<Parsed, String> {
    let header: Header = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Header { metadata, mut tensors } = header;
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    for (name, _) in &tensors {
        check_name(name)?;
    }
    let checked = Metadata::new(None, tensors.clone()).map_err(|error| error.to_string())?;
    if checked.data_len() as u64 != data_bytes {
        let found = checked.data_len();
        return Err(format!("expected tensors of {data_bytes} bytes together, found {found}"));
    }
    Ok((metadata, tensors))
}

/// A name is only a name, but some write files of that name: it must not lead out of a folder.
fn check_name(name: &str) -> Result<(), String> {
    let climbs = name.starts_with('/') || name.split(['/', '\\']).any(|part| part == "..");
    if name.is_empty() || name == METADATA || climbs || name.chars().any(char::is_control) {
        return Err(format!("expected a tensor name that is no path upwards, found {name:?}"));
    }
    Ok(())
}

/// The JSON of a header, in which no name stands twice.
struct Header {
    metadata: Vec<(String, String)>,
    tensors: Vec<(String, TensorInfo)>,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
                to.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut header = Header { metadata: Vec::new(), tensors: Vec::new() };
                let mut names = HashSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!(
                            "expected {name:?} once, found twice"
                        )));
                    }
                    if name == METADATA {
                        header.metadata = map.next_value::<Pairs<String>>()?.0;
                    } else {
                        header.tensors.push((name, map.next_value()?));
                    }
                }
                Ok(header)
            }
        }
        from.deserialize_map(Entries)
    }
}

/// The entries of an object with no name twice.
struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Pairs<T>;

            fn expecting(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                let mut names = HashSet::new();
                while let Some((name, value)) = map.next_entry::<String, T>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!(
                            "expected {name:?} once, found twice"
                        )));
                    }
                    pairs.push((name, value));
                }
                Ok(Pairs(pairs))
            }
        }
        from.deserialize_map(Entries(PhantomData))
    }
}

/// The JSON of a header, padded with spaces so that the data begin at a multiple of 8.
pub fn new_header(
    mut metadata: Vec<(String, String)>,
    tensors: &[NewTensor],
) -> Result<String, String> {
    let mut header = Map::new();
    if !metadata.is_empty() {
        metadata.sort_unstable(); // the same tensors give the same file
        let metadata: Map<String, Value> =
            metadata.into_iter().map(|(key, value)| (key, value.into())).collect();
        header.insert(METADATA.into(), metadata.into());
    }
    let mut end = 0;
    for NewTensor { name, dtype, shape, data } in tensors {
        check_name(name)?;
        let data_offsets = (end, end + data.all().len());
        end = data_offsets.1;
        let info = TensorInfo { dtype: *dtype, shape: shape.clone(), data_offsets };
        let json = serde_json::to_value(&info).map_err(|error| error.to_string())?;
        if header.insert(name.clone(), json).is_some() {
            return Err(format!("expected tensor {name:?} once, found it twice"));
        }
        Metadata::new(
            None,
            vec![(name.clone(), TensorInfo { data_offsets: (0, data.all().len()), ..info })],
        )
        .map_err(|error| format!("tensor {name:?}: {error}"))?;
    }
    let mut text = serde_json::to_string(&header).map_err(|error| error.to_string())?;
    let padded = (text.len() as u64).next_multiple_of(LENGTH_BYTES);
    if padded > MAX_HEADER_BYTES {
        return Err(format!(
            "expected a header of at most {MAX_HEADER_BYTES} bytes, found {padded}"
        ));
    }
    text.extend(std::iter::repeat_n(' ', padded as usize - text.len()));
    Ok(text)
}
