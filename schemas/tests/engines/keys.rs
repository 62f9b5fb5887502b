use std::thread;

use domain::value::Sealed;
use schemas::sealing::{MASTER_KEY_BYTES, StoredKey};
use schemas::{KeyStore, KeyStoreError, ScyllaKeys, SealError, Sealer};

use crate::fixture::{Keyspace, answered, runtime};

const MASTER: [u8; MASTER_KEY_BYTES] = [7; MASTER_KEY_BYTES];
/// Threads of each sealer.
const THREADS: usize = 4;
/// People whose first fields are sealed at once.
const PEOPLE: usize = 5;

schemas::key_contract_tests!({
    let keyspace = Keyspace::shared();
    let keys = keyspace.keys();
    (keyspace, keys)
});

pub(crate) fn sealer(keyspace: &Keyspace) -> Sealer {
    let begin = || Sealer::with_keys(Box::new(keyspace.keys()), &MASTER);
    let is_retryable = |error: &SealError| matches!(error, SealError::Keys(error) if error.is_retryable());
    answered(begin, is_retryable).expect("the master key is right")
}

#[test]
fn a_sealer_works_on_it_and_a_restart_opens_what_was_sealed() {
    let keyspace = Keyspace::shared();
    let before = sealer(&keyspace);
    let sealed = before.seal("ada", "email", "ada@example.org").expect("it is sealed");
    let again = before.seal("ada", "phone", "030 1").expect("it is sealed");
    assert_eq!(again.key_id, sealed.key_id);
    drop(before);

    let after = sealer(&keyspace);
    assert_eq!(after.open(&sealed, "email"), Ok("ada@example.org".to_owned()));
    after.forget("ada").expect("the keys are forgotten");
    let forgotten = after.open(&sealed, "email");
    assert!(matches!(forgotten, Err(SealError::Forgotten { .. })), "{forgotten:?}");
    let later = after.seal("ada", "email", "again").expect("it is sealed");
    assert_ne!(later.key_id, sealed.key_id);
    assert_eq!(sealer(&keyspace).open(&later, "email"), Ok("again".to_owned()));

    let wrong = Sealer::with_keys(Box::new(keyspace.keys()), &[8; MASTER_KEY_BYTES]);
    assert!(matches!(wrong, Err(SealError::WrongMasterKey)), "{wrong:?}");
}

#[test]
fn two_processes_that_make_keys_at_once_lose_none() {
    let keyspace = Keyspace::shared();
    // Both make the keyspace, the table and the witness of the master key as well.
    let sealers: Vec<Sealer> = thread::scope(|scope| {
        let openers: Vec<_> = (0..2).map(|_| scope.spawn(|| sealer(&keyspace))).collect();
        let opened = openers.into_iter().map(|opener| opener.join());
        opened.map(|sealer| sealer.expect("both start")).collect()
    });
    let seal_all = |sealer: &Sealer| -> Vec<Sealed> {
        let people = (0..PEOPLE).map(|person| sealer.seal(&format!("person {person}"), "email", "a"));
        people.map(|sealed| sealed.expect("it is sealed")).collect()
    };
    let seal_all = &seal_all;
    let sealed: Vec<Sealed> = thread::scope(|scope| {
        let writers = sealers.iter().flat_map(|sealer| std::iter::repeat_n(sealer, THREADS));
        let writers: Vec<_> = writers.map(|sealer| scope.spawn(move || seal_all(sealer))).collect();
        let written = writers.into_iter().map(|writer| writer.join());
        written.flat_map(|written| written.expect("no writer panics")).collect()
    });
    assert_eq!(sealed.len(), 2 * THREADS * PEOPLE);
    let reader = sealer(&keyspace);
    for field in &sealed {
        assert_eq!(reader.open(field, "email"), Ok("a".to_owned()), "{}", field.key_id);
    }
    // From now on all agree on one.
    let now: Vec<u32> = sealers.iter().map(|sealer| seal_all(sealer)[0].key_id).collect();
    assert_eq!(now[0], now[1]);
}

#[test]
fn a_write_that_lands_after_the_forgetting_brings_nothing_back() {
    let keyspace = Keyspace::shared();
    let keys = keyspace.keys();
    keys.create("ada", 1, b"key").expect("it is kept");
    keys.forget("ada").expect("it is forgotten");
    keyspace.run(&[
        "INSERT INTO KEYSPACE_.keys (owner, key_id, wrapped) VALUES ('person:ada', 1, 0xffff) USING TIMESTAMP 1",
    ]);
    assert_eq!(keys.key("ada", 1), Ok(StoredKey::Forgotten));
    assert_eq!(keys.newest("ada"), Ok(None));
}

#[test]
fn another_table_of_that_name_is_refused() {
    let keyspace = Keyspace::shared();
    drop(keyspace.keys());
    keyspace.run(&[
        "DROP TABLE KEYSPACE_.keys",
        "CREATE TABLE KEYSPACE_.keys (owner text PRIMARY KEY, key text)",
    ]);
    let refused = runtime().block_on(ScyllaKeys::open(keyspace.options()));
    let Err(KeyStoreError::Damaged(why)) = refused else {
        panic!("{refused:?}");
    };
    assert!(why.contains("keys is another table"), "{why}");
}

#[test]
fn what_is_no_name_of_a_keyspace_is_refused() {
    let keyspace = Keyspace::shared();
    for prefix in ["", "Shop", "1shop", "shop-1", "shop; DROP KEYSPACE x", &"x".repeat(41)] {
        let options = schemas::ScyllaKeysOptions {
            keyspace_prefix: prefix.to_owned(),
            ..keyspace.options()
        };
        let refused = runtime().block_on(ScyllaKeys::open(options));
        assert!(
            matches!(refused, Err(KeyStoreError::Damaged(_))),
            "{prefix:?}: {refused:?}"
        );
    }
}

#[test]
fn a_caller_inside_a_runtime_of_one_thread_gets_its_answer() {
    let keyspace = Keyspace::shared();
    runtime().block_on(async {
        let keys = ScyllaKeys::open(keyspace.options()).await.expect("the keys open");
        let reading = tokio::task::spawn_blocking(move || keys.key("ada", 1));
        assert_eq!(reading.await.expect("it does not panic"), Ok(StoredKey::Absent));
    });
}
