mod contract;

use std::path::Path;

use domain::value::Sealed;
use tempfile::TempDir;

use super::{FIELD_BYTES_MAX, KeyStore, MASTER_KEY_BYTES, MemoryKeys, SealError, Sealer, SqliteKeys};

const MASTER: [u8; MASTER_KEY_BYTES] = [7; MASTER_KEY_BYTES];

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

fn file_keys(folder: &Path) -> Box<dyn KeyStore> {
    Box::new(SqliteKeys::open(&folder.join("keys.db")).expect("the keys open"))
}

fn sealer() -> Sealer {
    Sealer::with_keys(Box::<MemoryKeys>::default(), &MASTER).expect("fresh keys take any master key")
}

fn seal(sealer: &Sealer, subject: &str, text: &str) -> Sealed {
    sealer.seal(subject, "email", text).expect("the field is sealed")
}

#[test]
fn what_is_sealed_opens_as_it_was() {
    let sealer = sealer();
    for text in ["", "ada@example.org", "Zoë 🦀"] {
        assert_eq!(sealer.open(&seal(&sealer, "ada", text), "email"), Ok(text.to_owned()));
    }
}

#[test]
fn sealing_twice_gives_different_ciphertexts_under_one_key() {
    let sealer = sealer();
    let (first, second) = (seal(&sealer, "ada", "a"), seal(&sealer, "ada", "a"));
    assert_ne!(first.ciphertext, second.ciphertext);
    assert_eq!(first.key_id, second.key_id);
}

#[test]
fn another_field_or_subject_does_not_open() {
    let sealer = sealer();
    let sealed = seal(&sealer, "ada", "ada@example.org");
    let _ = seal(&sealer, "bob", "bob@example.org");
    assert_eq!(sealer.open(&sealed, "phone"), Err(SealError::NotAuthentic));
    let stolen = Sealed {
        subject: "bob".to_owned(),
        ..sealed
    };
    assert_eq!(sealer.open(&stolen, "email"), Err(SealError::NotAuthentic));
}

#[test]
fn what_was_changed_does_not_open() {
    let sealer = sealer();
    let sealed = seal(&sealer, "ada", "ada@example.org");
    let texts = ["", "!", "AAAA", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"];
    for text in texts {
        let nonce = Sealed {
            nonce: text.to_owned(),
            ..sealed.clone()
        };
        let ciphertext = Sealed {
            ciphertext: text.to_owned(),
            ..sealed.clone()
        };
        assert_eq!(
            sealer.open(&nonce, "email"),
            Err(SealError::NotAuthentic),
            "nonce {text}"
        );
        assert_eq!(
            sealer.open(&ciphertext, "email"),
            Err(SealError::NotAuthentic),
            "ciphertext {text}"
        );
    }
}

#[test]
fn a_forgotten_person_cannot_be_read_and_later_fields_get_a_new_key() {
    let sealer = sealer();
    let sealed = seal(&sealer, "ada", "ada@example.org");
    let others = seal(&sealer, "bob", "bob@example.org");

    sealer.forget("ada").expect("the keys are forgotten");
    let forgotten = SealError::Forgotten {
        subject: "ada".to_owned(),
        key_id: 1,
    };
    assert_eq!(sealer.open(&sealed, "email"), Err(forgotten.clone()));
    assert_eq!(sealer.open(&others, "email"), Ok("bob@example.org".to_owned()));

    let later = seal(&sealer, "ada", "again");
    assert_eq!(later.key_id, 2);
    assert_eq!(sealer.open(&later, "email"), Ok("again".to_owned()));
    assert_eq!(sealer.open(&sealed, "email"), Err(forgotten));
}

#[test]
fn a_restart_opens_what_was_sealed_before() {
    let folder = folder();
    let before = Sealer::with_keys(file_keys(folder.path()), &MASTER).expect("fresh keys take any master key");
    let sealed = seal(&before, "ada", "ada@example.org");
    drop(before);

    let after = Sealer::with_keys(file_keys(folder.path()), &MASTER).expect("the master key is the same");
    assert_eq!(after.open(&sealed, "email"), Ok("ada@example.org".to_owned()));
    assert_eq!(seal(&after, "ada", "b").key_id, sealed.key_id);
}

#[test]
fn a_wrong_master_key_is_told_at_once() {
    let folder = folder();
    Sealer::with_keys(file_keys(folder.path()), &MASTER).expect("fresh keys take any master key");
    let wrong = Sealer::with_keys(file_keys(folder.path()), &[8; MASTER_KEY_BYTES]);
    assert!(matches!(wrong, Err(SealError::WrongMasterKey)), "{wrong:?}");
}

#[test]
fn limits_are_kept() {
    let sealer = sealer();
    let bytes = FIELD_BYTES_MAX + 1;
    assert_eq!(sealer.seal("", "email", "a"), Err(SealError::Subject));
    assert_eq!(sealer.seal(&"x".repeat(129), "email", "a"), Err(SealError::Subject));
    assert_eq!(
        sealer.seal("ada", "email", &"x".repeat(bytes)),
        Err(SealError::TooLarge { bytes })
    );
}

#[test]
fn what_many_threads_seal_at_once_can_be_opened_and_later_all_take_the_newest_key() {
    let folder = folder();
    let sealer = Sealer::with_keys(file_keys(folder.path()), &MASTER).expect("fresh keys take any master key");
    let sealed: Vec<Sealed> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| seal(&sealer, "ada", "a"))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .collect()
    });
    for field in &sealed {
        assert_eq!(sealer.open(field, "email"), Ok("a".to_owned()));
    }
    let newest = sealed.iter().map(|field| field.key_id).max();
    assert_eq!(Some(seal(&sealer, "ada", "a").key_id), newest);
}
