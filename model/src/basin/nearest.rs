//! The nearest of known words to a misspelt one, for hints.

/// The known word nearest to `word`, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(word, known).into_iter().next()
}

/// The known words that are near enough to `word` to be meant, the nearest first.
pub fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let length = word.chars().count();
    let known = known.into_iter().map(|other| (distance(word, other).min(reordered(word, other)), other));
    // A third may be otherwise, or one letter, but never all of them: `V` is no misspelt `I`.
    let is_near = |&(distance, other): &(usize, &str)| {
        let longer = length.max(other.chars().count());
        distance <= (longer / 3).max(1) && distance < longer.max(1)
    };
    let mut found: Vec<(usize, &str)> = known.filter(is_near).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, other)| other).collect()
}

/// A hint that names the nearest known word, or all of them where they are few, or none is near.
pub fn hint(word: &str, known: &[&str], what: &str) -> Option<String> {
    if let Some(near) = nearest(word, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let mut sorted = known.to_vec();
    sorted.sort_unstable();
    match sorted.len() {
        0 => Some(format!("the file has no {what}")),
        1..=20 => Some(format!("{what}: {}", list(&sorted))),
        many => Some(format!("{what}: {} and {} more", list(&sorted[..12]), many - 12)),
    }
}

/// Words in back-quotes, separated by commas.
pub fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The same of the words that both consist of, in whatever order: `canal_north` for `north_canal` is one change.
fn reordered(a: &str, b: &str) -> usize {
    let sorted = |text: &str| {
        let mut words: Vec<&str> = text.split(['_', '-', '.', ' ']).collect();
        words.sort_unstable();
        (words.len() > 1).then(|| words.join("_"))
    };
    sorted(a).zip(sorted(b)).map_or(usize::MAX, |(a, b)| distance(&a, &b).saturating_add(1))
}

/// Number of insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 8 || a.len() > 200 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_change() {
        assert_eq!(distance("capacity", "capcaity"), 1);
        assert_eq!(distance("珊溪", "珊西"), 1);
    }

    #[test]
    fn words_in_another_order_are_near() {
        assert_eq!(nearest("canal_north", ["south_canal", "north_canal", "canal"]), Some("north_canal"));
        assert_eq!(nearest("m3s_capcity", ["capacity_m3s", "floor_m3s"]), Some("capacity_m3s"));
        assert_eq!(nearest("canal_north", ["lake_works"]), None);
    }

    #[test]
    fn far_words_are_not_meant() {
        assert_eq!(nearest("lake", ["turbines", "gate"]), None);
        assert_eq!(nearest("V", ["I", "II"]), None);
        assert_eq!(nearest("V", ["I", "IV"]), Some("IV"));
        assert_eq!(nearest("downstrem", ["upstream", "downstream"]), Some("downstream"));
    }
}
