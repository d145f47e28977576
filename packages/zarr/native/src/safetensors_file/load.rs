use std::fs::File;
use std::sync::Arc;

use safetensors::tensor::TensorInfo;

use super::header::parse_header;
use super::{LENGTH_BYTES, MAX_HEADER_BYTES, PIECE_BYTES};
use crate::failure::{Code, Failure, Outcome};
use crate::job::{Done, Job, Once};
use crate::memory::Target;
use crate::stored::{open, read_at};
use crate::worker::Worker;

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
        let (file, version) = open(path).map_err(io)?.ok_or_else(missing).map_err(located)?;
        let bytes = version.bytes();
        let header = header_text(&file, path, bytes).map_err(located)?;
        let data_start = LENGTH_BYTES + header.len() as u64;
        let (metadata, tensors) =
            parse_header(&header, bytes - data_start).map_err(refused).map_err(located)?;
        let data_bytes = bytes - data_start;
        Ok(Self { path: path.to_string(), file, data_start, data_bytes, metadata, tensors })
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
