//! Safetensors files. The crate checks offsets and shapes; duplicate names, names that climb out
//! of a folder, and the file's own size are checked here.
//! Source of the format: github.com/huggingface/safetensors, README, "Format".

mod header;
mod load;
mod save;

pub use load::{LoadJob, SafetensorsFile};
pub use save::{NewTensor, SaveJob, SavePlan, SaveReport};

const LENGTH_BYTES: u64 = 8;
/// The format's own limit.
const MAX_HEADER_BYTES: u64 = 100_000_000;
/// A job reads or writes so much at a time, and looks in between whether it is to stop.
const PIECE_BYTES: usize = 8 << 20;
