//! Open shards. An index is read once and kept while the file stays the same: each read asks the
//! file system (one `stat` per shard), so a shard that was replaced is opened again.
//! Source of the layout: Zarr specification, sharding codec 1.0.

use std::collections::HashMap;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use crate::chain::{CRC_BYTES, crc_checked};
use crate::failure::{Code, Failure, Outcome};
use crate::lock::lock;
use crate::metadata::ShardSpec;
use crate::stored::{Version, open, read_at};

const ENTRY_BYTES: u64 = 16;
/// Offset and length of a chunk that is not there.
const ABSENT: u64 = u64::MAX;
const MAX_OPEN: usize = 128;
const MAX_INDEX_BYTES: usize = 64 << 20;

pub struct Shard {
    pub file: File,
    pub path: String,
    pub version: Version,
    index: Vec<u8>,
    /// The latest moment at which the file was seen to be still this one.
    seen: AtomicU64,
}

impl Shard {
    /// Opens the shard at `path`, or finds it open. `now` is a moment of `tick`: what was seen
    /// before it is looked at again.
    pub fn open(path: &str, spec: &ShardSpec, now: u64) -> Outcome<Option<Arc<Self>>> {
        // Storage is never asked under the lock: where it stalls, only its own files do.
        let found = lock(open_shards()).get(path);
        if let Some(shard) = found {
            if shard.is_current(now) {
                return Ok(Some(shard));
            }
            let _closed = lock(open_shards()).remove(path, Some(&shard));
        }
        let Some(shard) = Self::read(path, spec)? else { return Ok(None) };
        let shard = Arc::new(shard);
        let _closed = lock(open_shards()).insert(shard.clone());
        Ok(Some(shard))
    }

    fn read(path: &str, spec: &ShardSpec) -> Outcome<Option<Self>> {
        let seen = AtomicU64::new(tick());
        let Some((file, version)) = open(path)? else { return Ok(None) };
        let bytes = version.bytes();
        let entries: u64 = spec.chunks.iter().product();
        let crc = if spec.index_has_crc { CRC_BYTES } else { 0 };
        let index_bytes = ENTRY_BYTES * entries + crc as u64;
        let Some(end) = bytes.checked_sub(index_bytes) else {
            let message = format!(
                "expected a shard index of {index_bytes} bytes in {path}, the file has {bytes}"
            );
            return Err(Failure::new(Code::ZarrChunk, message));
        };
        let mut index = vec![0; index_bytes as usize];
        read_at(&file, path, if spec.index_at_end { end } else { 0 }, &mut index)?;
        if spec.index_has_crc {
            crc_checked(&index).map_err(|e| {
                Failure::new(Code::ZarrChunk, format!("shard index of {path}: {e}"))
            })?;
            index.truncate(index.len() - CRC_BYTES);
        }
        Ok(Some(Self { file, path: path.to_string(), version, index, seen }))
    }

    /// Offset and length of chunk `number`; none when the shard does not hold it.
    pub fn entry(&self, number: u64) -> Outcome<Option<(u64, u64)>> {
        let at = (ENTRY_BYTES * number) as usize;
        let word = |at: usize| {
            let bytes: [u8; 8] = std::array::from_fn(|byte| self.index[at + byte]);
            u64::from_le_bytes(bytes)
        };
        let (offset, length) = (word(at), word(at + 8));
        if (offset, length) == (ABSENT, ABSENT) {
            return Ok(None);
        }
        let bytes = self.version.bytes();
        if offset.checked_add(length).is_none_or(|end| end > bytes) {
            let message = format!(
                "expected the chunk inside the {bytes} bytes of {}, its index says {length} bytes \
                 at {offset}",
                self.path
            );
            return Err(Failure::new(Code::ZarrChunk, message));
        }
        Ok(Some((offset, length)))
    }

    fn is_current(&self, now: u64) -> bool {
        if self.seen.load(Ordering::Acquire) >= now {
            return true;
        }
        let seen = tick();
        let same =
            std::fs::metadata(&self.path).is_ok_and(|found| Version::of(&found) == self.version);
        if same {
            self.seen.fetch_max(seen, Ordering::AcqRel);
        }
        same
    }
}

/// Moments, in order. A read takes one when it begins.
pub fn tick() -> u64 {
    static CLOCK: AtomicU64 = AtomicU64::new(1);
    CLOCK.fetch_add(1, Ordering::AcqRel)
}

/// Closes the shard at `path`, when it is open.
pub fn forget(path: &str) {
    let _closed = lock(open_shards()).remove(path, None);
}

/// The shards that are open, the least recently used of which is closed when there are too many.
#[derive(Default)]
struct OpenShards {
    shards: HashMap<String, (Arc<Shard>, u64)>,
    index_bytes: usize,
}

fn open_shards() -> &'static Mutex<OpenShards> {
    static OPEN: OnceLock<Mutex<OpenShards>> = OnceLock::new();
    OPEN.get_or_init(Mutex::default)
}

/// What these take out is closed by who asked, when the lock is free again.
impl OpenShards {
    fn get(&mut self, path: &str) -> Option<Arc<Shard>> {
        let (shard, used) = self.shards.get_mut(path)?;
        *used = tick();
        Some(shard.clone())
    }

    fn insert(&mut self, shard: Arc<Shard>) -> Vec<Arc<Shard>> {
        let mut closed: Vec<_> = self.remove(&shard.path, None).into_iter().collect();
        self.index_bytes += shard.index.len();
        self.shards.insert(shard.path.clone(), (shard, tick()));
        while self.shards.len() > 1
            && (self.shards.len() > MAX_OPEN || self.index_bytes > MAX_INDEX_BYTES)
        {
            let oldest = self.shards.iter().min_by_key(|(_, (_, used))| *used);
            let Some(path) = oldest.map(|(path, _)| path.clone()) else { break };
            closed.extend(self.remove(&path, None));
        }
        closed
    }

    /// `only`: not the one that another thread has opened in its place.
    fn remove(&mut self, path: &str, only: Option<&Arc<Shard>>) -> Option<Arc<Shard>> {
        let (shard, _) = self.shards.get(path)?;
        if only.is_some_and(|only| !Arc::ptr_eq(only, shard)) {
            return None;
        }
        let (shard, _) = self.shards.remove(path)?;
        self.index_bytes -= shard.index.len();
        Some(shard)
    }
}
