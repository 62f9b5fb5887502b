use super::*;

#[test]
fn case_and_accents_are_folded_away() {
    for (text, same) in [
        ("Äpfel", "apfel"),
        ("CAFÉ", "cafe"),
        ("Cafe\u{301}", "café"),
        ("ﬁn", "fin"),
    ] {
        assert_eq!(folded(text), folded(same), "{text}");
    }
}

#[test]
fn a_search_text_becomes_quoted_words_whatever_it_is() {
    for (text, expression) in [
        ("lamp", r#"("lamp" OR "lamp"*)"#),
        ("LAMP-1", r#"("lamp 1" OR "lamp 1"*)"#),
        ("Oak desk", r#"("oak" OR "oak"*) AND ("desk" OR "desk"*)"#),
        (
            r#""oak" OR title:desk*"#,
            r#"("oak" OR "oak"*) AND ("or" OR "or"*) AND ("title desk" OR "title desk"*)"#,
        ),
        ("a\0b", r#"("a b" OR "a b"*)"#),
    ] {
        assert_eq!(Wanted::of(text).expression(), expression, "{text}");
    }
    for text in ["", "   ", "\"", "*", "((()", "-- ; '", "^ + :", "\u{202e}\u{0}"] {
        assert!(Wanted::of(text).is_empty(), "{text}");
    }
}

#[test]
fn a_search_text_has_no_more_words_than_are_looked_for() {
    let wanted = Wanted::of(&"word ".repeat(1_000));
    assert_eq!(wanted.expression().matches(" AND ").count(), QUERY_WORDS_MAX - 1);
}

#[test]
fn suggestions_know_words_and_no_numbers() {
    let texts = ["Oak Desk 2", "Café, 100%", &"x".repeat(WORD_CHARS_MAX + 1)];
    let known = vocabulary(texts.into_iter());
    assert_eq!(known, ["oak", "desk", "café"].map(str::to_owned).into());
}

#[test]
fn tags_of_html_are_no_words() {
    let text = text_of_html("<p class=\"x\">Solid&nbsp;oak</p><p>Tom &amp; Co</p>");
    assert_eq!(words(&text).collect::<Vec<_>>(), ["solid", "oak", "tom", "co"]);
}

proptest::proptest! {
    #[test]
    fn no_text_puts_an_operator_into_the_expression(text in ".{0,80}") {
        let expression = Wanted::of(&text).expression();
        let between_quotes = expression.split('"').skip(1).step_by(2);
        for phrase in between_quotes {
            assert!(phrase.chars().all(|character| character == ' ' || is_of_word(character)), "{phrase}");
        }
        let outside: String = expression.split('"').step_by(2).collect();
        assert!(outside.replace(" OR ", "").replace(" AND ", "").chars().all(|character| "()*".contains(character)));
    }
}
