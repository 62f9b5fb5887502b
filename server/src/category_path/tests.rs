use proptest::prelude::*;

use super::*;

fn step(name: &str, slug: &str) -> Step {
    Step {
        slug: slug.to_owned(),
        name: name.to_owned(),
    }
}

fn read_back(cell: &str) -> Vec<Vec<Step>> {
    read(cell, |text| text.trim().to_owned())
}

#[test]
fn names_tell_addresses_unless_brackets_do() {
    let paths = vec![
        vec![step("Clothing", "clothing"), step("Caps", "hats")],
        vec![step("Pens, [new] > old", "pens")],
    ];
    let cell = written(&paths);
    assert_eq!(cell, r"Clothing > Caps [hats], Pens\, \[new\] \> old [pens]");
    assert_eq!(read_back(&cell), paths);
}

#[test]
fn what_has_no_address_is_passed_over() {
    assert_eq!(
        read_back(" , >, ???, Caps > , [caps], Lamps [NO ADDRESS]"),
        [[step("Lamps", "lamps")]]
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        names in prop::collection::vec(prop::collection::vec("[a-z,>\\\\\\[\\]]{0,4}[a-z]", 1..4), 1..4)
    ) {
        let path = |names: Vec<String>| names.iter().map(|name| step(name, "of-its-own")).collect();
        let paths: Vec<Vec<Step>> = names.into_iter().map(path).collect();
        prop_assert_eq!(read_back(&written(&paths)), paths);
    }
}
