use std::sync::Mutex;

use sha2::{Digest, Sha256};

use super::PIECE_BYTES;
use super::header::new_header;
use crate::atomic_file::AtomicFile;
use crate::failure::{Code, Failure, Outcome};
use crate::job::{Done, Job, Once};
use crate::lock::lock;
use crate::memory::Source;
use crate::worker::Worker;

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

/// A file to be written, once it is known that its tensors can be.
pub struct SavePlan {
    path: String,
    header: String,
    tensors: Vec<NewTensor>,
    /// Tensor and offset of each piece.
    pieces: Vec<(usize, usize)>,
}

/// Writes a file: durable, and whole or not there. Its units run one after the other.
pub struct SaveJob {
    plan: SavePlan,
    output: Mutex<Output>,
    done: Once<Done<SaveReport>>,
}

struct Output {
    file: Option<AtomicFile>,
    hash: Sha256,
    bytes: u64,
}

impl SavePlan {
    pub fn new(
        path: String,
        metadata: Vec<(String, String)>,
        mut tensors: Vec<NewTensor>,
    ) -> Outcome<Self> {
        // Widest elements first, so that each tensor is aligned to its own.
        tensors.sort_by(|a, b| b.dtype.cmp(&a.dtype).then_with(|| a.name.cmp(&b.name)));
        let refused = |message| Failure {
            path: path.clone(),
            ..Failure::new(Code::SafetensorsHeader, format!("{path}: {message}"))
        };
        let header = new_header(metadata, &tensors).map_err(refused)?;
        let starts = |bytes: usize| (0..bytes).step_by(PIECE_BYTES);
        let pieces = tensors.iter().enumerate();
        let pieces =
            pieces.flat_map(|(k, tensor)| starts(tensor.data.all().len()).map(move |at| (k, at)));
        let pieces = pieces.collect();
        Ok(Self { path, header, tensors, pieces })
    }
}

impl SaveJob {
    pub fn new(plan: SavePlan, done: Done<SaveReport>) -> Self {
        let output = Mutex::new(Output { file: None, hash: Sha256::new(), bytes: 0 });
        Self { plan, output, done: Once::new(done) }
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
        self.plan.pieces.len() + 2
    }

    fn run(&self, unit: usize, _: &mut Worker) -> Outcome<()> {
        let mut output = lock(&self.output);
        let Some(piece) = unit.checked_sub(1) else {
            output.file = Some(AtomicFile::create(&self.plan.path, Code::SafetensorsIo)?);
            output.write(&(self.plan.header.len() as u64).to_le_bytes())?;
            return output.write(self.plan.header.as_bytes());
        };
        match self.plan.pieces.get(piece) {
            Some(&(tensor, at)) => {
                let data = self.plan.tensors[tensor].data.all();
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
