//! What one thread of the pool keeps between units: buffers, and decoding contexts.

use crate::blosc;
use crate::content::Content;
use crate::failure::{Code, Failure, Outcome};
use crate::zstd::Zstd;

/// Above this, a thread gives its buffers back after the unit that needed them.
const KEEP_BYTES: usize = 64 << 20;

#[derive(Default)]
pub struct Buffer(Vec<u8>);

impl Buffer {
    /// The first `bytes` bytes, with whatever they held before.
    pub fn room(&mut self, bytes: usize) -> Outcome<&mut [u8]> {
        if self.0.len() < bytes {
            self.0 = Vec::new();
            let grown = self.0.try_reserve_exact(bytes);
            grown.map_err(|_| {
                let message = format!("expected room for a buffer of {bytes} bytes, found none");
                Failure::new(Code::ZarrIo, message)
            })?;
            self.0.resize(bytes, 0);
        }
        Ok(&mut self.0[..bytes])
    }
}

pub struct Worker {
    /// Bytes as they are stored.
    pub raw: Buffer,
    /// Decoded bytes: one block, or one chunk.
    pub plain: Buffer,
    pub spare: Buffer,
    /// A chunk of which several reads want parts.
    pub content: Content,
    pub decoders: Decoders,
}

pub struct Decoders {
    pub blosc: blosc::Decoder,
    pub zstd: Zstd,
    pub deflate: libdeflater::Decompressor,
}

impl Worker {
    pub fn new() -> Self {
        let (raw, plain, spare, content) = Default::default();
        let blosc = blosc::Decoder::new();
        let deflate = libdeflater::Decompressor::new();
        let decoders = Decoders { blosc, zstd: Zstd::new(), deflate };
        Self { raw, plain, spare, content, decoders }
    }

    pub fn trim(&mut self) {
        for buffer in [&mut self.raw, &mut self.plain, &mut self.spare] {
            if buffer.0.capacity() > KEEP_BYTES {
                *buffer = Buffer::default();
            }
        }
        if self.content.capacity() > KEEP_BYTES {
            self.content = Content::default();
        }
        self.decoders.blosc.trim(KEEP_BYTES);
    }
}
