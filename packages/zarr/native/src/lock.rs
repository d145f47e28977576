use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks without regard to poison: every panic is caught (`job::guarded`), and the state behind
/// these locks is valid between any two statements.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
