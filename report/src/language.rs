//! The two languages of every page and summary, and a phrase in both.

use maud::{Markup, Render, html};

/// A language of the reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 中文, the default.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language that a word of the command line or a locale names: `zh`, `zh_CN.UTF-8`, `中文`, `en`, `en_GB`…
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        if word.starts_with("zh") || word == "中文" || word == "chinese" {
            Some(Self::Chinese)
        } else if word.starts_with("en") || word == "english" {
            Some(Self::English)
        } else {
            None
        }
    }
}

/// The same thing said in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase {
    /// In Chinese.
    pub chinese: String,
    /// In English.
    pub english: String,
}

impl Phrase {
    /// What is the same in both languages: a name, a number.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { chinese: text.clone(), english: text }
    }

    /// Several in a row, between them what each language has there.
    pub fn joined(parts: &[Self], chinese: &str, english: &str) -> Self {
        let row = |of: fn(&Self) -> &str, between: &str| parts.iter().map(of).collect::<Vec<_>>().join(between);
        Self { chinese: row(|part| &part.chinese, chinese), english: row(|part| &part.english, english) }
    }

    /// The phrase in one language.
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        }
    }
}

/// The same thing said in both languages.
pub fn both(chinese: impl Into<String>, english: impl Into<String>) -> Phrase {
    Phrase { chinese: chinese.into(), english: english.into() }
}

/// So many of a thing in English: `1 rule`, `3 rules`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// On a page both stand in the text, and the style sheet hides the one that is not read. Markup is escaped.
impl Render for Phrase {
    fn render(&self) -> Markup {
        if self.chinese == self.english {
            html! { (self.chinese) }
        } else {
            html! { span lang="zh-CN" { (self.chinese) } span lang="en" { (self.english) } }
        }
    }
}

/// A name and what follows it without a space between in Chinese; where letters or digits would meet, `works1` and `2026年`, a
/// space keeps them apart.
pub fn name_then(name: &str, next: &str) -> String {
    let meets = name.ends_with(|c: char| c.is_ascii_alphanumeric()) && next.starts_with(|c: char| c.is_ascii_alphanumeric());
    format!("{name}{}{next}", if meets { " " } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_ends_in_a_digit_does_not_run_into_a_date() {
        assert_eq!(name_then("works1", "2026年1月30日"), "works1 2026年1月30日");
        assert_eq!(name_then("瑞安灌区", "2026年1月30日"), "瑞安灌区2026年1月30日");
        assert_eq!(name_then("works1", "（需水）"), "works1（需水）");
    }
}
