use super::super::positions;
use super::*;
use crate::model::{cart, category, order, product, shop, stock};

/// The largest number that a table's name can end in.
const GENERATION_MAX: Generation = Generation::MAX;

/// Characters of a table's name that Cassandra takes.
const NAME_LENGTH_MAX: usize = 48;

/// A table with a column of each type, and one with none.
static TRIALS: [Table; 2] = [
    Table {
        projection: "trial",
        name: "all_types",
        columns: &[
            Column {
                name: "text",
                kind: ColumnType::Text,
            },
            Column {
                name: "number",
                kind: ColumnType::Integer,
            },
            Column {
                name: "bytes",
                kind: ColumnType::Blob,
            },
        ],
    },
    Table {
        projection: "trial",
        name: "keys_only",
        columns: &[],
    },
];

fn tables() -> Vec<Table> {
    let of_model = [
        &cart::TABLES[..],
        &category::TABLES,
        &order::TABLES,
        &product::TABLES,
        &shop::TABLES,
        &stock::TABLES,
    ];
    let copy = |table: &Table| Table {
        projection: table.projection,
        name: table.name,
        columns: table.columns,
    };
    let of_model = of_model.into_iter().flatten().map(|table| copy(table));
    let projections = [cart::PROJECTION, category::PROJECTION, product::PROJECTION];
    let positions = projections.into_iter().map(positions::table);
    of_model.chain(positions).chain(TRIALS.iter().map(copy)).collect()
}

fn forms() -> Vec<Form> {
    let mut forms = vec![Form::Write, Form::Delete, Form::Get, Form::Scan];
    for direction in [Direction::Forward, Direction::Backward] {
        for (after, before) in [(false, false), (true, false), (false, true), (true, true)] {
            forms.push(Form::Page {
                after,
                before,
                direction,
            });
        }
    }
    forms
}

/// Every text that is ever sent.
fn texts() -> Vec<String> {
    let keyspace = create_keyspace("tillroll_read", "data-centre_1.a", 3).expect("the name is plain");
    let mut texts = vec![
        DATA_CENTRE.to_owned(),
        KEYSPACE.to_owned(),
        COLUMNS.to_owned(),
        keyspace,
    ];
    for table in tables() {
        let cql = TableCql::new("tillroll_read", &table, GENERATION_MAX);
        texts.extend([cql.create(), cql.drop()]);
        texts.extend(forms().into_iter().map(|form| cql.text(form)));
    }
    texts
}

/// A text without what is quoted, in capitals: what is left is the language.
fn language(text: &str) -> String {
    let mut language = String::new();
    let mut quote = None;
    for character in text.chars() {
        match quote {
            Some(end) if character == end => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'') => {
                quote = Some(character);
                language.push('q');
            }
            None => language.extend(character.to_uppercase()),
        }
    }
    language
}

#[test]
fn every_form_has_a_place_of_its_own() {
    let mut places: Vec<usize> = forms().into_iter().map(Form::index).collect();
    places.sort_unstable();
    assert_eq!(places, (0..Form::COUNT).collect::<Vec<_>>());
}

#[test]
fn nothing_is_said_that_scylla_and_cassandra_do_not_both_understand_alike() {
    let foreign = [
        "ALLOW FILTERING",
        "CREATE INDEX",
        "CUSTOM INDEX",
        "MATERIALIZED",
        "CREATE FUNCTION",
        "CREATE AGGREGATE",
        "CREATE TYPE",
        "USING TIMEOUT",
        "USING TTL",
        "TTL",
        "BYPASS CACHE",
        "COMPRESSION",
        "TOMBSTONE_GC",
        "COUNTER",
        "LIST<",
        "SET<",
        "MAP<",
        "ALTER",
        "UPDATE",
        "BATCH",
        "NOW()",
        "TRUNCATE",
    ];
    for text in texts() {
        let said = language(&text);
        for word in foreign {
            assert!(!said.contains(word), "{word} in {text}");
        }
        for strategy in ["SimpleStrategy", "UnifiedCompaction", "TimeWindowCompaction"] {
            assert!(!text.contains(strategy), "{strategy} in {text}");
        }
        // Conditions are for definitions alone: no lightweight transactions.
        let said = said
            .replace("CREATE TABLE IF NOT EXISTS", "")
            .replace("DROP TABLE IF EXISTS", "");
        let said = said.replace("CREATE KEYSPACE IF NOT EXISTS", "");
        assert!(!format!(" {said} ").contains(" IF "), "a condition in {text}");
    }
}

#[test]
fn every_change_of_a_row_carries_the_timestamp_it_is_given() {
    let changes: Vec<String> = texts()
        .into_iter()
        .filter(|text| text.starts_with("INSERT") || text.starts_with("DELETE"))
        .collect();
    assert_eq!(changes.len(), 2 * tables().len());
    for text in changes {
        assert_eq!(text.matches("USING TIMESTAMP ?").count(), 1, "{text}");
    }
}

#[test]
fn values_are_given_by_markers_alone() {
    for text in texts().into_iter().filter(|text| !text.starts_with("CREATE")) {
        let said = language(&text);
        assert!(
            !said.contains(|character: char| character.is_ascii_digit()),
            "a number in {text}"
        );
        assert!(!text.contains('\''), "a literal in {text}");
    }
}

#[test]
fn names_are_plain_and_short_enough() {
    let is_plain = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .chars()
                .all(|character| matches!(character, 'a'..='z' | '0'..='9' | '_'))
    };
    for table in tables() {
        let name = table_name(&table, GENERATION_MAX);
        assert!(is_plain(&name) && name.len() <= NAME_LENGTH_MAX, "{name}");
        let cql = TableCql::new("tillroll_read", &table, 1);
        let names: Vec<&str> = cql.layout().map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| is_plain(name)), "{names:?}");
        let different: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
    }
}

#[test]
fn a_data_centre_with_an_odd_name_is_refused() {
    for name in ["", "dc'; DROP KEYSPACE x", "two words", "dc\"", "\u{e4}"] {
        assert!(create_keyspace("tillroll_read", name, 1).is_err(), "{name}");
    }
}

#[test]
fn no_other_file_speaks_the_language() {
    let files = [
        include_str!("../cells.rs"),
        include_str!("../failure.rs"),
        include_str!("../link.rs"),
        include_str!("../mod.rs"),
        include_str!("../positions.rs"),
        include_str!("../read.rs"),
        include_str!("../schema.rs"),
        include_str!("../session.rs"),
        include_str!("../write.rs"),
    ];
    for file in files {
        for word in [
            "SELECT ",
            "INSERT ",
            "UPDATE ",
            "DELETE ",
            "CREATE ",
            "DROP ",
            "ALTER ",
            "TRUNCATE ",
        ] {
            assert!(!file.contains(word), "{word}");
        }
    }
}
