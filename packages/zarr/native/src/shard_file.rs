//! Puts a shard together. Source of the layout: Zarr specification, sharding codec 1.0.

use std::sync::Arc;

use crate::atomic_file::AtomicFile;
use crate::chain::{CRC_BYTES, append_crc};
use crate::failure::{Code, Failure, Outcome};
use crate::metadata::ShardSpec;
use crate::shard::Shard;
use crate::stored::Place;

/// Offset and length of a chunk that a shard does not hold.
const ABSENT: [u8; 16] = [0xff; 16];

/// What stands in a shard for one of its chunks.
enum Piece<'a> {
    Fresh(&'a [u8]),
    /// As it is in the file that is being replaced.
    Kept(Place),
    Absent,
}

/// Writes a shard: the chunks in their order, and the index before or after them. `fresh` chunks, in
/// the order of their numbers, take the place of those that the `old` shard holds.
pub fn write_shard(
    file: &mut AtomicFile,
    spec: &ShardSpec,
    fresh: &[(u64, Vec<u8>)],
    old: Option<&Arc<Shard>>,
    most_stored: usize,
) -> Outcome<()> {
    let count: u64 = spec.chunks.iter().product();
    let mut fresh = fresh.iter().peekable();
    let piece = |number| match fresh.next_if(|(next, _)| *next == number) {
        Some((_, bytes)) => Ok(Piece::Fresh(bytes)),
        None => Place::in_shard(old.cloned(), number, most_stored)
            .map(|place| place.map_or(Piece::Absent, Piece::Kept)),
    };
    let pieces = (0..count).map(piece).collect::<Outcome<Vec<_>>>()?;
    check_kept(&pieces, old)?;
    let index = index_of(&pieces, spec);
    if !spec.index_at_end {
        file.write(&index)?;
    }
    let mut buffer = Vec::new();
    for piece in &pieces {
        match piece {
            Piece::Fresh(bytes) => file.write(bytes)?,
            Piece::Kept(place) => {
                buffer.resize(place.bytes, 0);
                place.read(0, &mut buffer)?;
                file.write(&buffer)?;
            }
            Piece::Absent => {}
        }
    }
    if spec.index_at_end { file.write(&index) } else { Ok(()) }
}

/// Of an index that names the same bytes again and again, a small shard would become a huge one.
fn check_kept(pieces: &[Piece], old: Option<&Arc<Shard>>) -> Outcome<()> {
    let Some(old) = old else { return Ok(()) };
    let bytes = |piece: &Piece| if let Piece::Kept(place) = piece { place.bytes as u64 } else { 0 };
    let (kept, most) = (pieces.iter().map(bytes).sum::<u64>(), old.version.bytes());
    if kept <= most {
        return Ok(());
    }
    let message = format!(
        "expected chunks of at most {most} bytes together in {}, its index says {kept}",
        old.path
    );
    Err(Failure::new(Code::ZarrChunk, message))
}

fn index_of(pieces: &[Piece], spec: &ShardSpec) -> Vec<u8> {
    let crc_bytes = if spec.index_has_crc { CRC_BYTES } else { 0 };
    let index_bytes = ABSENT.len() * pieces.len() + crc_bytes;
    let mut index = Vec::with_capacity(index_bytes);
    let mut offset = if spec.index_at_end { 0 } else { index_bytes };
    for piece in pieces {
        let bytes = match piece {
            Piece::Fresh(bytes) => bytes.len(),
            Piece::Kept(place) => place.bytes,
            Piece::Absent => {
                index.extend_from_slice(&ABSENT);
                continue;
            }
        };
        index.extend_from_slice(&(offset as u64).to_le_bytes());
        index.extend_from_slice(&(bytes as u64).to_le_bytes());
        offset += bytes;
    }
    if spec.index_has_crc {
        append_crc(&mut index);
    }
    index
}
