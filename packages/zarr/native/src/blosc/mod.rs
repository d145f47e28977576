//! Blosc-1 frames, decoded block by block. c-blosc decodes a whole frame at a time, makes a zstd
//! context for each block, and has its AVX2 code only where the build asks for it; this reader
//! keeps one context per thread, takes only the blocks it needs, and looks at the processor.
//!
//! A frame: 16 bytes of header, a table of block offsets, blocks. A block is one compressed
//! stream, or one per byte of the element ("split"), each with its length before it.
//! Source: c-blosc 1.21, README_CHUNK_FORMAT.rst and `blosc_d` in blosc/blosc.c.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod decoder;
mod encoder;
mod header;
mod unshuffle;

pub use decoder::Decoder;
pub use encoder::{Compressor, Shuffle, encode};
pub use header::{Format, HEADER_BYTES, Header, u32_at};
