//! The table, and every statement on it: nothing that ScyllaDB and Cassandra do not share.

/// One row for each key that is or was. A row without bytes is a forgotten key.
const TABLE: &str = "keys";
/// The columns, as `system_schema.columns` describes them: name, kind, type.
pub(super) const COLUMNS: [(&str, &str, &str); 3] = [
    ("key_id", "clustering", "int"),
    ("owner", "partition_key", "text"),
    ("wrapped", "regular", "blob"),
];
/// Names that a keyspace may have beside `_keys`: it has 48 characters at most.
const PREFIX_CHARS_MAX: usize = 40;

/// The keyspace of a shop's keys.
pub(super) fn keyspace(prefix: &str) -> String {
    format!("{prefix}_keys")
}

/// Whether it can be part of a keyspace's name as it is.
pub(super) fn is_prefix(prefix: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    let begins_well = prefix.starts_with(|first: char| first.is_ascii_lowercase());
    begins_well && prefix.len() <= PREFIX_CHARS_MAX && prefix.chars().all(is_plain)
}

/// A partition's key must not be empty, and the sealer's own subject is.
pub(super) fn owner(subject: &str) -> String {
    if subject.is_empty() {
        "master".to_owned()
    } else {
        format!("person:{subject}")
    }
}

/// The only data centre that a node knows of itself.
pub(super) const DATA_CENTRE: &str = "SELECT data_center FROM system.local WHERE key = 'local'";
/// The columns that our table has.
pub(super) const DESCRIBE: &str =
    "SELECT column_name, kind, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = 'keys'";

/// Makes the keyspace.
pub(super) fn create_keyspace(prefix: &str, data_centre: &str, replication: u32) -> String {
    // A quote inside a text is doubled.
    let data_centre = data_centre.replace('\'', "''");
    format!(
        "CREATE KEYSPACE IF NOT EXISTS {} WITH replication = \
         {{'class': 'NetworkTopologyStrategy', '{data_centre}': {replication}}}",
        keyspace(prefix)
    )
}

/// Makes the table.
pub(super) fn create_table(prefix: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {}.{TABLE} (owner text, key_id int, wrapped blob, PRIMARY KEY (owner, key_id))",
        keyspace(prefix)
    )
}

/// Keeps a key.
pub(super) fn insert_key(prefix: &str) -> String {
    insert(prefix, 1)
}

/// Puts nothing in the place of a key: this wins against every [`insert_key`].
pub(super) fn insert_forgotten(prefix: &str) -> String {
    insert(prefix, 2)
}

fn insert(prefix: &str, timestamp: i64) -> String {
    format!(
        "INSERT INTO {}.{TABLE} (owner, key_id, wrapped) VALUES (?, ?, ?) USING TIMESTAMP {timestamp}",
        keyspace(prefix)
    )
}

/// One key.
pub(super) fn select_key(prefix: &str) -> String {
    format!(
        "SELECT wrapped FROM {}.{TABLE} WHERE owner = ? AND key_id = ?",
        keyspace(prefix)
    )
}

/// All keys of a subject.
pub(super) fn select_keys(prefix: &str) -> String {
    format!(
        "SELECT key_id, wrapped FROM {}.{TABLE} WHERE owner = ?",
        keyspace(prefix)
    )
}

#[cfg(test)]
mod tests;
