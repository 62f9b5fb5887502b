use super::{AddressBody, email, location, note, phone, sku, slug};

#[test]
fn mail_addresses_by_their_form() {
    for good in [
        "ada@example.org",
        "a.b+c@mail.example.co.uk",
        "ö@bücher.example",
        "o'hara@example.org",
        " ada@example.org ",
    ] {
        assert_eq!(email("email", good).as_deref(), Ok(good.trim()), "{good}");
    }
    let long = format!("{}@example.org", "a".repeat(65));
    let longer = format!("a@{}.org", "b".repeat(250));
    let wrong = [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@localhost",
        "ada@@example.org",
        "a b@example.org",
        "ada@example..org",
        "ada@-example.org",
        "ada@example.org\r\nBcc: x@y.example",
        "<ada@example.org>",
        "a@b@example.org",
        ".ada@example.org",
        "a..b@example.org",
        "ada@example.org,bob@example.org",
        "ada@exa mple.org",
        &long,
        &longer,
    ];
    for text in wrong {
        let problem = email("contact.email", text).expect_err(text);
        assert_eq!(
            (problem.status.as_u16(), &*problem.code),
            (422, "email.invalid"),
            "{text}"
        );
        assert_eq!(problem.field.as_deref(), Some("contact.email"));
        assert!(
            text.is_empty() || !problem.detail.contains(text),
            "what was sent is not repeated"
        );
    }
}

#[test]
fn telephone_numbers_by_their_form() {
    for good in ["+49 40 1234567", "040/123-456", "(040) 123.456", "12345"] {
        assert!(phone("phone", good).is_ok(), "{good}");
    }
    for wrong in [
        "",
        "1234",
        "call me",
        "12345+",
        "+",
        "123456\n7",
        &"1".repeat(33),
        "１２３４５",
    ] {
        assert_eq!(phone("phone", wrong).expect_err(wrong).code, "phone.invalid", "{wrong}");
    }
}

#[test]
fn an_address_names_the_part_that_is_wrong() {
    let good = || AddressBody {
        name: "Ada Lovelace".to_owned(),
        line1: "Sankt-Petri-Str. 1".to_owned(),
        line2: String::new(),
        city: "Hamburg".to_owned(),
        postal_code: "20095".to_owned(),
        region: String::new(),
        country: "DE".to_owned(),
    };
    assert!(good().read("shippingAddress").is_ok());
    let long = "x".repeat(201);
    let cases: [(&str, AddressBody); 8] = [
        (
            "name",
            AddressBody {
                name: " ".to_owned(),
                ..good()
            },
        ),
        (
            "line1",
            AddressBody {
                line1: String::new(),
                ..good()
            },
        ),
        (
            "line2",
            AddressBody {
                line2: "a\nb".to_owned(),
                ..good()
            },
        ),
        ("city", AddressBody { city: long, ..good() }),
        (
            "postalCode",
            AddressBody {
                postal_code: "1".repeat(21),
                ..good()
            },
        ),
        (
            "region",
            AddressBody {
                region: "\u{7}".to_owned(),
                ..good()
            },
        ),
        (
            "country",
            AddressBody {
                country: "de".to_owned(),
                ..good()
            },
        ),
        (
            "country",
            AddressBody {
                country: "DEU".to_owned(),
                ..good()
            },
        ),
    ];
    for (part, body) in cases {
        let problem = body.read("shippingAddress").expect_err(part);
        assert_eq!(problem.status.as_u16(), 422);
        assert_eq!(problem.field, Some(format!("shippingAddress.{part}")));
    }
}

#[test]
fn names_and_notes_by_their_form() {
    assert!(sku("sku", "LAMP-1").is_ok());
    for wrong in ["", " A", "A\nB", &"x".repeat(65)] {
        assert_eq!(sku("sku", wrong).expect_err(wrong).code, "sku.invalid");
    }
    for wrong in ["", "Lamp", "a--b", "-a", "a/b", "ä"] {
        assert_eq!(slug("slug", wrong).expect_err(wrong).code, "slug.invalid");
    }
    assert_eq!(location(None).expect("the default").as_str(), "main");
    assert_eq!(location(Some("../main")).expect_err("no slug").code, "location.invalid");
    assert!(note("note", "line one\nline two").is_ok());
    for wrong in ["", " \n ", "a\u{0}b", &"x".repeat(2_001)] {
        assert_eq!(note("note", wrong).expect_err("no note").code, "note.invalid");
    }
}
