use std::fs;

use super::documents::sharded_document;
use super::{MARGIN, Random, counts, damage, setting};
use crate::array::ZarrArray;
use crate::chain::append_crc;
use crate::memory::{Destination, Target};
use crate::region::Region;
use crate::shard::{self, tick};
use crate::steps::dense_steps;
use crate::worker::Worker;

/// Two by two by two chunks of 512 elements in one shard, and their decoded bytes.
fn shard(array: &ZarrArray) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut file, mut index, mut chunks) = (vec![], vec![], vec![]);
    for number in 0..8_u8 {
        let plain: Vec<u8> = counts(1024).into_iter().map(|byte| byte ^ (number << 5)).collect();
        let stored = array.spec.chain.encode(&plain).expect("it can be written");
        index.extend((file.len() as u64).to_le_bytes());
        index.extend((stored.len() as u64).to_le_bytes());
        file.extend(stored);
        chunks.push(plain);
    }
    append_crc(&mut index);
    file.extend(index);
    (file, chunks)
}

fn damage_index(file: &mut Vec<u8>, random: &mut Random) {
    let start = file.len() - (8 * 16 + 4);
    let mut index = file.split_off(start);
    index.truncate(8 * 16);
    let at = 8 * random.below(16);
    match random.below(8) {
        0 => index[at / 16 * 16..][..16].fill(0xff), // absent
        _ => index[at..at + 8].copy_from_slice(&random.number(start).to_le_bytes()),
    }
    append_crc(&mut index);
    file.extend(index);
}

#[test]
fn damaged_shards() {
    let mut random = Random::new();
    let folder = std::env::temp_dir().join(format!("cello-fuzz-{}", std::process::id()));
    let mut arrays = vec![];
    for (number, codec) in ["blosc", "zstd", "gzip", "none"].into_iter().enumerate() {
        let path = folder.join(number.to_string());
        fs::create_dir_all(path.join("c/0/0")).expect("a folder of our own");
        let text = sharded_document(codec).to_string();
        let array = ZarrArray::open(path.display().to_string(), &text, 3, None);
        let array = array.unwrap_or_else(|failure| panic!("{}", failure.message));
        let (file, chunks) = shard(&array);
        arrays.push((array, file, chunks));
    }
    let mut worker = Worker::new();
    let (mut refused, mut right, mut missing) = (0, 0, 0);
    for _ in 0..setting("FUZZ", 1500) {
        let (array, file, chunks) = random.one(&arrays);
        let mut file = file.clone();
        let is_index = random.below(3) == 0;
        match is_index {
            true => damage_index(&mut file, &mut random),
            false => damage(&mut file, &mut random),
        }
        let path = array.file(&[0, 0, 0]);
        fs::write(&path, file).expect("a file of our own");
        shard::forget(&path);
        let number = random.below(8);
        let chunk: Vec<u64> = [4, 2, 1].iter().map(|bit| (number / bit % 2) as u64).collect();
        let region = array.chunk_region(&chunk);
        let shape = [1 + random.below(8) as u64, 8, 8];
        let region = Region { origin: region.origin, shape: shape.to_vec() };
        let bytes = 2 * shape.iter().product::<u64>() as usize;
        let mut memory = vec![0xa5; bytes + 2 * MARGIN];
        // SAFETY: the memory is used by this call only, and outlives it.
        let target = unsafe { Target::new(memory[MARGIN..].as_mut_ptr(), bytes) };
        let steps = dense_steps(&shape, 2);
        let destination = Destination { region, steps, memory: target };
        match array.copy_parts(&chunk, &[&destination], &[], tick(), &mut worker) {
            Err(_) => refused += 1,
            Ok(found) if found.is_missing => {
                assert!(is_index, "damage made a chunk disappear");
                missing += 1;
            }
            Ok(_) => {
                let read = &memory[MARGIN..MARGIN + bytes];
                let is_right = |chunk: &Vec<u8>| read == &chunk[..bytes];
                let known = if is_index { &chunks[..] } else { &chunks[number..=number] };
                assert!(known.iter().any(is_right), "damage passed for voxels");
                right += 1;
            }
        }
        let margins = memory[..MARGIN].iter().chain(&memory[MARGIN + bytes..]);
        assert!(margins.copied().all(|byte| byte == 0xa5), "a chunk wrote outside its memory");
    }
    fs::remove_dir_all(&folder).expect("a folder of our own");
    println!("shards: {refused} refused, {right} right, {missing} missing by a new index");
    assert!(refused > 0 && right > 0);
}
