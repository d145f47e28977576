//! Safetensors files. The crate checks offsets and shapes; duplicate names, names that climb out
//! of a folder, and the file's own size are checked here.
//! Source of the format: github.com/huggingface/safetensors, README, "Format".

use std::collections::HashSet;
use std::fs::File;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use safetensors::tensor::{Metadata, TensorInfo};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::atomic_file::AtomicFile;
use crate::failure::{Code, Failure, Outcome};
use crate::memory::{Source, Target};
use crate::pool::{Done, Job, Once, lock};
use crate::stored::{open, read_at};
use crate::worker::Worker;

const LENGTH_BYTES: u64 = 8;
/// The format's own limit.
const MAX_HEADER_BYTES: u64 = 100_000_000;
const METADATA: &str = "__metadata__";
/// A job reads or writes so much at a time, and looks in between whether it is to stop.
const PIECE_BYTES: usize = 8 << 20;

/// A file that is open for reading, with its checked header.
pub struct SafetensorsFile {
    pub path: String,
    file: File,
    data_start: u64,
    pub data_bytes: u64,
    pub metadata: Vec<(String, String)>,
    /// In the order of their data.
    pub tensors: Vec<(String, TensorInfo)>,
}

impl SafetensorsFile {
    pub fn open(path: &str) -> Outcome<Self> {
        let io = |failure: Failure| Failure { code: Code::SafetensorsIo, ..failure };
        let missing = || Failure::new(Code::SafetensorsIo, "expected a file, found none");
        let located = |failure: Failure| {
            let message = format!("{path}: {}", failure.message);
            Failure { message, path: path.to_string(), ..failure }
        };
        let (file, bytes) = open(path).map_err(io)?.ok_or_else(missing).map_err(located)?;
        let header = header_text(&file, path, bytes).map_err(located)?;
        let data_start = LENGTH_BYTES + header.len() as u64;
        let (metadata, tensors) =
            parse_header(&header, bytes - data_start).map_err(refused).map_err(located)?;
        let data_bytes = bytes - data_start;
        Ok(Self { path: path.to_string(), file, data_start, data_bytes, metadata, tensors })
    }
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Code::SafetensorsHeader, message)
}

fn header_text(file: &File, path: &str, bytes: u64) -> Outcome<String> {
    let Some(room) = bytes.checked_sub(LENGTH_BYTES) else {
        return Err(refused(format!("expected at least {LENGTH_BYTES} bytes, found {bytes}")));
    };
    let mut length = [0; LENGTH_BYTES as usize];
    read_at(file, path, 0, &mut length)?;
    let length = u64::from_le_bytes(length);
    let most = room.min(MAX_HEADER_BYTES);
    if length > most {
        return Err(refused(format!("expected a header of at most {most} bytes, found {length}")));
    }
    let mut header = vec![0; length as usize];
    read_at(file, path, LENGTH_BYTES, &mut header)?;
    String::from_utf8(header).map_err(|error| refused(format!("expected UTF-8: {error}")))
}

type Parsed = (Vec<(String, String)>, Vec<(String, TensorInfo)>);

fn parse_header(text: &str, data_bytes: u64) -> Result<Parsed, String> {
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
pub fn check_name(name: &str) -> Result<(), String> {
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

/// Reads the data of a file, all tensors in one piece, on the threads of the pool.
pub struct LoadJob {
    file: Arc<SafetensorsFile>,
    target: Target,
    done: Once<Done<()>>,
}

impl LoadJob {
    /// `target` has room for just `data_bytes`.
    pub fn new(file: Arc<SafetensorsFile>, target: Target, done: Done<()>) -> Self {
        Self { file, target, done: Once::new(done) }
    }
}

impl Job for LoadJob {
    fn units(&self) -> usize {
        (self.file.data_bytes as usize).div_ceil(PIECE_BYTES)
    }

    fn run(&self, unit: usize, _: &mut Worker) -> Outcome<()> {
        let SafetensorsFile { file, path, data_start, data_bytes, .. } = &*self.file;
        let start = unit * PIECE_BYTES;
        let bytes = PIECE_BYTES.min(*data_bytes as usize - start);
        read_at(file, path, data_start + start as u64, self.target.bytes(start, bytes)).map_err(
            |failure| {
                let code = match failure.code {
                    Code::ZarrChunk => Code::SafetensorsHeader, // the file has shrunk
                    _ => Code::SafetensorsIo,
                };
                Failure { code, path: path.clone(), ..failure }
            },
        )
    }

    fn finish(&self, outcome: Outcome<()>) {
        if let Some(done) = self.done.take() {
            done(outcome);
        }
    }
}

/// A tensor to be written.
pub struct NewTensor {
    pub name: String,
    pub dtype: safetensors::Dtype,
    pub shape: Vec<usize>,
    pub data: Source,
}

pub struct SaveReport {
    pub bytes: u64,
    pub sha256: String,
}

/// Writes a file: durable, and whole or not there. Its units run one after the other.
pub struct SaveJob {
    path: String,
    header: String,
    tensors: Vec<NewTensor>,
    /// Tensor and offset of each piece.
    pieces: Vec<(usize, usize)>,
    output: Mutex<Output>,
    done: Once<Done<SaveReport>>,
}

struct Output {
    file: Option<AtomicFile>,
    hash: Sha256,
    bytes: u64,
}

impl SaveJob {
    pub fn new(
        path: &str,
        metadata: Vec<(String, String)>,
        mut tensors: Vec<NewTensor>,
        done: Done<SaveReport>,
    ) -> Outcome<Self> {
        // Widest elements first, so that each tensor is aligned to its own.
        tensors.sort_by(|a, b| b.dtype.cmp(&a.dtype).then_with(|| a.name.cmp(&b.name)));
        let header = new_header(metadata, &tensors).map_err(|message| Failure {
            path: path.to_string(),
            ..refused(format!("{path}: {message}"))
        })?;
        let starts = |bytes: usize| (0..bytes).step_by(PIECE_BYTES);
        let pieces = tensors.iter().enumerate();
        let pieces =
            pieces.flat_map(|(k, tensor)| starts(tensor.data.all().len()).map(move |at| (k, at)));
        let pieces = pieces.collect();
        let output = Mutex::new(Output { file: None, hash: Sha256::new(), bytes: 0 });
        Ok(Self { path: path.to_string(), header, pieces, tensors, output, done: Once::new(done) })
    }
}

impl Output {
    fn write(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.as_mut().map_or(Ok(()), |file| file.write(bytes))
    }
}

impl Job for SaveJob {
    /// The first unit begins the file, and the last puts it in its place.
    fn units(&self) -> usize {
        self.pieces.len() + 2
    }

    fn run(&self, unit: usize, _: &mut Worker) -> Outcome<()> {
        let mut output = lock(&self.output);
        let Some(piece) = unit.checked_sub(1) else {
            output.file = Some(AtomicFile::create(&self.path, Code::SafetensorsIo)?);
            output.write(&(self.header.len() as u64).to_le_bytes())?;
            return output.write(self.header.as_bytes());
        };
        match self.pieces.get(piece) {
            Some(&(tensor, at)) => {
                let data = self.tensors[tensor].data.all();
                output.write(&data[at..data.len().min(at + PIECE_BYTES)])
            }
            None => output.file.take().map_or(Ok(()), |file| file.publish(true)),
        }
    }

    fn finish(&self, outcome: Outcome<()>) {
        let mut output = lock(&self.output);
        output.file = None; // removes what was not published
        let sha256 =
            output.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let report = SaveReport { bytes: output.bytes, sha256 };
        if let Some(done) = self.done.take() {
            done(outcome.map(|()| report));
        }
    }
}

/// The JSON of a header, padded with spaces so that the data begin at a multiple of 8.
fn new_header(
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
