use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::value::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{AccessError, Holder, Role, TOKEN_LEEWAY_SECONDS, TOKEN_LIFETIME_SECONDS_MAX, TokenKeyError, TokenKeys};

const NOW_SECONDS: i64 = 1_700_000_000;
const NOW: Timestamp = Timestamp(NOW_SECONDS * 1_000);

fn keys() -> TokenKeys {
    TokenKeys::generate().expect("the system has random bytes")
}

fn ada() -> Holder {
    Holder {
        subject: "ada".to_owned(),
        role: Role::Admin,
    }
}

fn good_header(keys: &TokenKeys) -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": keys.key_id()})
}

fn good_claims() -> Value {
    json!({
        "iss": "tillroll", "aud": "tillroll", "sub": "ada", "role": "admin",
        "iat": NOW_SECONDS, "nbf": NOW_SECONDS, "exp": NOW_SECONDS + 60,
    })
}

/// A token with any header and claims, truly signed by `keys`.
fn signed(keys: &TokenKeys, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let pem = keys.to_pem().expect("a key can be written");
    let key = EncodingKey::from_ed_pem(pem.as_bytes()).expect("what we wrote is a key");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("it signs");
    format!("{message}.{signature}")
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn with(mut value: Value, field: &str, replacement: Value) -> Value {
    value[field] = replacement;
    value
}

fn without(mut value: Value, field: &str) -> Value {
    value.as_object_mut().expect("an object").remove(field);
    value
}

#[test]
fn a_token_says_who_it_was_given_to() {
    let keys = keys();
    let token = keys.issue(&ada(), 60, NOW).expect("a token can be issued");
    assert_eq!(keys.verify(&token, NOW), Ok(ada()));
    assert_eq!(
        keys.verify(&signed(&keys, &good_header(&keys), &good_claims()), NOW),
        Ok(ada())
    );
}

#[test]
fn a_key_that_was_written_and_read_is_the_same_key() {
    let keys = keys();
    let read = TokenKeys::from_pem(&keys.to_pem().expect("a key can be written")).expect("what we wrote is a key");
    let token = keys.issue(&ada(), 60, NOW).expect("a token can be issued");
    assert_eq!(read.verify(&token, NOW), Ok(ada()));
}

#[test]
fn what_is_no_key_is_refused() {
    let rsa = "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0BAQ==\n-----END PRIVATE KEY-----\n";
    for text in [
        "",
        "changeme",
        rsa,
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
    ] {
        assert_eq!(
            TokenKeys::from_pem(text).expect_err("no key"),
            TokenKeyError::NotAKey,
            "{text:?}"
        );
    }
}

#[test]
fn a_token_holds_from_its_first_to_its_last_second_give_or_take_the_leeway() {
    let keys = keys();
    let token = keys.issue(&ada(), 60, NOW).expect("a token can be issued");
    let leeway = i64::try_from(TOKEN_LEEWAY_SECONDS).expect("small");
    let at = |seconds: i64| keys.verify(&token, Timestamp((NOW_SECONDS + seconds) * 1_000));
    assert_eq!(at(-leeway - 1), Err(AccessError::NotYet));
    assert_eq!(at(-leeway), Ok(ada()));
    assert_eq!(at(60 + leeway - 1), Ok(ada()));
    assert_eq!(at(60 + leeway), Err(AccessError::Expired));
}

#[test]
fn only_the_header_that_we_write_is_accepted() {
    let keys = keys();
    let public_jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"});
    let mut cases: Vec<Value> = [
        "none", "None", "NONE", "nOnE", "HS256", "hs256", "RS256", "ES256", "eddsa", "EDDSA", "",
    ]
    .iter()
    .map(|algorithm| with(good_header(&keys), "alg", json!(algorithm)))
    .collect();
    for kid in [
        "",
        "unknown",
        "../../../etc/passwd",
        "/dev/null",
        "' OR 1=1 --",
        "https://evil.example/key",
        "\u{0}",
    ] {
        cases.push(with(good_header(&keys), "kid", json!(kid)));
    }
    for typ in ["JWT", "rt+jwt", "jwt", "at+JWT", "AT+JWT", ""] {
        cases.push(with(good_header(&keys), "typ", json!(typ)));
    }
    for (field, value) in [
        ("jku", json!("https://evil.example/keys")),
        ("jwk", public_jwk),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("alg", json!(["EdDSA"])),
        ("alg", json!(null)),
        ("kid", json!(1)),
        ("kid", json!(null)),
        ("typ", json!(null)),
    ] {
        cases.push(with(good_header(&keys), field, value));
    }
    cases.extend(["alg", "kid", "typ"].map(|field| without(good_header(&keys), field)));
    cases.extend([json!([]), json!(null), json!("EdDSA"), json!({})]);
    for header in cases {
        let refused = keys.verify(&signed(&keys, &header, &good_claims()), NOW);
        assert_eq!(refused, Err(AccessError::Header), "{header}");
    }
}

#[test]
fn claims_of_another_type_or_for_somebody_else_are_refused() {
    let keys = keys();
    let exp = NOW_SECONDS + 60;
    let mut cases = Vec::new();
    for time in ["exp", "nbf", "iat"] {
        for value in [
            json!(exp.to_string()),
            json!(1_700_000_060.5),
            json!([exp]),
            json!({"seconds": exp}),
            json!(null),
            json!(true),
            json!(-1),
            json!(1e300),
        ] {
            cases.push(with(good_claims(), time, value));
        }
    }
    for (field, value) in [
        ("iss", json!("somebody")),
        ("iss", json!("Tillroll")),
        ("iss", json!(["tillroll"])),
        ("iss", json!(null)),
        ("aud", json!("another shop")),
        ("aud", json!(["tillroll"])),
        ("aud", json!([])),
        ("aud", json!(null)),
        ("role", json!("root")),
        ("role", json!("Admin")),
        ("role", json!(["admin"])),
        ("role", json!({"admin": true})),
        ("role", json!(null)),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!(null)),
        ("sub", json!("ada\r\nadmin:root")),
        ("sub", json!("a b")),
        ("sub", json!("ä")),
        ("sub", json!("a".repeat(65))),
        ("roles", json!(["admin"])),
        ("cnf", json!({})),
    ] {
        cases.push(with(good_claims(), field, value));
    }
    for field in ["iss", "aud", "sub", "role", "iat", "nbf", "exp"] {
        cases.push(without(good_claims(), field));
    }
    cases.extend([json!([]), json!(null), json!("claims"), json!({})]);
    for claims in cases {
        let refused = keys.verify(&signed(&keys, &good_header(&keys), &claims), NOW);
        assert_eq!(refused, Err(AccessError::Claims), "{claims}");
    }
}

#[test]
fn a_claim_or_header_field_said_twice_is_refused() {
    let keys = keys();
    let claims = good_claims().to_string().replacen('{', r#"{"role":"customer","#, 1);
    let message = format!("{}.{}", encode(&good_header(&keys)), URL_SAFE_NO_PAD.encode(claims));
    let pem = keys.to_pem().expect("a key can be written");
    let key = EncodingKey::from_ed_pem(pem.as_bytes()).expect("what we wrote is a key");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).expect("it signs");
    assert_eq!(
        keys.verify(&format!("{message}.{signature}"), NOW),
        Err(AccessError::Claims)
    );
}

#[test]
fn an_unsigned_changed_or_foreign_token_is_refused() {
    let keys = keys();
    let token = keys.issue(&ada(), 60, NOW).expect("a token can be issued");
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let changed = {
        let claims = encode(&with(good_claims(), "sub", json!("mallory")));
        let header = message.split_once('.').expect("two parts").0;
        format!("{header}.{claims}.{signature}")
    };
    let by_another = {
        let other = self::keys();
        signed(&other, &good_header(&keys), &good_claims())
    };
    let hmac_with_public_key = {
        let message = format!("{}.{}", encode(&good_header(&keys)), encode(&good_claims()));
        let key = EncodingKey::from_secret(keys.key_id().as_bytes());
        let code = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("it signs");
        format!("{message}.{code}")
    };
    let truncated = format!("{message}.{}", &signature[..80]);
    for forged in [
        format!("{message}."),
        changed,
        by_another,
        hmac_with_public_key,
        truncated,
    ] {
        assert_eq!(keys.verify(&forged, NOW), Err(AccessError::Signature), "{forged}");
    }
}

#[test]
fn a_token_with_any_one_character_changed_is_refused() {
    let keys = keys();
    let token = keys.issue(&ada(), 60, NOW).expect("a token can be issued");
    for place in 0..token.len() {
        for replacement in ["A", "B", "_", ".", "=", ""] {
            let mut changed = token.clone();
            changed.replace_range(place..=place, replacement);
            assert!(changed == token || keys.verify(&changed, NOW).is_err(), "{changed}");
        }
    }
}

#[test]
fn what_is_no_token_at_all_is_malformed() {
    let keys = keys();
    let long = format!("{}.{}.{}", "a".repeat(1_000), "b".repeat(1_000), "c".repeat(1_000));
    for text in ["", ".", "a.b", "a.b.c.d", "a.b.c.d.e", "%.%.%", "ü.ü.ü", "null", &long] {
        assert_eq!(keys.verify(text, NOW), Err(AccessError::Malformed), "{text:?}");
    }
}

#[test]
fn a_rotated_out_key_opens_nothing() {
    let old = keys();
    let token = old.issue(&ada(), 60, NOW).expect("a token can be issued");
    assert_eq!(keys().verify(&token, NOW), Err(AccessError::Header));
}

#[test]
fn lifetimes_and_subjects_have_limits() {
    let keys = keys();
    assert_eq!(keys.issue(&ada(), 0, NOW), Err(TokenKeyError::Lifetime));
    assert_eq!(
        keys.issue(&ada(), TOKEN_LIFETIME_SECONDS_MAX + 1, NOW),
        Err(TokenKeyError::Lifetime)
    );
    for subject in ["", "a b", "ada\n", "ä", &"a".repeat(65)] {
        let holder = Holder {
            subject: subject.to_owned(),
            role: Role::Admin,
        };
        assert_eq!(keys.issue(&holder, 60, NOW), Err(TokenKeyError::Subject), "{subject:?}");
    }
}

#[test]
fn what_is_near_a_token_is_that_token_or_refused() {
    static KEYS: LazyLock<TokenKeys> = LazyLock::new(keys);
    static TOKEN: LazyLock<String> = LazyLock::new(|| KEYS.issue(&ada(), 60, NOW).expect("a token can be issued"));
    fuzzing::near!(vec![TOKEN.as_bytes().to_vec()], 5_000, |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let verified = fuzzing::within_memory(bytes, 16 * 1_024, 64, || KEYS.verify(text, NOW));
        assert_eq!(verified.is_ok(), text == *TOKEN, "{text}");
    });
}
