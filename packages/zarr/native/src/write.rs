//! Writes one region. The unit is an inner chunk; the thread that encodes the last one of a file
//! puts the file together and publishes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::array::ZarrArray;
use crate::atomic_file::AtomicFile;
use crate::cache;
use crate::claims::Claim;
use crate::failure::{Code, Failure, Outcome};
use crate::job::{Done, Job, Once};
use crate::lock::lock;
use crate::memory::{Source, Target};
use crate::patience::{PAUSES, patiently};
use crate::region::{ChunkBox, Region, corner};
use crate::runs::{self, Runs};
use crate::shard::{self, Shard, tick};
use crate::shard_file::write_shard;
use crate::stored::Place;
use crate::waiting::Waiting;
use crate::worker::Worker;

pub struct WriteJob {
    array: Arc<ZarrArray>,
    region: Region,
    source: Source,
    is_durable: bool,
    /// Shards, or chunks where there are no shards.
    files: ChunkBox,
    /// How many units come before those of file k.
    starts: Vec<usize>,
    open: Mutex<HashMap<usize, Arc<Mutex<Progress>>>>,
    done: Once<Done<()>>,
}

/// One file that is being put together.
#[derive(Default)]
struct Progress {
    /// Held from before the old file is read until after the new one is in place.
    claim: Option<Claim>,
    is_open: bool,
    old: Option<Arc<Shard>>,
    /// Encoded chunks, with their numbers in the file.
    encoded: Vec<(u64, Vec<u8>)>,
}

impl WriteJob {
    /// The region lies inside the array, and `source` has just its size.
    pub fn new(
        array: Arc<ZarrArray>,
        region: Region,
        source: Source,
        is_durable: bool,
        done: Done<()>,
    ) -> Self {
        let files = region.chunks(&array.file_shape());
        let mut job = Self {
            starts: vec![0],
            open: Mutex::default(),
            done: Once::new(done),
            array,
            region,
            source,
            is_durable,
            files,
        };
        for file in 0..job.files.len() {
            let units = job.chunks_of(&job.files.chunk(file)).len() as usize;
            job.starts.push(job.starts[file as usize] + units);
        }
        job
    }

    /// The inner chunks of one file that the region touches.
    fn chunks_of(&self, file: &[u64]) -> ChunkBox {
        let shape = self.array.file_shape();
        self.region.within(&corner(file, &shape), &shape).chunks(&self.array.spec.chunk)
    }

    /// What the file holds already, and the right to replace it.
    fn begin(&self, progress: &mut Progress, file: &[u64], path: &str) -> Outcome<()> {
        progress.claim.get_or_insert_with(|| Claim::take(path));
        if progress.is_open {
            return Ok(());
        }
        if let Some(spec) = &self.array.spec.shard
            && !self.covers(file)
        {
            progress.old = Shard::open(path, spec, tick())?;
        }
        progress.is_open = true;
        Ok(())
    }

    /// Runs `act` on a file that was begun, again when storage fails for a moment: then what the
    /// file holds is opened anew, since its handle may be what is stale.
    fn patiently<T>(
        &self,
        progress: &Mutex<Progress>,
        file: &[u64],
        path: &str,
        mut act: impl FnMut() -> Outcome<T>,
    ) -> Outcome<T> {
        let once = || {
            self.begin(&mut lock(progress), file, path)?;
            act()
        };
        let again = || {
            shard::forget(path);
            lock(progress).is_open = false;
        };
        patiently(&PAUSES, once, again)
    }

    /// Is all of a file written anew? Then what it holds is not looked at: it may be damaged.
    fn covers(&self, file: &[u64]) -> bool {
        let shape = self.array.file_shape();
        let whole = Region { origin: corner(file, &shape), shape };
        self.region.within(&whole.origin, &whole.shape).shape == self.array.inside(&whole)
    }

    fn encode(
        &self,
        chunk: &[u64],
        path: &str,
        old: Option<Arc<Shard>>,
        worker: &mut Worker,
    ) -> Outcome<Vec<u8>> {
        let array = &self.array;
        let spec = &array.spec;
        let chunk_region = array.chunk_region(chunk);
        let part = self.region.within(&chunk_region.origin, &chunk_region.shape);
        let is_whole = part.shape == array.inside(&chunk_region);
        let most = spec.chain.most_stored();
        let place = match (is_whole, &spec.shard) {
            (true, _) => None,
            (false, None) => Place::in_file(path.to_string(), most)?,
            (false, Some(_)) => Place::in_shard(old, array.outer(chunk).1, most)?,
        };
        let has_old = array.decode_whole(place, worker)?;
        let plain = worker.plain.room(spec.chain.plain_bytes)?;
        if !has_old && part.shape != chunk_region.shape {
            runs::fill(plain, &spec.fill);
        }
        let source = self.source.all();
        let runs = Runs::new(&part, &self.region, &chunk_region, spec.element_bytes);
        // SAFETY: `plain` outlives the copy, and nothing else looks at it before its end.
        let target = unsafe { Target::new(plain.as_mut_ptr(), plain.len()) };
        runs.each(|from, to, bytes| {
            runs.copy(&source[from..from + bytes], &target, to);
            Ok::<(), Failure>(())
        })?;
        spec.chain.encode(plain).map_err(|reason| Failure::new(Code::ZarrChunk, reason))
    }

    fn publish(&self, progress: &Progress, path: &str) -> Outcome<()> {
        let mut file = AtomicFile::create(path, Code::ZarrIo)?;
        match &self.array.spec.shard {
            None => {
                for (_, bytes) in &progress.encoded {
                    file.write(bytes)?;
                }
            }
            Some(spec) => {
                let Progress { old, encoded, .. } = progress;
                let most_stored = self.array.spec.chain.most_stored();
                write_shard(&mut file, spec, encoded, old.as_ref(), most_stored)?;
            }
        }
        file.publish(self.is_durable)?;
        shard::forget(path);
        Ok(())
    }
}

impl Job for WriteJob {
    fn units(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    fn run(&self, unit: usize, worker: &mut Worker) -> Outcome<()> {
        let number = self.starts.partition_point(|&start| start <= unit) - 1;
        let index = self.files.chunk(number as u64);
        let path = self.array.file(&index);
        let chunks = self.chunks_of(&index);
        let chunk = chunks.chunk((unit - self.starts[number]) as u64);
        let progress = lock(&self.open).entry(number).or_default().clone();
        let located = |failure| self.array.located(failure, &chunk, &path);
        let _waiting = Waiting::on(&path);
        let encode = || {
            let old = lock(&progress).old.clone();
            self.encode(&chunk, &path, old, worker)
        };
        let encoded = self.patiently(&progress, &index, &path, encode).map_err(located)?;
        let is_last = {
            let mut progress = lock(&progress);
            progress.encoded.push((self.array.outer(&chunk).1, encoded));
            progress.encoded.len() as u64 == chunks.len()
        };
        if is_last {
            lock(&progress).encoded.sort_unstable_by_key(|(number, _)| *number);
            let publish = || self.publish(&lock(&progress), &path);
            self.patiently(&progress, &index, &path, publish).map_err(located)?;
            let written = (0..chunks.len()).filter_map(|at| self.array.key(&chunks.chunk(at)));
            written.for_each(cache::forget);
            lock(&self.open).remove(&number);
        }
        Ok(())
    }

    fn finish(&self, outcome: Outcome<()>) {
        lock(&self.open).clear(); // gives back the claims of files that failed half-way
        if let Some(done) = self.done.take() {
            done(outcome);
        }
    }
}
