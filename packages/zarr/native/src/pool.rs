//! One pool of threads per process. A job is a number of units; the queue holds jobs, not units,
//! so that a read of a million chunks costs no more memory than a read of one.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use crate::failure::{Code, Failure};
use crate::job::{Job, Ticket};
use crate::lock::lock;
use crate::worker::Worker;

pub struct Pool {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    queue: VecDeque<(Arc<Ticket>, usize)>,
    wanted: usize,
    alive: usize,
}

impl Pool {
    /// The process's pool, with a thread per processor until `resize` says otherwise.
    pub fn global() -> &'static Pool {
        static POOL: OnceLock<Pool> = OnceLock::new();
        POOL.get_or_init(|| {
            let wanted = std::thread::available_parallelism().map_or(1, usize::from);
            let queue = VecDeque::new();
            Pool { state: Mutex::new(State { queue, wanted, alive: 0 }), work: Condvar::new() }
        })
    }

    pub fn resize(&'static self, threads: usize) {
        let mut state = lock(&self.state);
        state.wanted = threads.max(1);
        if state.alive > 0 {
            self.spawn(&mut state);
        }
        self.work.notify_all();
    }

    pub fn threads(&self) -> usize {
        lock(&self.state).wanted
    }

    /// Queues a job; its `finish` runs on a thread of the pool, or here when it has no units.
    pub fn submit(&'static self, job: Arc<dyn Job>) -> Arc<Ticket> {
        let units = job.units();
        let ticket = Ticket::new(job);
        if units == 0 {
            ticket.settle();
            return ticket;
        }
        let mut state = lock(&self.state);
        self.spawn(&mut state);
        if state.alive == 0 {
            drop(state);
            ticket.record(no_thread());
            ticket.settle();
            return ticket;
        }
        drop(state);
        ticket.job.clone().queue(&ticket);
        lock(&self.state).queue.push_back((ticket.clone(), 0));
        if units == 1 {
            self.work.notify_one()
        } else {
            self.work.notify_all()
        }
        ticket
    }

    fn spawn(&'static self, state: &mut State) {
        while state.alive < state.wanted {
            let builder = std::thread::Builder::new().name("cello-zarr".into());
            if builder.spawn(|| self.work()).is_err() {
                return; // out of threads: go on with those there are
            }
            state.alive += 1;
        }
    }

    fn work(&self) {
        let mut worker = Worker::new();
        while let Some((ticket, unit)) = self.next() {
            ticket.job.run_to_end(&ticket, unit, &mut worker);
            worker.trim();
        }
    }

    fn next(&self) -> Option<(Arc<Ticket>, usize)> {
        let mut state = lock(&self.state);
        loop {
            if state.alive > state.wanted {
                state.alive -= 1;
                return None;
            }
            if let Some((ticket, next)) = state.queue.front_mut() {
                let taken = (ticket.clone(), *next);
                *next += 1;
                if *next == ticket.job.units() {
                    state.queue.pop_front();
                }
                return Some(taken);
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Runs a job's units in order on a thread of their own: for work that would keep a thread of the
/// pool from its reads, such as waiting for a disk.
pub fn run_apart(job: Arc<dyn Job>) -> Arc<Ticket> {
    let units = job.units();
    let ticket = Ticket::new(job);
    let apart = ticket.clone();
    let run = move || {
        let mut worker = Worker::new();
        (0..units).for_each(|unit| apart.job.run_to_end(&apart, unit, &mut worker));
    };
    if std::thread::Builder::new().name("cello-save".into()).spawn(run).is_err() {
        ticket.record(no_thread());
        ticket.settle();
    }
    ticket
}

fn no_thread() -> Failure {
    Failure::new(Code::ZarrIo, "expected a new thread, the operating system gave none")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::failure::Outcome;
    use crate::job::{Done, Once};
    use crate::task::Task;

    struct Trouble {
        done: Once<Done<()>>,
        ran: AtomicUsize,
    }

    impl Job for Trouble {
        fn units(&self) -> usize {
            100
        }

        fn run(&self, unit: usize, _: &mut Worker) -> Outcome<()> {
            self.ran.fetch_add(1, Ordering::Relaxed);
            assert!(unit != 3, "unit {unit} has had enough");
            Ok(())
        }

        fn finish(&self, outcome: Outcome<()>) {
            if let Some(done) = self.done.take() {
                done(outcome);
            }
        }
    }

    #[test]
    fn a_panic_settles_the_job_and_leaves_the_pool_working() {
        for _ in 0..20 {
            let (send, receive) = mpsc::channel();
            let done: Done<()> = Box::new(move |outcome| send.send(outcome).unwrap_or(()));
            let job = Trouble { done: Once::new(done), ran: AtomicUsize::new(0) };
            Pool::global().submit(Arc::new(job));
            let failure = receive.recv().ok().and_then(Result::err);
            let message = failure.map(|failure| failure.message).unwrap_or_default();
            assert!(message.contains("unit 3 has had enough"), "{message}");
        }
    }

    #[test]
    fn the_pool_grows_and_shrinks() {
        for threads in [4, 1, 2] {
            Pool::global().resize(threads);
            let (send, receive) = mpsc::channel();
            let done: Done<u8> = Box::new(move |outcome| send.send(outcome).unwrap_or(()));
            Pool::global().submit(Arc::new(Task::new(|| Ok(7), done)));
            assert_eq!(receive.recv().ok().and_then(Result::ok), Some(7));
        }
    }
}
