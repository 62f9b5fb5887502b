use domain::value::{CategoryId, LocalizedText};

use super::*;
use crate::testkit::samples::{category_stream, slug, uuid};
use crate::testkit::{folded, shape};

fn opened(text: &str, parent: Option<u128>) -> Event {
    category::Event::CategoryOpened {
        slug: slug(text),
        name: LocalizedText::of("en", text),
        parent: parent.map(|number| CategoryId(uuid(number))),
    }
    .into()
}

#[test]
fn an_open_category_is_found_by_its_slug_and_below_its_parent() {
    let (view, rows) = folded::<Categories>(&category_stream(2), &[opened("lamps", Some(1))]);
    assert_eq!(view.parent, Some(CategoryId(uuid(1))));
    let [(by_slug, slug_row), (children, tree_row)] = rows.as_slice() else {
        panic!("two rows: {rows:?}");
    };
    assert_eq!((*by_slug, slug_row.key.partition.as_str()), ("by_slug", "lamps"));
    assert_eq!((*children, &tree_row.key.partition), ("children", &uuid(1).to_string()));
    let child: Versioned<CategoryView> = Versioned::of_row(tree_row).expect("it is a view");
    assert_eq!(child.view, view);
}

#[test]
fn renaming_changes_the_slug_and_the_place_beside_others() {
    let renamed = category::Event::CategoryRenamed {
        slug: slug("lights"),
        name: LocalizedText::of("en", "Lights"),
    };
    let (view, rows) = folded::<Categories>(&category_stream(2), &[opened("lamps", None), renamed.into()]);
    assert_eq!(view.slug.as_str(), "lights");
    assert_eq!(rows[0].1.key.partition, "lights");
    assert_eq!(rows[1].1.key.partition, "top");
}

#[test]
fn an_archived_category_is_found_by_its_id_only() {
    let events = [opened("lamps", None), category::Event::CategoryArchived {}.into()];
    let (view, rows) = folded::<Categories>(&category_stream(2), &events);
    assert!(view.archived);
    assert!(rows.is_empty());
}

#[test]
fn stored_categories_look_as_they_did() {
    assert_eq!(
        shape::<Categories>(&category_stream(2), &[opened("lamps", Some(1))]),
        0xe5e8_edcb_a0fd_be3e
    );
}
