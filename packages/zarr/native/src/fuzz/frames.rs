use super::{MARGIN, Random, counts, damage, setting};
use crate::blosc::{Compressor, Decoder, Format, Header, Shuffle, encode};

#[test]
fn damaged_frames_of_blosc() {
    let mut random = Random::new();
    let mut frames = vec![];
    for name in ["blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"] {
        let compressor = Compressor::named(name).expect("it is one of blosc's");
        for shuffle in [Shuffle::None, Shuffle::Bytes, Shuffle::Bits] {
            for (element, length, block) in [
                (1, 1, 0),
                (2, 4100, 512),
                (3, 4101, 1024),
                (4, 9000, 0),
                (8, 4096, 512),
                (16, 333, 0),
            ] {
                let frame = encode(&counts(length), compressor, 5, shuffle, element, block);
                frames.push((frame.expect("c-blosc takes any bytes"), length));
            }
        }
    }
    let mut decoder = Decoder::new();
    let mut decoded = 0;
    for _ in 0..setting("FUZZ", 3000) {
        let (frame, length) = random.one(&frames);
        let (mut frame, length) = (frame.clone(), *length);
        damage(&mut frame, &mut random);
        let Ok(header) = Header::parse(&frame, frame.len(), length) else { continue };
        let mut memory = vec![0xa5; length + 2 * MARGIN];
        if header.format() != Format::Other || header.is_stored() {
            let first = random.below(header.blocks());
            let last = first + random.below(header.blocks() - first);
            if decoder.find_blocks(&header, &frame, first..=last).is_ok() {
                for block in first..=last {
                    let bytes = header.block_length(block);
                    let end = MARGIN + length; // what is written past a block lands in the margin
                    let out = &mut memory[end - bytes..end];
                    let _ = decoder.block(&header, &frame, block, first, out);
                }
            }
        }
        let out = &mut memory[MARGIN..MARGIN + length];
        decoded += u64::from(decoder.frame(&header, &frame, out).is_ok());
        let margins = memory[..MARGIN].iter().chain(&memory[MARGIN + length..]);
        assert!(margins.copied().all(|byte| byte == 0xa5), "a frame wrote outside its memory");
    }
    assert!(decoded > 0);
}
