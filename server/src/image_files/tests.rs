use super::*;

fn name() -> String {
    format!("{}.png", "0a".repeat(32))
}

#[tokio::test]
async fn what_is_kept_is_read_and_keeping_it_again_changes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = ImageFiles::open(&directory.path().join("images")).expect("it is made");
    files.keep(&name(), b"first").expect("it is kept");
    files.keep(&name(), b"first").expect("it is there");
    let (bytes, media_type) = files.read(&name()).await.expect("it is read").expect("it is there");
    assert_eq!((bytes.as_slice(), media_type), (b"first".as_slice(), "image/png"));
    let left = std::fs::read_dir(directory.path().join("images")).expect("it is a directory");
    assert_eq!(left.count(), 1, "nothing temporary is left");
}

#[tokio::test]
async fn no_other_file_is_read_or_written() {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("secret"), "secret").expect("it is written");
    let files = ImageFiles::open(&directory.path().join("images")).expect("it is made");
    let upper = name().to_uppercase();
    for name in [
        "../secret",
        "secret",
        "..",
        "",
        &upper,
        &name()[1..],
        &format!("{}.svg", "0a".repeat(32)),
    ] {
        assert_eq!(files.read(name).await.expect("nothing is read"), None, "{name}");
        assert!(files.keep(name, b"x").is_err(), "{name}");
    }
}
