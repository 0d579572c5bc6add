//! `docs/words.md` knows every word of the registries.

use weir_model::basin::RESERVED;
use weir_model::elements::KINDS;
use weir_model::measures;
use weir_model::network::{RuleClass, Use};

#[test]
fn words_of_the_registries_are_in_the_list() {
    let list = std::fs::read_to_string("docs/words.md").unwrap_or_default();
    let words = KINDS
        .iter()
        .map(|kind| kind.word)
        .chain(RESERVED)
        .chain(measures::kinds())
        .chain(RuleClass::DEFAULT_ORDER.iter().map(|class| class.word()))
        .chain(Use::ALL.iter().map(|use_| use_.word()));
    let missing: Vec<&str> = words.filter(|word| !list.contains(&format!("`{word}`"))).collect();
    assert_eq!(missing, Vec::<&str>::new(), "docs/words.md does not name them");
}
