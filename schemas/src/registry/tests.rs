use tempfile::TempDir;

use super::{RegistryIds, RegistryOptions};
use crate::ids::contract::LONG;
use crate::ids::{IdsError, SchemaIds};

fn open(url: &str) -> (TempDir, Result<RegistryIds, IdsError>) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let ids = RegistryIds::open(RegistryOptions {
        url: url.to_owned(),
        prefix: "shop".to_owned(),
        cache: folder.path().join("schema-ids.json"),
    });
    (folder, ids)
}

#[test]
fn what_is_no_address_is_named() {
    for url in ["", "registry:8081", "https://registry", "nonsense"] {
        let (_folder, refused) = open(url);
        let refused = refused.err().unwrap_or_else(|| panic!("{url:?} was taken"));
        assert!(
            matches!(&refused, IdsError::Address { address, .. } if address == url),
            "{refused}"
        );
        assert!(!refused.is_retryable());
    }
}

#[test]
fn a_registry_that_is_not_there_is_named_and_asked_again() {
    // Nothing listens on the discard port of this machine.
    let (_folder, ids) = open("http://ada:secret@127.0.0.1:9/apis/ccompat/v7/");
    let ids = ids.expect("nobody is asked yet");
    let refused = ids.id_of("a-value", LONG).expect_err("nobody can give it a number");
    assert!(refused.is_retryable(), "{refused}");
    let words = refused.to_string();
    assert!(words.contains("shop.a-value needs a number"), "{words}");
    assert!(!words.contains("secret"), "{words}");
    assert!(!format!("{ids:?}").contains("secret"));
    assert!(matches!(ids.schema_of(7), Err(IdsError::Unavailable(_))));
}
