//! Zarr chunks and safetensors files, read and written on native threads. `door` is all that
//! JavaScript sees; nothing else here knows of Node.

// Node calls the door; the tests do not.
#![cfg_attr(test, allow(dead_code))]

mod array;
mod atomic_file;
mod blosc;
mod cache;
mod chain;
mod claims;
mod compression;
mod content;
mod decode;
mod deflate;
mod door;
mod failure;
mod frame;
#[cfg(test)]
mod fuzz;
mod in_flight;
mod job;
mod keys;
mod lock;
mod lz4;
mod memory;
mod metadata;
mod part;
mod patience;
mod pool;
mod read;
mod region;
mod runs;
mod safetensors_file;
mod shard;
mod shard_file;
mod sharing;
mod steps;
mod stored;
mod task;
mod waiting;
mod worker;
mod write;
mod zstd;
