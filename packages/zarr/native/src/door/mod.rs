//! All that JavaScript sees. Arguments in, a promise or an error out; `binding.ts` is the only
//! file that calls this. Every error is a `Failure` as JSON, and no panic passes.

mod array;
mod cache;
mod safetensors;

use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, Error, Result};
use napi_derive::napi;

use crate::failure::{Failure, Outcome};
use crate::in_flight::InFlight;
use crate::job::{Done, Ticket};
use crate::patience::PAUSES;
use crate::pool::Pool;
use crate::waiting;

thread_local! {
    /// Every JavaScript thread has its own.
    static IN_FLIGHT: std::cell::OnceCell<Arc<InFlight>> = const { std::cell::OnceCell::new() };
}

/// Sets the number of threads of the process's pool.
#[napi(catch_unwind)]
pub fn set_threads(threads: u32) {
    Pool::global().resize(threads as usize);
}

#[napi(catch_unwind)]
pub fn threads() -> u32 {
    Pool::global().threads() as u32
}

/// How long is waited before each further try of storage that failed for a moment.
#[napi(catch_unwind)]
pub fn pauses_ms() -> Vec<u32> {
    PAUSES.iter().map(|pause| pause.as_millis() as u32).collect()
}

#[napi(object)]
pub struct WaitedFile {
    pub path: String,
    pub seconds: f64,
}

/// The files that threads have been reading for so many seconds, the longest first.
#[napi(catch_unwind)]
pub fn waited_for(least_seconds: f64) -> Vec<WaitedFile> {
    let least = Duration::try_from_secs_f64(least_seconds).unwrap_or_default();
    let files = waiting::waited_for(least).into_iter();
    files.map(|(path, waited)| WaitedFile { path, seconds: waited.as_secs_f64() }).collect()
}

/// Asks the job that was begun with this id to stop. Its promise then rejects.
#[napi(catch_unwind)]
pub fn abort(env: Env, id: u32) -> Result<()> {
    in_flight(&env)?.abort(id);
    Ok(())
}

/// Starts a job, and makes the promise that it settles. `kept` holds the memory it works on.
///
/// What can be refused is refused before: a deferred that is never settled would keep the process
/// from ending.
fn promise<'e, K, T, R>(
    env: &'e Env,
    id: u32,
    kept: K,
    report: impl FnOnce(T) -> R + Send + 'static,
    start: impl FnOnce(Done<T>) -> Arc<Ticket>,
) -> Result<Object<'e>>
where
    K: Send + 'static,
    T: Send + 'static,
    R: ToNapiValue + Send + 'static,
{
    let in_flight = in_flight(env)?;
    in_flight.begin(id).map_err(thrown)?;
    let (deferred, promise) = env.create_deferred().inspect_err(|_| in_flight.end(id))?;
    let ended = in_flight.clone();
    let settle = move |outcome: Outcome<T>| {
        match outcome {
            Ok(value) => {
                let value = report(value);
                deferred.resolve(move |_| {
                    drop(kept);
                    Ok(value)
                });
            }
            Err(failure) => {
                deferred.reject(thrown(failure));
                drop(kept);
            }
        }
        ended.end(id);
    };
    in_flight.queued(id, start(Box::new(settle)));
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
