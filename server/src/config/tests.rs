use super::*;

fn line<'a>(table: &'a str, knob: &str) -> Vec<&'a str> {
    let row = table
        .lines()
        .find(|line| line.starts_with(knob))
        .expect("the knob is listed");
    row.split_whitespace().collect()
}

#[test]
fn every_knob_is_listed_with_its_value_and_origin() {
    let matches = Cli::command().get_matches_from(["tillroll", "config", "--partitions", "4"]);
    let table = table(&matches);
    assert_eq!(
        line(&table, "--partitions"),
        ["--partitions", "TILLROLL_PARTITIONS", "4", "command", "line"]
    );
    assert_eq!(
        line(&table, "--no-demo"),
        ["--no-demo", "TILLROLL_NO_DEMO", "false", "default"]
    );
}

#[test]
fn a_password_is_not_shown() {
    let matches = Cli::command().get_matches_from(["tillroll", "config", "--scylla-password", "sesame"]);
    let table = table(&matches);
    assert!(!table.contains("sesame"));
    assert_eq!(line(&table, "--scylla-password")[2], HIDDEN);
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}
