use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use super::{Random, damage, setting};
use crate::array::ZarrArray;

pub fn sharded_document(codec: &str) -> Value {
    let compressor = match codec {
        "blosc" => json!({ "name": codec, "configuration": {
            "cname": "zstd", "clevel": 1, "shuffle": "bitshuffle", "typesize": 2, "blocksize": 256 } }),
        "zstd" => json!({ "name": codec, "configuration": { "level": 1, "checksum": false } }),
        _ => json!({ "name": codec, "configuration": { "level": 1 } }),
    };
    let mut codecs = vec![json!({ "name": "bytes", "configuration": { "endian": "little" } })];
    codecs.extend((codec != "none").then_some(compressor));
    codecs.push(json!({ "name": "crc32c" }));
    json!({
        "zarr_format": 3, "node_type": "array", "shape": [16, 16, 16], "data_type": "uint16",
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": [16, 16, 16] } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "fill_value": 0, "attributes": {}, "dimension_names": ["z", null, "x"],
        "codecs": [{ "name": "sharding_indexed", "configuration": {
            "chunk_shape": [8, 8, 8], "codecs": codecs, "index_location": "end",
            "index_codecs": [
                { "name": "bytes", "configuration": { "endian": "little" } }, { "name": "crc32c" },
            ],
        } }],
    })
}

fn old_document() -> Value {
    json!({
        "zarr_format": 2, "shape": [10, 10], "chunks": [4, 4], "dtype": ">i2", "order": "F",
        "fill_value": 3, "dimension_separator": ".", "filters": null,
        "compressor": { "id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0 },
    })
}

/// The place of each value in a document, as a JSON pointer.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(k, v)| (k.to_string(), v)).collect(),
        Value::Object(map) => map.iter().map(|(key, v)| (key.clone(), v)).collect(),
        _ => vec![],
    };
    for (key, child) in children {
        places(child, format!("{at}/{key}"), found);
    }
    found.push(at);
}

fn odd_value(document: &Value, found: &[String], random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => json!(random.next().is_multiple_of(2)),
        2 => json!([]),
        3 => json!({}),
        4 => json!(random.one(&[
            "",
            "NaN",
            "Infinity",
            "0x7fc0",
            "AAAA",
            "..",
            "uint8",
            "complex64"
        ])),
        5 => json!(*random.one(&[-1.0, 0.5, 1e308, -0.0, 9.007_199_254_740_993e15])),
        6 => json!([random.number(4), random.number(4), random.number(4)]),
        7 => document.pointer(random.one::<String>(found)).cloned().unwrap_or_default(),
        _ => json!(random.number(8)),
    }
}

#[test]
fn damaged_documents() {
    let mut random = Random::new();
    let mut documents: Vec<(Value, u32)> =
        ["blosc", "zstd", "gzip", "none"].map(|codec| (sharded_document(codec), 3)).into();
    for (document, _) in documents.clone() {
        let inner = document.pointer("/codecs/0/configuration/codecs").cloned();
        let mut plain = document;
        plain["codecs"] = inner.expect("it is sharded");
        documents.push((plain, 3));
    }
    documents.push((old_document(), 2));
    let mut taken = 0;
    for _ in 0..setting("FUZZ", 3000) {
        let (document, format) = random.one(&documents);
        let mut document = document.clone();
        for _ in 0..1 + random.below(2) {
            let mut found = vec![];
            places(&document, String::new(), &mut found);
            let value = odd_value(&document, &found, &mut random);
            if let Some(place) = document.pointer_mut(random.one::<String>(&found)) {
                *place = value;
            }
        }
        let mut text = document.to_string().into_bytes();
        if random.below(4) == 0 {
            damage(&mut text, &mut random);
        }
        let Ok(text) = String::from_utf8(text) else { continue };
        let open = || {
            let array = ZarrArray::open("a".into(), &text, *format, None)?;
            let chunk = vec![0; array.spec.shape.len()];
            let (outer, _) = array.outer(&chunk);
            let _ =
                (array.key(&chunk), array.file(&outer), array.inside(&array.chunk_region(&chunk)));
            Ok::<_, crate::failure::Failure>(array.spec.chain.most_stored())
        };
        let outcome = catch_unwind(AssertUnwindSafe(open));
        taken += u64::from(matches!(outcome, Ok(Ok(_))));
        assert!(outcome.is_ok(), "a document made it panic: {text}");
    }
    println!("documents: {taken} taken");
    assert!(taken > 0);
}
