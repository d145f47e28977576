//! All that JavaScript sees. Arguments in, a promise or an error out; `binding.ts` is the only
//! file that calls this. Every call passes through `guarded`, and every error is a `Failure` as JSON.

use std::sync::Arc;

use napi::bindgen_prelude::{Object, Uint8Array};
use napi::{Env, Error, Result};
use napi_derive::napi;

use crate::array::ZarrArray;
use crate::failure::{Code, Failure, Outcome};
use crate::in_flight::InFlight;
use crate::memory::{Source, Target};
use crate::metadata;
use crate::pool::{Job, Pool, guarded};
use crate::read::{Done, ReadJob, ReadReport};
use crate::region::Region;
use crate::write::WriteJob;

thread_local! {
    /// Every JavaScript thread has its own.
    static IN_FLIGHT: std::cell::OnceCell<Arc<InFlight>> = const { std::cell::OnceCell::new() };
}

/// Sets the number of threads of the process's pool.
#[napi]
pub fn set_threads(threads: u32) {
    Pool::global().resize(threads as usize);
}

#[napi]
pub fn threads() -> u32 {
    Pool::global().threads() as u32
}

/// Asks the job that was begun with this id to stop. Its promise then rejects.
#[napi]
pub fn abort(env: Env, id: u32) -> Result<()> {
    in_flight(&env)?.abort(id);
    Ok(())
}

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
}

#[napi]
impl NativeArray {
    /// From the text of `zarr.json` (format 3) or `.zarray` (format 2).
    #[napi(constructor)]
    pub fn new(path: String, text: String, format: u32) -> Result<Self> {
        let spec = guarded(|| metadata::parse(&text, format));
        let spec = spec.map_err(|failure| thrown(Failure { path: path.clone(), ..failure }))?;
        Ok(Self { array: Arc::new(ZarrArray { path, spec }) })
    }

    #[napi]
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

    /// Reads a region into `target`, which has just its size. `id` is for `abort`.
    #[napi(ts_return_type = "Promise<ReadInfo>")]
    pub fn read<'e>(
        &self,
        env: &'e Env,
        id: u32,
        target: Uint8Array,
        origin: Vec<i64>,
        shape: Vec<i64>,
        refuses_missing: bool,
    ) -> Result<Object<'e>> {
        let region = self.checked_region(&origin, &shape, target.len()).map_err(thrown)?;
        // SAFETY: `target` keeps the memory, and moves into the promise.
        let memory = unsafe { Target::new(target.as_ptr().cast_mut(), target.len()) };
        let array = self.array.clone();
        let job = |done| ReadJob::new(array, region, memory, refuses_missing, done);
        let report = |report: ReadReport| ReadInfo {
            chunks: report.chunks as i64,
            missing_chunks: report.missing as i64,
        };
        promise(env, id, target, job, report)
    }

    /// Writes `source`, which has just the size of the region. `id` is for `abort`.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn write<'e>(
        &self,
        env: &'e Env,
        id: u32,
        source: Uint8Array,
        origin: Vec<i64>,
        shape: Vec<i64>,
        is_durable: bool,
    ) -> Result<Object<'e>> {
        let region = self.checked_region(&origin, &shape, source.len()).map_err(thrown)?;
        // SAFETY: as in `read`.
        let memory = unsafe { Source::new(source.as_ptr(), source.len()) };
        let array = self.array.clone();
        let job = |done| WriteJob::new(array, region, memory, is_durable, done);
        promise(env, id, source, job, |()| ())
    }

    fn checked_region(&self, origin: &[i64], shape: &[i64], bytes: usize) -> Outcome<Region> {
        let spec = &self.array.spec;
        let path = &self.array.path;
        let refused = |message| Failure {
            path: path.clone(),
            ..Failure::new(Code::ZarrBounds, format!("{path}: {message}"))
        };
        let unsigned = |list: &[i64]| -> Option<Vec<u64>> {
            list.iter().map(|&value| u64::try_from(value).ok()).collect()
        };
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
        let region = region.ok_or_else(|| {
            let whole = &spec.shape;
            refused(format!(
                "expected a region inside {whole:?}, found origin {origin:?} and shape {shape:?}"
            ))
        })?;
        let needed =
            region.elements().and_then(|count| count.checked_mul(spec.element_bytes as u64));
        if needed != Some(bytes as u64) {
            let dtype = &spec.dtype;
            return Err(refused(format!(
                "expected memory for {shape:?} of {dtype}, found {bytes} bytes"
            )));
        }
        Ok(region)
    }
}

/// Queues a job, and makes the promise that it settles. `kept` holds the memory it works on.
fn promise<'e, J: Job + 'static, T: Send + 'static, R>(
    env: &'e Env,
    id: u32,
    kept: Uint8Array,
    job: impl FnOnce(Done<T>) -> J,
    report: impl FnOnce(T) -> R + Send + 'static,
) -> Result<Object<'e>>
where
    R: napi::bindgen_prelude::ToNapiValue + Send + 'static,
{
    let in_flight = in_flight(env)?;
    let (deferred, promise) = env.create_deferred()?;
    let ended = in_flight.clone();
    let done: Done<T> = Box::new(move |outcome| {
        match outcome {
            Ok(value) => {
                let value = report(value);
                deferred.resolve(move |_| {
                    drop(kept);
                    Ok(value)
                });
            }
            Err(failure) => {
                drop(kept);
                deferred.reject(thrown(failure));
            }
        }
        ended.end(id);
    });
    in_flight.begin(id);
    let ticket = Pool::global().submit(Box::new(job(done)));
    in_flight.queued(id, ticket);
    Ok(promise)
}

fn in_flight(env: &Env) -> Result<Arc<InFlight>> {
    IN_FLIGHT.with(|cell| {
        if let Some(in_flight) = cell.get() {
            return Ok(in_flight.clone());
        }
        let in_flight = Arc::new(InFlight::default());
        env.add_env_cleanup_hook(in_flight.clone(), |in_flight| in_flight.drain())?;
        Ok(cell.get_or_init(|| in_flight).clone())
    })
}

fn thrown(failure: Failure) -> Error {
    Error::from_reason(failure.json())
}
