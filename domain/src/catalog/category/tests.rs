use super::{Command, Event};
use crate::catalog::name;
use crate::stream::{NameKey, StreamId};
use crate::testkit::{Story, given_nothing};
use crate::value::{CATEGORY_DEPTH_MAX, CategoryId, LocalizedText, Slug, TITLE_CHARS_MAX};
use crate::{Command as AnyCommand, Event as AnyEvent};

fn id(number: u128) -> CategoryId {
    CategoryId(uuid::Uuid::from_u128(number))
}

fn slug(text: &str) -> Slug {
    text.parse().expect("a slug")
}

fn name_of(text: &str) -> LocalizedText {
    LocalizedText::of("en", text)
}

fn to(number: u128, command: Command) -> AnyCommand {
    AnyCommand::Category(id(number), command)
}

fn open(number: u128, slug_text: &str, parent: Option<u128>) -> AnyCommand {
    let command = Command::Open {
        slug: slug(slug_text),
        name: name_of("Lamps"),
        parent: parent.map(id),
    };
    to(number, command)
}

fn rename(slug_text: &str, name: &str) -> AnyCommand {
    let command = Command::Rename {
        slug: slug(slug_text),
        name: name_of(name),
    };
    to(1, command)
}

fn move_below(number: u128, parent: Option<u128>) -> AnyCommand {
    to(number, Command::Move { parent: parent.map(id) })
}

fn happened(number: u128, event: Event) -> (StreamId, AnyEvent) {
    (StreamId::Category(id(number)), event.into())
}

fn named(slug_text: &str, event: name::Event) -> (StreamId, AnyEvent) {
    (StreamId::Name(NameKey::CategorySlug(slug(slug_text))), event.into())
}

fn lamps() -> Story {
    given_nothing().having(open(1, "lamps", None))
}

#[test]
fn a_category_opens_and_claims_its_slug() {
    given_nothing().when(open(1, "lamps", None)).then([
        happened(
            1,
            Event::CategoryOpened {
                slug: slug("lamps"),
                name: name_of("Lamps"),
                parent: None,
            },
        ),
        named("lamps", name::Event::NameClaimed { by: id(1).0 }),
    ]);
}

#[test]
fn opening_again_changes_nothing_unless_it_says_something_else() {
    lamps()
        .when(open(1, "lamps", None))
        .then_nothing()
        .when(open(1, "lights", None))
        .then_refused("category.exists");
}

#[test]
fn two_categories_do_not_share_a_slug() {
    lamps()
        .when(open(2, "lamps", None))
        .then_refused("slug.taken")
        .having(open(2, "chairs", None))
        .when(rename("chairs", "Chairs"))
        .then_refused("slug.taken");
}

#[test]
fn a_category_needs_a_name() {
    for bad in [
        LocalizedText::default(),
        name_of(" "),
        name_of(&"x".repeat(TITLE_CHARS_MAX + 1)),
        LocalizedText::of("EN", "Lamps"),
        name_of("two\nlines"),
    ] {
        let command = Command::Open {
            slug: slug("lamps"),
            name: bad.clone(),
            parent: None,
        };
        given_nothing()
            .when(to(1, command))
            .then_refused("category.name_invalid");
        let command = Command::Rename {
            slug: slug("lamps"),
            name: bad,
        };
        lamps().when(to(1, command)).then_refused("category.name_invalid");
    }
}

#[test]
fn another_name_keeps_the_slug_and_another_slug_frees_the_old_one() {
    lamps()
        .when(rename("lamps", "Lights"))
        .then([happened(
            1,
            Event::CategoryRenamed {
                slug: slug("lamps"),
                name: name_of("Lights"),
            },
        )])
        .when(rename("lights", "Lights"))
        .then([
            happened(
                1,
                Event::CategoryRenamed {
                    slug: slug("lights"),
                    name: name_of("Lights"),
                },
            ),
            named("lamps", name::Event::NameReleased {}),
            named("lights", name::Event::NameClaimed { by: id(1).0 }),
        ])
        .when(rename("lights", "Lights"))
        .then_nothing()
        .when(open(2, "lamps", None))
        .then_named(["CategoryOpened", "NameClaimed"]);
}

#[test]
fn a_category_hangs_below_an_open_one() {
    lamps()
        .having(open(2, "desk-lamps", Some(1)))
        .when(open(3, "floor-lamps", Some(9)))
        .then_refused("category.parent_not_open")
        .having(to(1, Command::Archive))
        .when(open(3, "floor-lamps", Some(1)))
        .then_refused("category.parent_not_open");
}

#[test]
fn a_category_moves_and_moving_it_there_again_changes_nothing() {
    lamps()
        .having(open(2, "desk-lamps", None))
        .when(move_below(2, Some(1)))
        .then([happened(2, Event::CategoryMoved { parent: Some(id(1)) })])
        .when(move_below(2, Some(1)))
        .then_nothing()
        .when(move_below(2, None))
        .then([happened(2, Event::CategoryMoved { parent: None })]);
}

#[test]
fn a_category_does_not_hang_below_itself() {
    lamps()
        .having(open(2, "desk-lamps", Some(1)))
        .having(open(3, "clamp-lamps", Some(2)))
        .when(move_below(1, Some(1)))
        .then_refused("category.cycle")
        .when(move_below(1, Some(3)))
        .then_refused("category.cycle")
        .having(to(2, Command::Archive))
        .when(move_below(1, Some(3)))
        .then_refused("category.cycle");
    given_nothing()
        .when(open(4, "loops", Some(4)))
        .then_refused("category.parent_not_open");
}

#[test]
fn the_tree_is_only_so_deep() {
    let mut story = given_nothing().having(open(1, "level-1", None));
    for level in 2..=u128::try_from(CATEGORY_DEPTH_MAX).expect("a small number") {
        story = story.having(open(level, &format!("level-{level}"), Some(level - 1)));
    }
    let deepest = u128::try_from(CATEGORY_DEPTH_MAX).expect("a small number");
    story
        .when(open(90, "too-deep", Some(deepest)))
        .then_refused("category.too_deep")
        .having(open(90, "wide", None))
        .when(move_below(90, Some(deepest)))
        .then_refused("category.too_deep")
        .when(move_below(90, Some(deepest - 1)))
        .then_named(["CategoryMoved"]);
}

#[test]
fn an_archived_category_frees_its_slug_and_is_history() {
    lamps()
        .when(to(1, Command::Archive))
        .then([
            happened(1, Event::CategoryArchived {}),
            named("lamps", name::Event::NameReleased {}),
        ])
        .when(to(1, Command::Archive))
        .then_nothing()
        .when(rename("lights", "Lights"))
        .then_refused("category.archived")
        .when(open(1, "lamps", None))
        .then_refused("category.archived")
        .when(open(2, "lamps", None))
        .then_named(["CategoryOpened", "NameClaimed"]);
}

#[test]
fn what_never_was_cannot_be_changed() {
    for command in [rename("lamps", "Lamps"), move_below(1, None), to(1, Command::Archive)] {
        given_nothing().when(command).then_refused("category.absent");
    }
}
