use std::sync::LazyLock;

use domain::value::CartId;
use uuid::Uuid;

use super::CartSecretKey;
use crate::secrets::ServerSecret;

const CART: CartId = CartId(Uuid::from_u128(7));
const OTHER: CartId = CartId(Uuid::from_u128(8));

fn key() -> CartSecretKey {
    CartSecretKey::new(&ServerSecret::generate().expect("the system has random bytes"))
}

#[test]
fn the_secret_of_a_cart_is_derived_again_and_opens_that_cart_only() {
    let key = key();
    let secret = key.secret_of(CART);
    assert_eq!(secret, key.secret_of(CART));
    assert_eq!(secret.reveal().len(), 43);
    assert!(key.matches(CART, secret.reveal()));
    assert!(!key.matches(OTHER, secret.reveal()));
}

#[test]
fn a_secret_of_another_server_opens_nothing() {
    assert!(!key().matches(CART, key().secret_of(CART).reveal()));
}

#[test]
fn the_derivation_is_pinned_because_guests_keep_their_secrets() {
    let bytes: Vec<u8> = (0..32_u8).map(|number| number.wrapping_mul(37) ^ 0xA5).collect();
    let text = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes);
    let key = CartSecretKey::new(&ServerSecret::parse("a test", &text).expect("it looks random"));
    assert_eq!(
        key.secret_of(CART).reveal(),
        "CY8Q77hAtC7la4XLBt6xrOGXRP_DAw63EhMxn-8hhyM"
    );
}

#[test]
fn what_is_not_the_secret_is_refused_whatever_it_is() {
    let key = key();
    let secret = key.secret_of(CART).reveal().to_owned();
    let truncated = &secret[..42];
    let mut changed = secret.clone().into_bytes();
    changed[0] = if changed[0] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("still ASCII");
    for wrong in [
        "",
        " ",
        "null",
        "..",
        truncated,
        &changed,
        &format!("{secret}="),
        &format!("{secret}{secret}"),
        "ü",
    ] {
        assert!(!key.matches(CART, wrong), "{wrong:?}");
    }
}

#[test]
fn neither_key_nor_secret_is_printed() {
    let key = key();
    let secret = key.secret_of(CART);
    let printed = format!("{key:?} {secret:?}");
    assert!(!printed.contains(secret.reveal()));
    assert_eq!(printed, "CartSecretKey(…) CartSecret(…)");
}

#[test]
fn what_is_near_a_secret_is_that_secret_or_opens_nothing() {
    static KEY: LazyLock<CartSecretKey> = LazyLock::new(key);
    let secret = KEY.secret_of(CART).reveal().as_bytes().to_vec();
    fuzzing::near!(vec![secret], 20_000, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let opens = fuzzing::within_memory(bytes, 1_024, 4, || KEY.matches(CART, text));
        assert_eq!(opens, text == KEY.secret_of(CART).reveal(), "{text}");
    });
}
