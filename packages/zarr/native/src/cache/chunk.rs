//! One chunk in the cache, and the bytes that it takes from the cache's limit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::content::Content;

/// Decoded as far as reads have needed it. Who decodes has it alone, so that reads in flight of one
/// chunk share one decoding; who copies shares it.
pub struct CachedChunk {
    content: RwLock<Content>,
    share: Share,
}

impl CachedChunk {
    pub fn new(content: Content, share: Share) -> Self {
        Self { content: RwLock::new(content), share }
    }

    // No panic leaves a lock behind that would matter: a block counts only once it is decoded.
    pub fn content(&self) -> RwLockReadGuard<'_, Content> {
        self.content.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn content_mut(&self) -> RwLockWriteGuard<'_, Content> {
        self.content.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn share_bytes(&self) -> usize {
        self.share.bytes
    }

    /// What it was made of, for another chunk.
    pub fn into_parts(self) -> (Content, Share) {
        (self.content.into_inner().unwrap_or_else(PoisonError::into_inner), self.share)
    }
}

/// A part of a cache's bytes, given back when dropped: after the memory, not before.
pub struct Share {
    bytes: usize,
    held: Arc<AtomicUsize>,
}

impl Share {
    pub fn take(bytes: usize, held: &Arc<AtomicUsize>) -> Self {
        held.fetch_add(bytes, Ordering::AcqRel);
        Self { bytes, held: held.clone() }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}
