//! The README's journey works exactly as it is printed.

use std::process::Command;

use tests::Shop;

const README: &str = include_str!("../../README.md");

/// What a person would paste into a terminal: the blocks marked `sh`, in order.
fn journey() -> String {
    let blocks = README
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    blocks.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_journey_of_the_readme_works_as_printed() {
    let shop = Shop::start_demo();
    let script = journey().replace("http://127.0.0.1:8080", shop.url());
    let output = Command::new("bash")
        .args(["-e", "-u", "-o", "pipefail", "-c", &script])
        .current_dir(shop.data())
        .output()
        .expect("bash can be run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!said.contains("\"errors\"") && !said.contains("\"code\""), "{said}");
    for told in [
        r#""name":"Tea""#,
        r#""totalQuantity":2"#,
        r#""__typename":"Order""#,
        r#""status":"CONFIRMED""#,
    ] {
        assert!(said.contains(told), "{told} is missing in {said}");
    }
}

#[test]
fn the_readme_names_the_two_commands() {
    assert!(README.contains("```\ncargo run\n```") && README.contains("```\ncargo xtask test\n```"));
}
