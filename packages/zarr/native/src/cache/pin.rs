use std::sync::Arc;

use super::chunk::CachedChunk;
use super::state::Slot;
use super::{Cache, Key};
use crate::lock::lock;

/// Keeps a chunk in its cache as long as a read is at it.
pub struct Pin {
    cache: Arc<Cache>,
    key: Key,
    chunk: Option<Arc<CachedChunk>>,
}

impl Pin {
    /// Of a chunk whose slot counts the pin already.
    pub fn new(cache: Arc<Cache>, key: Key, chunk: Arc<CachedChunk>) -> Self {
        Self { cache, key, chunk: Some(chunk) }
    }

    pub fn chunk(&self) -> &CachedChunk {
        self.chunk.as_deref().expect("a pin has its chunk until it is dropped")
    }

    /// Takes the chunk out of the cache: it could not be read.
    pub fn discard(self) {
        let mut state = lock(&self.cache.state);
        let is_ours =
            |slot: &Slot| self.chunk.as_ref().is_some_and(|c| Arc::ptr_eq(c, &slot.chunk));
        if state.slots.get(&self.key).is_some_and(is_ours) {
            state.remove(self.key);
        }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let Some(chunk) = self.chunk.take() else { return };
        let mut state = lock(&self.cache.state);
        let Some(slot) = state.slots.get_mut(&self.key) else { return };
        if Arc::ptr_eq(&slot.chunk, &chunk) {
            drop(chunk); // before it may be taken out: then the cache has it alone
            slot.pins -= 1;
            if slot.pins == 0 {
                state.place_in_order(self.key);
            }
        }
    }
}
