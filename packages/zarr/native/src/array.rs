//! An open array: what it is made of, and where its chunks are.

use std::io::ErrorKind;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::cache::{self, Cache, Key};
use crate::compression::Compression;
use crate::failure::{Code, Failure, Outcome};
use crate::metadata::{self, ArraySpec};
use crate::region::{self, Region, number_of};

pub struct ZarrArray {
    pub path: String,
    pub spec: ArraySpec,
    pub cache: Option<Arc<Cache>>,
    /// The file that says what the array is.
    document: String,
    /// Of the path and the metadata: the same for every handle of the same array.
    digest: u128,
    /// Chunks along each axis; none when they are too many to be numbered.
    grid: Option<Vec<u64>>,
}

impl ZarrArray {
    /// From the text of `zarr.json` (format 3) or `.zarray` (format 2).
    pub fn open(path: String, text: &str, format: u32, cache: Option<Arc<Cache>>) -> Outcome<Self> {
        let spec = metadata::parse(text, format)?;
        let axes = spec.shape.iter().zip(&spec.chunk);
        let grid: Vec<u64> = axes.map(|(size, chunk)| size.div_ceil(*chunk)).collect();
        let grid = metadata::product(&grid).map(|_| grid);
        let hash =
            Sha256::new().chain_update(&path).chain_update([0]).chain_update(text).finalize();
        let digest = u128::from_le_bytes(std::array::from_fn(|at| hash[at]));
        let document = if format == 2 { ".zarray" } else { "zarr.json" };
        let document = format!("{path}/{document}");
        Ok(Self { path, spec, cache, document, digest, grid })
    }

    /// The name of a chunk in a cache.
    pub fn key(&self, chunk: &[u64]) -> Option<Key> {
        let chunk = number_of(chunk, self.grid.as_ref()?);
        Some(Key { array: self.digest, chunk })
    }

    /// Forgets what caches hold of the array, which was made anew.
    pub fn forget(&self) {
        cache::forget_array(self.digest);
    }

    /// Path of the file that holds a chunk of the outer grid.
    pub fn file(&self, outer: &[u64]) -> String {
        format!("{}/{}", self.path, self.spec.keys.key(outer))
    }

    /// The chunk of the outer grid that holds an inner chunk, and its number in there.
    pub fn outer(&self, chunk: &[u64]) -> (Vec<u64>, u64) {
        let Some(shard) = &self.spec.shard else { return (chunk.to_vec(), 0) };
        let axes = chunk.iter().zip(&shard.chunks);
        let (outer, inner): (Vec<u64>, Vec<u64>) = axes.map(|(c, n)| (c / n, c % n)).unzip();
        (outer, number_of(&inner, &shard.chunks))
    }

    /// Shape of the part of the array that one file holds: a shard, or a chunk.
    pub fn file_shape(&self) -> Vec<u64> {
        let chunk = self.spec.chunk.iter();
        match &self.spec.shard {
            Some(shard) => chunk.zip(&shard.chunks).map(|(size, count)| size * count).collect(),
            None => chunk.copied().collect(),
        }
    }

    /// Shape of what of a chunk lies inside the array.
    pub fn inside(&self, chunk: &Region) -> Vec<u64> {
        let whole = Region { origin: vec![0; chunk.shape.len()], shape: self.spec.shape.clone() };
        whole.within(&chunk.origin, &chunk.shape).shape
    }

    pub fn chunk_region(&self, chunk: &[u64]) -> Region {
        let shape = self.spec.chunk.clone();
        Region { origin: region::corner(chunk, &shape), shape }
    }

    /// Are chunks single blosc frames, whose blocks can be decoded by themselves?
    pub fn is_blosc_only(&self) -> bool {
        let chain = &self.spec.chain;
        matches!(chain.tail.compression, Some(Compression::Blosc(_))) && chain.is_bare()
    }

    /// Says which array, chunk and file it was about.
    pub fn located(&self, failure: Failure, chunk: &[u64], file: &str) -> Failure {
        let path = &self.path;
        let message = format!("{path}, chunk {chunk:?}, file {file}: {}", failure.message);
        Failure { message, path: path.clone(), chunk: Some(chunk.to_vec()), ..failure }
    }

    /// Of an array that was deleted, or whose disk is gone, every chunk is missing: that is no
    /// reason to read fill values.
    pub fn is_there(&self) -> Outcome<()> {
        let document = &self.document;
        match std::fs::metadata(document) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let message = format!("expected {document} beside a missing chunk, it is gone");
                Err(Failure::new(Code::ZarrIo, message))
            }
            Err(error) => Err(Failure::io(Code::ZarrIo, "open", document, &error)),
        }
    }

    pub fn missing(&self, chunk: &[u64]) -> Failure {
        let file = self.file(&self.outer(chunk).0);
        let failure = Failure::new(Code::ZarrMissingChunk, "expected the chunk, found none");
        self.located(failure, chunk, &file)
    }
}
