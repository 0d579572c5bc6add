//! Units in which sources and people write, and what turns one into another.

/// A unit: its kind of quantity, and how many of the base unit (m³/s, hm³, m, mm) one of it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// The word.
    pub word: &'static str,
    /// Of what.
    of: Of,
    /// In the base unit.
    base: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Flow,
    Volume,
    Length,
    Plain,
}

/// All, with the ways in which papers write them.
const UNITS: &[(&[&str], Unit)] = &[
    (&["m3/s", "m³/s", "立方米/秒", "m^3/s", "cms", "m3s"], Unit { word: "m3/s", of: Of::Flow, base: 1.0 }),
    (&["L/s", "l/s", "升/秒"], Unit { word: "L/s", of: Of::Flow, base: 1e-3 }),
    (
        &["万m3/d", "万m³/d", "万m³/日", "万m3/日", "万立方米/日", "wan_m3_per_day"],
        Unit { word: "万m3/d", of: Of::Flow, base: 1e4 / 86_400.0 },
    ),
    (&["hm3", "hm³", "百万m³", "百万m3", "10⁶m³", "10^6m3", "106m3"], Unit { word: "hm3", of: Of::Volume, base: 1.0 }),
    (&["万m3", "万m³", "万立方米", "10⁴m³", "wan_m3"], Unit { word: "万m3", of: Of::Volume, base: 1e-2 }),
    (&["亿m3", "亿m³", "亿立方米", "10⁸m³", "yi_m3"], Unit { word: "亿m3", of: Of::Volume, base: 1e2 }),
    (&["m3", "m³", "立方米"], Unit { word: "m3", of: Of::Volume, base: 1e-6 }),
    (&["m", "米"], Unit { word: "m", of: Of::Length, base: 1.0 }),
    (&["cm", "厘米"], Unit { word: "cm", of: Of::Length, base: 1e-2 }),
    (&["mm", "毫米"], Unit { word: "mm", of: Of::Length, base: 1e-3 }),
    (&["1"], Unit { word: "1", of: Of::Plain, base: 1.0 }),
];

/// Suffixes of the basin file's keys, the longest first.
const SUFFIXES: [(&str, &str); 7] = [
    ("_wan_m3_per_day", "万m3/d"),
    ("_wan_m3", "万m3"),
    ("_yi_m3", "亿m3"),
    ("_hm3", "hm3"),
    ("_m3s", "m3/s"),
    ("_mm", "mm"),
    ("_m", "m"),
];

impl Unit {
    /// The unit of a word.
    pub fn of(word: &str) -> Option<Self> {
        let word: String = word.chars().filter(|c| !c.is_whitespace()).collect();
        UNITS.iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, unit)| *unit)
    }

    /// The unit in which a key of a basin file stands.
    pub fn of_key(key: &str) -> Self {
        let found = SUFFIXES.iter().find(|(suffix, _)| key.ends_with(suffix)).and_then(|(_, word)| Self::of(word));
        found.unwrap_or(Self { word: "1", of: Of::Plain, base: 1.0 })
    }

    /// What a number in this unit is multiplied by to stand in another; none between quantities of two kinds.
    pub fn to(self, other: Self) -> Option<f64> {
        (self.of == other.of).then_some(if self.base == other.base { 1.0 } else { self.base / other.base })
    }

    /// Words of all units.
    pub fn words() -> Vec<&'static str> {
        UNITS.iter().map(|(_, unit)| unit.word).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends where it must")]

    use super::*;

    #[test]
    fn papers_units_become_the_keys() {
        let factor = |word, key| Unit::of(word).unwrap().to(Unit::of_key(key));
        assert_eq!(factor("m³/s", "flow_m3s"), Some(1.0));
        assert_eq!(factor("亿m³", "initial_storage_hm3"), Some(100.0));
        assert_eq!(factor("cm", "initial_level_m"), Some(0.01));
        // 8.64 万m³ a day is 1 m³/s.
        approx(factor("万m³/日", "demand_m3s").unwrap() * 8.64, 1.0);
        assert_eq!(factor("m", "flow_m3s"), None, "a level is no flow");
        assert!(Unit::of("加仑").is_none());
    }

    fn approx(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }
}
