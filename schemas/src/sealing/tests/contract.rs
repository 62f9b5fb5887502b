//! What every store of keys promises, and what the file promises beside it.

use std::fs;

use super::{file_keys, folder};
use crate::sealing::{KeyStoreError, SqliteKeys, StoredKey};

mod in_memory {
    use crate::sealing::MemoryKeys;

    crate::key_contract_tests!(((), MemoryKeys::default()));
}

mod in_sqlite {
    use crate::sealing::SqliteKeys;
    use crate::sealing::tests::folder;

    crate::key_contract_tests!({
        let folder = folder();
        let keys = SqliteKeys::open(&folder.path().join("keys.db")).expect("the keys open");
        (folder, keys)
    });
}

#[test]
fn keys_in_sqlite_survive_a_restart() {
    let folder = folder();
    assert_eq!(file_keys(folder.path()).create("ada", 1, b"first"), Ok(()));
    let reopened = file_keys(folder.path());
    assert_eq!(reopened.key("ada", 1), Ok(StoredKey::Wrapped(b"first".to_vec())));
}

#[test]
fn a_forgotten_key_is_in_no_file() {
    let folder = folder();
    let keys = file_keys(folder.path());
    let secret = b"a very recognisable wrapped key";
    assert_eq!(keys.create("ada", 1, secret), Ok(()));
    let is_in_a_file = || {
        let files = fs::read_dir(folder.path()).expect("the folder is readable");
        files.into_iter().any(|file| {
            let path = file.expect("the entry is readable").path();
            let bytes = fs::read(path).expect("the file is readable");
            bytes.windows(secret.len()).any(|window| window == secret)
        })
    };
    assert!(is_in_a_file(), "the test must be able to see it");
    assert_eq!(keys.forget("ada"), Ok(()));
    assert!(!is_in_a_file());
}

#[test]
fn a_file_of_something_else_is_refused() {
    let folder = folder();
    let path = folder.path().join("keys.db");
    fs::write(
        &path,
        "certainly not a database, and long enough to have a header".repeat(10),
    )
    .expect("it is written");
    assert!(matches!(SqliteKeys::open(&path), Err(KeyStoreError::Damaged(_))));
}
