//! The command as people type it: what it prints, where, and how it exits.

#[test]
fn commands_print_what_the_guide_says() {
    trycmd::TestCases::new().case("tests/command/*.trycmd");
}
