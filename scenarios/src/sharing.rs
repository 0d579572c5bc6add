//! Who lacks more and who less in one plan than in another: gains of some take nothing from what others lack.

use weir_model::document::SeriesRow;
use weir_report::view::View;
use weir_report::{Phrase, both, quantity};

use crate::questions::NOTHING;

/// How many are named.
const NAMED: usize = 2;

/// What users lack more or less in a plan than in its base, by delivery and class.
pub(crate) struct Sharing<'a> {
    /// Deliveries that lack more, hm³, the most first.
    pub more: Vec<(&'a str, f64)>,
    /// Those that lack less.
    pub less: Vec<(&'a str, f64)>,
    /// What homes and the public lack more where they do, hm³: part of what lacks more.
    pub homes: f64,
}

impl<'a> Sharing<'a> {
    /// Of the first days of two plans of one basin.
    pub fn of(base: &View<'_>, view: &View<'a>, days: f64) -> Self {
        let mut found = Self { more: Vec::new(), less: Vec::new(), homes: 0.0 };
        for row in rows(view) {
            let before =
                rows(base).find(|other| other.address == row.address).map_or(0.0, |row| within(base, &row.values, days));
            let more = within(view, &row.values, days) - before;
            if more > NOTHING && row.use_.as_deref() == Some("domestic") {
                found.homes += more;
            }
            let side = if more > 0.0 { &mut found.more } else { &mut found.less };
            match side.iter_mut().find(|(element, _)| *element == row.element) {
                _ if more.abs() <= NOTHING => {}
                Some((_, hm3)) => *hm3 += more.abs(),
                None => side.push((&row.element, more.abs())),
            }
        }
        for side in [&mut found.more, &mut found.less] {
            side.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        }
        found
    }

    /// Who lacks more, and who less for it: `用户多缺43.6万m³（瑞安灌区43.6万m³）`.
    pub fn told(&self, view: &View<'_>) -> Phrase {
        let (more, less) = (side(view, &self.more), side(view, &self.less));
        let gain = both(
            if self.less.is_empty() { String::new() } else { format!("，另有用户少缺{}", less.chinese) },
            if self.less.is_empty() { String::new() } else { format!(", while others lack {} less", less.english) },
        );
        if self.more.is_empty() {
            return both(format!("没有用户多缺水{}", gain.chinese), format!("no user lacks more{}", gain.english));
        }
        both(
            format!("用户多缺{}{}", more.chinese, gain.chinese),
            format!("users lack {} more{}", more.english, gain.english),
        )
    }
}

/// A sum, and the largest in it by name.
fn side(view: &View<'_>, of: &[(&str, f64)]) -> Phrase {
    let sum = quantity::volume(of.iter().map(|(_, hm3)| hm3).sum());
    let one = |(element, hm3): &(&str, f64)| {
        let (name, hm3) = (view.name(element), quantity::volume(*hm3));
        both(format!("{}{}", name.chinese, hm3.chinese), format!("{} {}", name.english, hm3.english))
    };
    let named: Vec<Phrase> = of.iter().take(NAMED).map(one).collect();
    let named = Phrase::joined(&named, "、", ", ");
    let (most, english) = if of.len() > NAMED { ("其中", "most of it ") } else { ("", "") };
    both(format!("{}（{most}{}）", sum.chinese, named.chinese), format!("{} ({english}{})", sum.english, named.english))
}

/// Shortages of a plan: by class, or of a delivery without classes.
fn rows<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'a SeriesRow> + use<'v, 'a> {
    let all = || view.content.series.iter().filter(|row| row.quantity == "shortage" && row.tier.is_none());
    let classed = move |row: &SeriesRow| all().any(|other| other.element == row.element && other.class.is_some());
    all().filter(move |row| row.class.is_some() || !classed(row))
}

/// Volume of a flow in the first days, hm³.
pub(crate) fn within(view: &View<'_>, flow: &[Option<f64>], days: f64) -> f64 {
    let edges = &view.axis.edges;
    let steps = flow.iter().enumerate().filter(|(step, _)| edges[*step] < days);
    steps.map(|(step, value)| value.unwrap_or(0.0) * (edges[step + 1].min(days) - edges[step]) * 0.0864).sum()
}
