use std::sync::Mutex;

use crate::failure::{Code, Failure, Outcome};
use crate::job::{Done, Job, Once};
use crate::lock::lock;
use crate::worker::Worker;

/// A job of one unit.
pub struct Task<T> {
    work: Once<Box<dyn FnOnce() -> Outcome<T> + Send>>,
    result: Mutex<Option<T>>,
    done: Once<Done<T>>,
}

impl<T> Task<T> {
    pub fn new(work: impl FnOnce() -> Outcome<T> + Send + 'static, done: Done<T>) -> Self {
        Self { work: Once::new(Box::new(work)), result: Mutex::new(None), done: Once::new(done) }
    }
}

impl<T: Send> Job for Task<T> {
    fn units(&self) -> usize {
        1
    }

    fn run(&self, _: usize, _: &mut Worker) -> Outcome<()> {
        if let Some(work) = self.work.take() {
            *lock(&self.result) = Some(work()?);
        }
        Ok(())
    }

    fn finish(&self, outcome: Outcome<()>) {
        let nothing = || Failure::new(Code::ZarrInternal, "expected a result, found none");
        let result = outcome.and_then(|()| lock(&self.result).take().ok_or_else(nothing));
        if let Some(done) = self.done.take() {
            done(result);
        }
    }
}
