use http::{HeaderMap, HeaderName, HeaderValue};

use super::{CREDENTIAL_BYTES_MAX, Credentials, MalformedCredentials};

fn read(headers: &[(&'static str, &[u8])]) -> Result<Credentials, MalformedCredentials> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).expect("a header value");
        map.append(HeaderName::from_static(name), value);
    }
    Credentials::from_headers(&map)
}

#[test]
fn no_headers_are_no_credentials() {
    assert_eq!(read(&[]), Ok(Credentials::default()));
}

#[test]
fn a_bearer_token_and_a_cart_secret_are_read() {
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let authorization = format!("{scheme} a.b.c");
        let found = read(&[("authorization", authorization.as_bytes()), ("cart-secret", b"xyz")]);
        assert_eq!(
            found,
            Ok(Credentials::new(Some("a.b.c".to_owned()), Some("xyz".to_owned())))
        );
    }
}

#[test]
fn credentials_that_cannot_be_read_are_never_taken_for_none() {
    let long = vec![b'a'; CREDENTIAL_BYTES_MAX + 1];
    let authorizations: [&[u8]; 7] = [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic abc",
        b"Bearer a b",
        b"a.b.c",
        b"Bearer \xFF",
    ];
    for value in authorizations {
        assert_eq!(
            read(&[("authorization", value)]),
            Err(MalformedCredentials::Authorization),
            "{value:?}"
        );
    }
    assert_eq!(
        read(&[("authorization", b"Bearer a"), ("authorization", b"Bearer b")]),
        Err(MalformedCredentials::Authorization)
    );
    for value in [b"".as_slice(), &long, b"\xFF"] {
        assert_eq!(read(&[("cart-secret", value)]), Err(MalformedCredentials::CartSecret));
    }
    assert_eq!(
        read(&[("cart-secret", b"a"), ("cart-secret", b"a")]),
        Err(MalformedCredentials::CartSecret)
    );
}

#[test]
fn credentials_are_not_printed() {
    let credentials = Credentials::new(Some("canary-token".to_owned()), Some("canary-secret".to_owned()));
    assert!(!format!("{credentials:?}").contains("canary"));
}
