use axum::body::Bytes;
use domain::ConsistencyToken;
use domain::stream::{Shard, Topic};
use domain::value::Currency;
use read_store::{ActiveGenerations, Progress, Reached};

use super::{KeptAnswer, KeptAnswers, Question};
use crate::audience::Audience;
use crate::consistency::Sighting;
use crate::limits::{ANSWER_KEPT_BYTES_MAX, ANSWERS_KEPT_BYTES_MAX};

const CATALOG: Shard = Shard {
    topic: Topic::Catalog,
    partition: 0,
};

struct Positions {
    generations: ActiveGenerations,
    progress: Progress,
}

/// A catalogue whose products are read up to commit 7.
fn positions() -> Positions {
    let (generations, progress) = (ActiveGenerations::new(), Progress::new());
    generations.set("product", 1);
    progress.advance("product", 1, [(CATALOG, 7)]);
    Positions { generations, progress }
}

fn question(document: u64) -> Question {
    Question {
        document,
        operation_name: None,
        variables: b"{}".to_vec(),
        audience: Audience {
            locale: "en".to_owned(),
            fallback_locale: "en".to_owned(),
            currency: Currency::EUR,
            country: "AT".to_owned(),
        },
    }
}

fn answer(bytes: usize) -> KeptAnswer {
    KeptAnswer {
        data: Bytes::from(vec![b'x'; bytes]),
        sightings: vec![Sighting {
            projection: "product",
            generation: 1,
            shard: CATALOG,
            reached: Reached { seq: 7, amendments: 0 },
        }],
        is_personal: false,
    }
}

fn is_found(kept: &KeptAnswers, question: &Question, token: &str, positions: &Positions) -> bool {
    let token: ConsistencyToken = token.parse().expect("a token");
    kept.find(question, false, &token, &positions.generations, &positions.progress)
        .is_some()
}

#[test]
fn an_answer_is_given_again_until_what_it_was_read_from_moves() {
    let (kept, positions) = (KeptAnswers::default(), positions());
    kept.keep(question(1), false, answer(10));
    assert!(is_found(&kept, &question(1), "", &positions));
    assert!(!is_found(&kept, &question(2), "", &positions));
    positions.progress.advance("product", 1, [(CATALOG, 8)]);
    assert!(!is_found(&kept, &question(1), "", &positions));
}

#[test]
fn an_answer_is_not_given_again_when_a_row_was_repaired() {
    let (kept, positions) = (KeptAnswers::default(), positions());
    kept.keep(question(1), false, answer(10));
    positions.progress.amended("product", 1);
    assert!(!is_found(&kept, &question(1), "", &positions));
}

#[test]
fn an_answer_of_another_generation_is_not_given_again() {
    let (kept, positions) = (KeptAnswers::default(), positions());
    kept.keep(question(1), false, answer(10));
    positions.generations.set("product", 2);
    assert!(!is_found(&kept, &question(1), "", &positions));
}

#[test]
fn who_asks_for_more_than_an_answer_holds_does_not_get_it() {
    let (kept, positions) = (KeptAnswers::default(), positions());
    kept.keep(question(1), false, answer(10));
    assert!(is_found(&kept, &question(1), "catalog.0:7,sales.1:99", &positions));
    assert!(!is_found(&kept, &question(1), "catalog.0:8", &positions));
}

#[test]
fn a_personal_answer_is_kept_for_those_without_credentials_alone() {
    let (kept, positions) = (KeptAnswers::default(), positions());
    let personal = || KeptAnswer {
        is_personal: true,
        ..answer(10)
    };
    let finds = |question: &Question, has_credentials| {
        let token = ConsistencyToken::default();
        kept.find(
            question,
            has_credentials,
            &token,
            &positions.generations,
            &positions.progress,
        )
        .is_some()
    };
    kept.keep(question(1), true, personal());
    assert!(!finds(&question(1), true) && !finds(&question(1), false));
    kept.keep(question(1), false, personal());
    assert!(!finds(&question(1), true) && finds(&question(1), false));
    kept.keep(question(2), true, answer(10));
    assert!(finds(&question(2), true) && finds(&question(2), false));
}

#[test]
fn answers_never_take_more_than_their_room() {
    let (kept, positions) = (KeptAnswers::default(), positions());
    let size = ANSWER_KEPT_BYTES_MAX / 2;
    let many = 2 * ANSWERS_KEPT_BYTES_MAX / size;
    for number in 0..many {
        kept.keep(question(number as u64), false, answer(size));
        kept.keep(question(number as u64), false, answer(size));
    }
    assert!(kept.shelf().bytes <= ANSWERS_KEPT_BYTES_MAX);
    assert!(!is_found(&kept, &question(0), "", &positions));
    assert!(is_found(&kept, &question(many as u64 - 1), "", &positions));
    kept.keep(question(u64::MAX), false, answer(ANSWER_KEPT_BYTES_MAX + 1));
    assert!(!is_found(&kept, &question(u64::MAX), "", &positions));
    while kept.shelf().answers.len() > 1 {
        let (question, answer) = kept.shelf().answers.pop_lru().expect("there is one");
        let bytes = super::bytes_of(&question, &answer);
        kept.shelf().bytes -= bytes;
    }
    let left = kept.shelf().bytes;
    assert!(
        left > size && left < 2 * size,
        "the account is right to the last: {left}"
    );
}
