use std::sync::Arc;

use napi::bindgen_prelude::{Object, Uint8Array};
use napi::{Env, Result};
use napi_derive::napi;

use super::cache::NativeCache;
use super::{promise, thrown};
use crate::array::ZarrArray;
use crate::failure::{Code, Failure, Outcome};
use crate::job::guarded;
use crate::memory::{Destination, Source, Target};
use crate::metadata::ArraySpec;
use crate::pool::Pool;
use crate::read::{Missing, ReadJob, ReadReport};
use crate::region::Region;
use crate::steps::{Steps, dense_steps, elements_spanned};
use crate::write::WriteJob;

/// Of one read that is announced, the cache is told of no more: the call must be short.
const MAX_EXPECTED_CHUNKS: u64 = 1 << 12;

#[napi]
pub struct NativeArray {
    array: Arc<ZarrArray>,
}

#[napi(object)]
pub struct ArrayInfo {
    pub shape: Vec<i64>,
    pub chunk_shape: Vec<i64>,
    pub shard_shape: Option<Vec<i64>>,
    pub dtype: String,
    pub element_bytes: u32,
    /// One element, in this machine's byte order.
    pub fill_value: Vec<u8>,
}

#[napi(object)]
pub struct ReadInfo {
    pub chunks: i64,
    pub missing_chunks: i64,
    pub retries: i64,
    pub cached_chunks: i64,
    pub stored_bytes: i64,
    pub storage_ms: f64,
    pub decode_ms: f64,
}

#[napi]
impl NativeArray {
    /// From the text of `zarr.json` (format 3) or `.zarray` (format 2).
    #[napi(constructor, catch_unwind)]
    pub fn new(
        path: String,
        text: String,
        format: u32,
        cache: Option<&NativeCache>,
    ) -> Result<Self> {
        let cache = cache.map(|cache| cache.cache.clone());
        let array = guarded(|| ZarrArray::open(path.clone(), &text, format, cache));
        let array = array.map_err(|failure| thrown(Failure { path, ..failure }))?;
        Ok(Self { array: Arc::new(array) })
    }

    #[napi(catch_unwind)]
    pub fn info(&self) -> ArrayInfo {
        let spec = &self.array.spec;
        let signed = |sizes: &[u64]| sizes.iter().map(|&size| size as i64).collect();
        ArrayInfo {
            shape: signed(&spec.shape),
            chunk_shape: signed(&spec.chunk),
            shard_shape: spec.shard.as_ref().map(|_| signed(&self.array.file_shape())),
            dtype: spec.dtype.clone(),
            element_bytes: spec.element_bytes as u32,
            fill_value: spec.fill.clone(),
        }
    }

    /// Forgets what caches hold of it: it was made anew.
    #[napi(catch_unwind)]
    pub fn forget(&self) {
        self.array.forget();
    }

    /// Reads a region into `target`, which has just its size. `strides` are elements from one
    /// element to the next along each axis, for another order than C's. `place` is the read's own in
    /// the order that the cache was told. `id` is for `abort`.
    #[napi(catch_unwind, ts_return_type = "Promise<ReadInfo>")]
    #[allow(clippy::too_many_arguments)] // JavaScript's
    pub fn read<'e>(
        &self,
        env: &'e Env,
        id: u32,
        target: Uint8Array,
        origin: Vec<i64>,
        shape: Vec<i64>,
        missing: String,
        strides: Option<Vec<i64>>,
        place: Option<i64>,
    ) -> Result<Object<'e>> {
        let region = self.checked_region(&origin, &shape).map_err(thrown)?;
        let steps = self.checked_steps(&region, strides, target.len()).map_err(thrown)?;
        // SAFETY: `target` keeps the memory, and moves into the promise.
        let memory = unsafe { Target::new(target.as_ptr().cast_mut(), target.len()) };
        let destination = Destination { region, steps, memory };
        let array = self.array.clone();
        let report = |report: ReadReport| ReadInfo {
            chunks: report.chunks as i64,
            missing_chunks: report.missing as i64,
            retries: report.retries as i64,
            cached_chunks: report.cached as i64,
            stored_bytes: report.stored_bytes as i64,
            storage_ms: report.storage.as_secs_f64() * 1e3,
            decode_ms: report.decoding.as_secs_f64() * 1e3,
        };
        let missing = self.checked_missing(&missing).map_err(thrown)?;
        let place = place.and_then(|place| u64::try_from(place).ok());
        promise(env, id, target, report, |done| {
            let job = ReadJob::new(array, destination, missing, place, done);
            Pool::global().submit(Arc::new(job))
        })
    }

    /// Tells the cache that the read of this place will want the region.
    #[napi(catch_unwind)]
    pub fn expect(&self, origin: Vec<i64>, shape: Vec<i64>, place: i64) -> Result<()> {
        let region = self.checked_region(&origin, &shape).map_err(thrown)?;
        let Some(cache) = &self.array.cache else { return Ok(()) };
        let chunks = region.chunks(&self.array.spec.chunk);
        for number in 0..chunks.len().min(MAX_EXPECTED_CHUNKS) {
            if let Some(key) = self.array.key(&chunks.chunk(number)) {
                cache.announce(key, place as u64);
            }
        }
        Ok(())
    }

    /// Writes `source`, which has just the size of the region. `id` is for `abort`.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn write<'e>(
        &self,
        env: &'e Env,
        id: u32,
        source: Uint8Array,
        origin: Vec<i64>,
        shape: Vec<i64>,
        is_durable: bool,
    ) -> Result<Object<'e>> {
        let region = self.checked_region(&origin, &shape).map_err(thrown)?;
        self.checked_steps(&region, None, source.len()).map_err(thrown)?;
        // SAFETY: as in `read`.
        let memory = unsafe { Source::new(source.as_ptr(), source.len()) };
        let array = self.array.clone();
        promise(
            env,
            id,
            source,
            |()| (),
            |done| {
                let job = WriteJob::new(array, region, memory, is_durable, done);
                Pool::global().submit(Arc::new(job))
            },
        )
    }

    fn checked_region(&self, origin: &[i64], shape: &[i64]) -> Outcome<Region> {
        let spec = &self.array.spec;
        let inside = |region: &Region| {
            region.origin.len() == spec.shape.len()
                && region.shape.len() == spec.shape.len()
                && region.origin.iter().zip(&region.shape).zip(&spec.shape).all(
                    |((origin, size), most)| {
                        origin.checked_add(*size).is_some_and(|end| end <= *most)
                    },
                )
        };
        let region = unsigned(origin).zip(unsigned(shape));
        let region = region.map(|(origin, shape)| Region { origin, shape }).filter(inside);
        region.ok_or_else(|| {
            let whole = &spec.shape;
            self.refused(format!(
                "expected a region inside {whole:?}, found origin {origin:?} and shape {shape:?}"
            ))
        })
    }

    /// How the elements of a region lie in `bytes` bytes of memory, which they fill to its end.
    fn checked_steps(
        &self,
        region: &Region,
        strides: Option<Vec<i64>>,
        bytes: usize,
    ) -> Outcome<Steps> {
        let ArraySpec { element_bytes, dtype, .. } = &self.array.spec;
        let elements = match &strides {
            None => region.elements(),
            Some(strides) => {
                let unsigned = unsigned(strides).filter(|list| list.len() == region.shape.len());
                unsigned.and_then(|strides| elements_spanned(&region.shape, &strides))
            }
        };
        let needed = elements.and_then(|count| count.checked_mul(*element_bytes as u64));
        if needed != Some(bytes as u64) {
            let shape = &region.shape;
            let apart = strides.map_or_else(String::new, |strides| {
                format!(" at strides {strides:?} that keep them apart")
            });
            return Err(self.refused(format!(
                "expected memory for {shape:?} of {dtype}{apart}, found {bytes} bytes"
            )));
        }
        let mut steps = dense_steps(&region.shape, *element_bytes);
        for (step, stride) in steps.iter_mut().zip(strides.unwrap_or_default()) {
            *step = (stride as usize).wrapping_mul(*element_bytes); // any, along an axis of size 1
        }
        Ok(steps)
    }

    fn checked_missing(&self, name: &str) -> Outcome<Missing> {
        match name {
            "error" => Ok(Missing::Refuse),
            "leave" => Ok(Missing::Leave),
            "fill" => Ok(Missing::Fill),
            _ => Err(self.refused(format!(
                "expected missingChunks to be fill, leave or error, found {name:?}"
            ))),
        }
    }

    fn refused(&self, message: String) -> Failure {
        let path = &self.array.path;
        let failure = Failure::new(Code::ZarrBounds, format!("{path}: {message}"));
        Failure { path: path.clone(), ..failure }
    }
}

fn unsigned(list: &[i64]) -> Option<Vec<u64>> {
    list.iter().map(|&value| u64::try_from(value).ok()).collect()
}
