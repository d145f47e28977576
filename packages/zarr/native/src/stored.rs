//! Bytes of chunks on disk: which file, where in it, how many. Nothing is decoded here.

use std::cell::Cell;
use std::fs::{File, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::failure::{Code, Failure, Outcome};
use crate::shard::Shard;

/// Where the bytes of one inner chunk are.
pub struct Place {
    source: Source,
    offset: u64,
    pub bytes: usize,
    /// How many bytes were read so far, and how long that took.
    pub read_bytes: Cell<u64>,
    pub read_time: Cell<Duration>,
}

enum Source {
    File(File, String, Version),
    Shard(Arc<Shard>),
}

/// Tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl Version {
    pub fn of(status: &Metadata) -> Self {
        let changed = (status.mtime(), status.mtime_nsec());
        Self { device: status.dev(), inode: status.ino(), bytes: status.len(), changed }
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Place {
    /// A chunk with a file of its own; none when there is no such file.
    pub fn in_file(path: String, most_bytes: usize) -> Outcome<Option<Self>> {
        let Some((file, version)) = open(&path)? else { return Ok(None) };
        let bytes = checked_length(version.bytes, most_bytes)?;
        let source = Source::File(file, path, version);
        Ok(Some(Self::new(source, 0, bytes)))
    }

    /// Chunk `number` of the shard at `path`; none when the shard or the chunk is not there.
    pub fn in_shard(
        shard: Option<Arc<Shard>>,
        number: u64,
        most_bytes: usize,
    ) -> Outcome<Option<Self>> {
        let Some(shard) = shard else { return Ok(None) };
        let Some((offset, length)) = shard.entry(number)? else { return Ok(None) };
        let bytes = checked_length(length, most_bytes)?;
        Ok(Some(Self::new(Source::Shard(shard), offset, bytes)))
    }

    fn new(source: Source, offset: u64, bytes: usize) -> Self {
        let (read_bytes, read_time) = Default::default();
        Self { source, offset, bytes, read_bytes, read_time }
    }

    /// Reads the bytes from `at` on, as many as `to` holds.
    pub fn read(&self, at: usize, to: &mut [u8]) -> Outcome<()> {
        let (file, path) = match &self.source {
            Source::File(file, path, _) => (file, path),
            Source::Shard(shard) => (&shard.file, &shard.path),
        };
        let began = Instant::now();
        let outcome = read_at(file, path, self.offset + at as u64, to);
        self.read_bytes.update(|bytes| bytes + to.len() as u64);
        self.read_time.update(|time| time + began.elapsed());
        outcome
    }

    pub fn version(&self) -> Version {
        match &self.source {
            Source::File(_, _, version) => *version,
            Source::Shard(shard) => shard.version,
        }
    }
}

/// Opens a regular file for reading; none when there is none.
pub fn open(path: &str) -> Outcome<Option<(File, Version)>> {
    // Without O_NONBLOCK, a FIFO in a chunk's place would hold the thread for ever.
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let read = |file: File| file.metadata().map(|status| (file, status));
    match file.and_then(read) {
        Ok((file, status)) if status.is_file() => Ok(Some((file, Version::of(&status)))),
        Ok((_, status)) => {
            let kind = status.file_type();
            let message = format!("expected a regular file at {path}, found {kind:?}");
            Err(Failure::new(Code::ZarrIo, message))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io(Code::ZarrIo, "open", path, &error)),
    }
}

pub fn read_at(file: &File, path: &str, at: u64, to: &mut [u8]) -> Outcome<()> {
    file.read_exact_at(to, at).map_err(|error| {
        if error.kind() == ErrorKind::UnexpectedEof {
            let bytes = to.len();
            let message = format!("expected {bytes} bytes at {at} of {path}, the file ends before");
            return Failure::new(Code::ZarrChunk, message);
        }
        Failure::io(Code::ZarrIo, "read", path, &error)
    })
}

fn checked_length(length: u64, most: usize) -> Outcome<usize> {
    let fitting = usize::try_from(length).ok().filter(|&bytes| bytes <= most);
    fitting.ok_or_else(|| {
        let message = format!("expected at most {most} stored bytes, found {length}");
        Failure::new(Code::ZarrChunk, message)
    })
}
