use super::version_in;

#[test]
fn only_java_17_is_taken() {
    let text = "openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment";
    assert_eq!(version_in(text), Some("17.0.15"));
    assert_eq!(version_in("java version \"17\" 2021-09-14"), Some("17"));
    assert_eq!(version_in("openjdk version \"25.0.1\" 2025-10-21"), None);
    assert_eq!(version_in("openjdk version \"1.8.0_402\""), None);
    assert_eq!(version_in("java: not found"), None);
}

#[test]
fn a_line_before_the_version_does_not_matter() {
    let text = "Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"17.0.2\" 2022-01-18";
    assert_eq!(version_in(text), Some("17.0.2"));
}
