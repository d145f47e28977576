//! Work for threads, and how it ends: once, with a result or a failure, whatever panics on the way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::failure::{Code, Failure, Outcome};
use crate::lock::lock;
use crate::worker::Worker;

/// Work that falls into units which any thread may run in any order.
pub trait Job: Send + Sync {
    fn units(&self) -> usize;
    /// Called once, before the first unit is run.
    fn queue(self: Arc<Self>, _: &Arc<Ticket>) {}
    fn run(&self, unit: usize, worker: &mut Worker) -> Outcome<()>;
    /// Runs a unit, and ends it; so may another job in its place.
    fn run_to_end(&self, ticket: &Ticket, unit: usize, worker: &mut Worker) {
        ticket.end(|| self.run(unit, worker));
    }
    /// Called once, after the last unit has ended, with the first failure if there was one.
    fn finish(&self, outcome: Outcome<()>);
}

/// A job on its way through the pool.
pub struct Ticket {
    pub job: Arc<dyn Job>,
    left: AtomicUsize,
    stopped: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

impl Ticket {
    pub fn new(job: Arc<dyn Job>) -> Arc<Self> {
        let left = AtomicUsize::new(job.units());
        let (stopped, failure) = Default::default();
        Arc::new(Self { job, left, stopped, failure })
    }

    /// Lets units that have not begun pass without running. The job still finishes.
    pub fn abort(&self) {
        self.record(Failure::aborted());
    }

    pub fn record(&self, failure: Failure) {
        lock(&self.failure).get_or_insert(failure);
        self.stopped.store(true, Ordering::Release);
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Ends one unit, with what `body` says unless the job has been stopped.
    pub fn end(&self, body: impl FnOnce() -> Outcome<()>) {
        if !self.is_stopped()
            && let Err(failure) = guarded(body)
        {
            self.record(failure);
        }
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.settle();
        }
    }

    pub fn settle(&self) {
        let outcome = lock(&self.failure).take().map_or(Ok(()), Err);
        // A panic here has no promise left to tell; it must only not take the thread with it.
        let _ = catch_unwind(AssertUnwindSafe(|| self.job.finish(outcome)));
    }
}

/// Called once, when a job has ended.
pub type Done<T> = Box<dyn FnOnce(Outcome<T>) + Send>;

/// A callback that a job calls at most once, from `finish`.
pub struct Once<F>(Mutex<Option<F>>);

impl<F> Once<F> {
    pub fn new(callback: F) -> Self {
        Self(Mutex::new(Some(callback)))
    }

    pub fn take(&self) -> Option<F> {
        lock(&self.0).take()
    }
}

/// Runs `body`, and turns a panic into a failure.
pub fn guarded<T>(body: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Err(Failure::new(Code::ZarrInternal, format!("a worker stopped unexpectedly: {text}")))
    })
}
