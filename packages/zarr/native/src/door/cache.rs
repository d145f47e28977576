use std::sync::Arc;

use napi_derive::napi;

use crate::cache::Cache;

#[napi]
pub struct NativeCache {
    pub(super) cache: Arc<Cache>,
}

#[napi(object)]
pub struct CacheInfo {
    pub hits: i64,
    pub misses: i64,
    pub evicted: i64,
    pub chunks: i64,
    pub bytes: i64,
    pub most_bytes: i64,
    pub expected: i64,
}

#[napi]
impl NativeCache {
    #[napi(constructor, catch_unwind)]
    pub fn new(bytes: i64) -> Self {
        Self { cache: Cache::new(usize::try_from(bytes).unwrap_or(0)) }
    }

    #[napi(catch_unwind)]
    pub fn next_place(&self) -> i64 {
        self.cache.next_place() as i64
    }

    #[napi(catch_unwind)]
    pub fn statistics(&self) -> CacheInfo {
        let found = self.cache.statistics();
        CacheInfo {
            hits: found.hits as i64,
            misses: found.misses as i64,
            evicted: found.evicted as i64,
            chunks: found.chunks as i64,
            bytes: found.bytes as i64,
            most_bytes: found.most_bytes as i64,
            expected: found.expected as i64,
        }
    }

    #[napi(catch_unwind)]
    pub fn clear(&self) {
        self.cache.clear();
    }
}
