use super::*;

/// The first bytes of a PNG of this size: its signature and its header.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x06\0\0\0\0\0\0\0");
    bytes
}

fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend(b"\0\0\0;");
    bytes
}

#[test]
fn an_image_is_called_by_its_hash_and_by_what_its_bytes_are() {
    let seen = look(&png(3, 2)).expect("a PNG");
    assert_eq!((seen.width, seen.height), (3, 2));
    assert_eq!((seen.name.len(), &seen.name[64..]), (68, ".png"));
    assert_eq!(seen.url, format!("/images/{}", seen.name));
    assert_eq!(look(&png(3, 2)).expect("the same").name, seen.name);
    assert_ne!(look(&png(3, 3)).expect("another").name, seen.name);
    assert!(look(&gif(7, 5)).expect("a GIF").name.ends_with(".gif"));
}

#[test]
fn what_is_no_image_or_one_that_can_hold_scripts_is_refused() {
    let cases: [(&[u8], &str); 7] = [
        (b"", "image.type"),
        (
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
            "image.type",
        ),
        (b"<!doctype html><html><body onload=alert(1)>", "image.type"),
        (
            b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0",
            "image.type",
        ),
        (b"%PDF-1.7 and some more", "image.type"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "image.broken"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01", "image.broken"),
    ];
    for (bytes, code) in cases {
        let problem = look(bytes).expect_err("it is refused");
        assert_eq!(problem.code, code, "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn an_image_has_a_sensible_size() {
    for (width, height) in [(0, 5), (5, 0), (IMAGE_PIXELS_MAX + 1, 5), (5, u32::MAX)] {
        assert_eq!(look(&png(width, height)).expect_err("refused").code, "image.size");
    }
}
