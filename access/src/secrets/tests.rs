use super::{SecretError, Secrets, ServerSecret};

fn parse(text: &str) -> Result<ServerSecret, SecretError> {
    ServerSecret::parse("the secret", text)
}

fn encoded(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
}

#[test]
fn a_generated_secret_is_read_back_from_its_file() {
    for _ in 0..200 {
        let secret = ServerSecret::generate().expect("the system has random bytes");
        assert_eq!(parse(&format!("{}\n", secret.reveal())), Ok(secret));
    }
}

#[test]
fn short_long_and_typed_secrets_are_refused_by_name() {
    let counted: Vec<u8> = (0..32).collect();
    let cases = [
        (
            "",
            SecretError::Length {
                name: "the secret",
                found: 0,
            },
        ),
        (
            "changeme",
            SecretError::Length {
                name: "the secret",
                found: 6,
            },
        ),
        (
            &*encoded(&[7; 16]),
            SecretError::Length {
                name: "the secret",
                found: 16,
            },
        ),
        (
            &*encoded(&[7; 33]),
            SecretError::Length {
                name: "the secret",
                found: 33,
            },
        ),
        ("not base64 at all!", SecretError::NotBase64("the secret")),
        (&*encoded(&[0; 32]), SecretError::Placeholder("the secret")),
        (&*encoded(&[0xFF; 32]), SecretError::Placeholder("the secret")),
        (&*encoded(&counted), SecretError::Placeholder("the secret")),
        (
            &*encoded(b"correct horse battery staple 123"),
            SecretError::Placeholder("the secret"),
        ),
        (
            "changeme-changeme-changeme-changeme-changeA",
            SecretError::Placeholder("the secret"),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text), Err(expected), "{text:?}");
    }
}

#[test]
fn all_secrets_of_a_server_are_read_back() {
    let secrets = Secrets::generate().expect("the system has random bytes");
    let pem = secrets.tokens.to_pem().expect("a key can be written");
    let read =
        Secrets::parse(&secrets.cart.reveal(), &secrets.master.reveal(), &pem).expect("what was written is good");
    assert_eq!(read.cart, secrets.cart);
    assert_eq!(read.master, secrets.master);
    assert_eq!(read.tokens.key_id(), secrets.tokens.key_id());
}

#[test]
fn one_secret_may_not_serve_two_purposes() {
    let secrets = Secrets::generate().expect("the system has random bytes");
    let pem = secrets.tokens.to_pem().expect("a key can be written");
    let text = secrets.cart.reveal();
    let refused = Secrets::parse(&text, &text, &pem).expect_err("they are the same");
    assert_eq!(refused, SecretError::Shared("cart-secret.key", "master.key"));
}

#[test]
fn no_secret_is_printed() {
    let secrets = Secrets::generate().expect("the system has random bytes");
    let printed = format!("{secrets:?}");
    let pem = secrets.tokens.to_pem().expect("a key can be written");
    let pem_body = pem.lines().nth(1).expect("a PEM has a body");
    for secret in [&secrets.cart.reveal(), &secrets.master.reveal(), pem_body] {
        assert!(!printed.contains(secret));
    }
}
