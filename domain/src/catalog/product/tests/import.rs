use super::*;

fn import(slug: &str) -> AnyCommand {
    let description = described(slug);
    to(1, Command::Import { description })
}

fn import_variant(options: &[(&str, &str)]) -> AnyCommand {
    let command = Command::ImportVariant {
        sku: sku("LAMP-1"),
        facts: facts(options),
    };
    to(1, command)
}

fn into_category(slug: &str) -> AnyCommand {
    let command = Command::ImportIntoCategory {
        slug: slug.parse().expect("a slug"),
        name: LocalizedText::of("en", "Lamps"),
    };
    to(1, command)
}

#[test]
fn importing_drafts_what_is_new_and_describes_what_is_there() {
    given_nothing()
        .when(import("floor-lamp"))
        .then_named(["ProductDrafted", "NameClaimed"])
        .when(import("floor-lamp"))
        .then_nothing()
        .when(import("lamp"))
        .then_named(["ProductDescribed", "NameReleased", "NameClaimed"])
        .having(to(1, Command::Archive))
        .when(import("lamp"))
        .then_refused("product.archived");
}

#[test]
fn importing_adds_variants_that_are_new_and_changes_what_is_there() {
    lamp()
        .when(import_variant(&[]))
        .then_named(["VariantAdded", "NameClaimed"])
        .when(import_variant(&[]))
        .then_nothing()
        .when(import_variant(&[("Size", "S")]))
        .then_named(["VariantChanged"]);
}

#[test]
fn importing_opens_a_category_that_is_new_and_finds_one_that_is_there() {
    lamp()
        .when(into_category("lamps"))
        .then_named(["CategoryOpened", "NameClaimed", "ProductPlaced"])
        .when(into_category("lamps"))
        .then_nothing()
        .having(open_category(7, "indoor"))
        .when(into_category("indoor"))
        .then([happened(Event::ProductPlaced {
            category: category_id(7),
        })]);
}

#[test]
fn importing_gives_the_categories_of_two_causes_two_ids() {
    let story = lamp()
        .having(into_category("lamps"))
        .caused_by(2)
        .having(into_category("lights"));
    let categories = listing(&story).categories;
    assert_eq!(categories.len(), 2);
    assert_ne!(categories[0], categories[1]);
}

#[test]
fn importing_opens_no_category_without_a_name() {
    let nameless = Command::ImportIntoCategory {
        slug: "lamps".parse().expect("a slug"),
        name: LocalizedText::default(),
    };
    lamp().when(to(1, nameless)).then_refused("category.name_invalid");
}
