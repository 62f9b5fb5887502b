//! What every store of keys promises.

use std::fs;

use super::{file_keys, folder};
use crate::sealing::{KeyStore, KeyStoreError, MemoryKeys, SqliteKeys, StoredKey};

fn keeps_the_contract(keys: &dyn KeyStore) {
    let wrapped = |bytes: &[u8]| Ok(StoredKey::Wrapped(bytes.to_vec()));
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Absent));
    assert_eq!(keys.newest("ada"), Ok(None));

    assert_eq!(keys.create("ada", 1, b"first"), Ok(()));
    assert_eq!(keys.create("ada", 1, b"second"), Ok(()), "a key is written once");
    assert_eq!(keys.key("ada", 1), wrapped(b"first"));
    assert_eq!(keys.create("adam", 1, b"adam"), Ok(()));
    assert_eq!(keys.create("ada", 2, b"two"), Ok(()));
    assert_eq!(keys.newest("ada"), Ok(Some((2, StoredKey::Wrapped(b"two".to_vec())))));

    assert_eq!(keys.forget("ada"), Ok(()));
    assert_eq!(keys.forget("ada"), Ok(()), "forgetting again changes nothing");
    assert_eq!(keys.forget("nobody"), Ok(()));
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Forgotten));
    assert_eq!(keys.newest("ada"), Ok(Some((2, StoredKey::Forgotten))));
    assert_eq!(keys.create("ada", 2, b"back"), Ok(()), "a number is never given again");
    assert_eq!(keys.key("ada", 2), Ok(StoredKey::Forgotten));
    assert_eq!(keys.key("adam", 1), wrapped(b"adam"));
}

#[test]
fn keys_in_memory_keep_the_contract() {
    keeps_the_contract(&MemoryKeys::default());
}

#[test]
fn keys_in_sqlite_keep_the_contract() {
    let folder = folder();
    keeps_the_contract(file_keys(folder.path()).as_ref());
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
