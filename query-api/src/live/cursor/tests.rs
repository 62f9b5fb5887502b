use super::*;

/// A cursor of a reader of these shards, each as far as its number.
fn cursor(shards: &[(&str, i64)], partly: Option<(&str, u32)>) -> LiveCursor {
    let shard = |name: &str| name.parse::<Shard>().expect("a shard");
    let places = shards.iter().map(|(name, offset)| {
        let place = Place {
            offset: *offset,
            term: 1,
            seq: 7,
        };
        (shard(name), place)
    });
    LiveCursor {
        places: places.collect(),
        partly: partly.map(|(name, events)| (shard(name), events)),
    }
}

#[test]
fn what_is_near_a_cursor_comes_back_or_is_refused() {
    let cursors = [
        cursor(&[], None),
        cursor(&[("sales.3", -1)], None),
        cursor(&[("sales.3", 17)], Some(("sales.3", 2))),
        cursor(&[("catalog.0", 5), ("inventory.0", 1), ("inventory.9", 300)], None),
    ];
    let seeds = cursors.map(|cursor| cursor.encode(&BTreeMap::new()).into_bytes());
    fuzzing::near!(seeds.to_vec(), 200_000, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let folds = BTreeMap::new();
        // The reader of lists may make room for as much as a mebibyte before it sees that they end.
        let read = fuzzing::within_memory(bytes, 4 << 20, 64, || LiveCursor::decode(text, &folds));
        if let Ok(cursor) = read {
            assert_eq!(LiveCursor::decode(&cursor.encode(&folds), &folds), Ok(cursor));
        }
    });
}
