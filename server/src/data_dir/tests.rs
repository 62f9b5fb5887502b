use super::*;

const LOOPBACK: &str = "127.0.0.1:0";

#[test]
fn a_secret_is_made_once_and_only_its_owner_can_read_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data = DataDir::open(&directory.path().join("shop")).expect("it opens");
    let listen = LOOPBACK.parse().expect("an address");
    let made = data
        .secret("a.key", listen, || Ok("one".to_owned()))
        .expect("it is made");
    let read = data
        .secret("a.key", listen, || Err("made twice".to_owned()))
        .expect("it is read");
    assert_eq!((made.as_str(), read.as_str()), ("one", "one"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(data.path("a.key"))
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn no_secret_is_made_for_a_shop_that_others_can_reach() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data = DataDir::open(directory.path()).expect("it opens");
    let listen = "0.0.0.0:8080".parse().expect("an address");
    let refused = data.secret("a.key", listen, || Ok("one".to_owned()));
    assert!(matches!(refused, Err(DataDirError::NotGenerated { .. })));
}
