//! The table of satisfactions as an office reads it: region × use, with days and volume short and the worst ten days.

use weir_model::document::SatisfactionRow;

use crate::language::{Phrase, both};
use crate::view::{USES, View};
use crate::words;

/// hm³ below which nothing is short.
const NOTHING_HM3: f64 = 1e-4;

/// A share this little below a bound counts as at it.
const SLACK: f64 = 1e-6;

/// A column: a use; ecological flow in the stream stands apart from ecological water taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The use.
    pub use_: &'static str,
    /// In the stream.
    pub in_stream: bool,
}

impl Column {
    /// Its heading.
    pub fn title(self) -> Phrase {
        match (self.use_, self.in_stream) {
            (_, true) => both("生态（河道内）", "Ecological, in the stream"),
            ("ecological", false) => both("生态（河道外）", "Ecological, taken"),
            ("industrial" | "agricultural", _) => {
                let use_ = words::word(self.use_);
                both(format!("生产 · {}", use_.chinese), format!("Production: {}", use_.english.to_lowercase()))
            }
            (use_, _) => words::word(use_),
        }
    }
}

/// A region's satisfaction in a use.
pub struct Cell<'a> {
    /// Over the whole horizon.
    pub total: &'a SatisfactionRow,
    /// The worst ten days, or the worst of the finest periods there are; none where all fare alike.
    pub worst: Option<&'a SatisfactionRow>,
    /// All of the finest periods fare alike.
    pub alike: bool,
    /// The finest period that there is.
    pub period: &'a str,
}

/// That each period is like the others: 各旬相同.
pub fn each_period(period: &str) -> Phrase {
    match period {
        "旬" => both("各旬相同", "the same in each ten days"),
        "month" => both("各月相同", "the same in each month"),
        _ => both("各时段相同", "the same in each step"),
    }
}

impl Cell<'_> {
    /// What lacks over the horizon, hm³; 0 where it is rounding.
    pub fn short_hm3(&self) -> f64 {
        let lack = self.total.demand_hm3 - self.total.supply_hm3;
        if lack > NOTHING_HM3 { lack } else { 0.0 }
    }

    /// Days on which something lacks.
    pub fn days_short(&self) -> f64 {
        (self.total.days - self.total.days_met).max(0.0)
    }

    /// The worst satisfaction: that of the worst period, or the whole where all fare alike.
    pub fn lowest(&self) -> f64 {
        self.worst.map_or(self.total.ratio, |worst| worst.ratio)
    }

    /// Every floor was met.
    pub fn floor_met(&self) -> bool {
        self.total.floor_met
    }

    /// How well it fares, as the word of a colour.
    pub fn class(&self) -> &'static str {
        match self.total.ratio {
            _ if !self.floor_met() => "broken",
            _ if self.short_hm3() == 0.0 => "met",
            ratio if ratio >= 0.95 - SLACK => "slight",
            ratio if ratio >= 0.8 - SLACK => "short",
            _ => "severe",
        }
    }
}

/// A region's line.
pub struct Row<'a> {
    /// Name of the region.
    pub name: Phrase,
    /// Administrative code.
    pub code: Option<String>,
    /// How deep it lies among regions.
    pub depth: usize,
    /// A cell a column.
    pub cells: Vec<Option<Cell<'a>>>,
}

/// Regions × uses.
pub struct Table<'a> {
    /// Uses that anyone has.
    pub columns: Vec<Column>,
    /// Regions that have any, each after the one that holds it.
    pub rows: Vec<Row<'a>>,
}

impl<'a> Table<'a> {
    /// The table of a plan.
    pub fn new(view: &View<'a>) -> Self {
        let rows: Vec<&SatisfactionRow> =
            view.content.satisfaction.iter().filter(|r| r.class.is_none() && r.demand_hm3 > 0.0).collect();
        let columns: Vec<Column> = USES
            .iter()
            .flat_map(|use_| [false, true].map(|in_stream| Column { use_, in_stream }))
            .filter(|c| rows.iter().any(|r| r.use_ == c.use_ && r.in_stream == c.in_stream))
            .collect();
        let mut regions: Vec<Option<&str>> = order(view).into_iter().map(Some).collect();
        regions.push(None);
        let mut lines: Vec<Row<'a>> = regions
            .into_iter()
            .filter(|region| rows.iter().any(|r| r.region.as_deref() == *region))
            .map(|region| Row {
                name: view.region(region),
                code: region.and_then(|id| view.content.regions.iter().find(|r| r.id == id)).and_then(|r| r.code.clone()),
                depth: region.map_or(0, |id| view.depth(id)),
                cells: columns.iter().map(|column| cell(&rows, region, *column)).collect(),
            })
            .collect();
        // Where no county's city is shown, counties stand at the margin.
        let least = lines.iter().map(|r| r.depth).min().unwrap_or(0);
        for line in &mut lines {
            line.depth -= least;
        }
        Self { columns, rows: lines }
    }
}

/// Regions' ids, each after the one that holds it.
fn order<'a>(view: &View<'a>) -> Vec<&'a str> {
    fn add<'a>(view: &View<'a>, parent: Option<&str>, found: &mut Vec<&'a str>) {
        for region in &view.content.regions {
            if region.parent.as_deref() == parent && !found.contains(&region.id.as_str()) {
                found.push(&region.id);
                add(view, Some(&region.id), found);
            }
        }
    }
    let mut found = Vec::new();
    add(view, None, &mut found);
    // Regions whose parent the document does not hold come last.
    for region in &view.content.regions {
        if !found.contains(&region.id.as_str()) {
            found.push(&region.id);
        }
    }
    found
}

fn cell<'a>(rows: &[&'a SatisfactionRow], region: Option<&str>, column: Column) -> Option<Cell<'a>> {
    let of: Vec<&SatisfactionRow> = rows
        .iter()
        .copied()
        .filter(|r| r.region.as_deref() == region && r.use_ == column.use_ && r.in_stream == column.in_stream)
        .collect();
    let total = of.iter().copied().find(|r| r.period == "horizon")?;
    let period = ["旬", "month", "step"].into_iter().find(|p| of.iter().any(|r| r.period == *p));
    let finest: Vec<&SatisfactionRow> = of.iter().copied().filter(|r| Some(r.period.as_str()) == period).collect();
    let lack = |r: &SatisfactionRow| r.demand_hm3 - r.supply_hm3;
    let worst = finest.iter().copied().min_by(|a, b| {
        if (a.ratio - b.ratio).abs() > SLACK { a.ratio.total_cmp(&b.ratio) } else { lack(b).total_cmp(&lack(a)) }
    });
    // Where all periods fare alike none is the worst.
    let alike = worst.is_some_and(|w| finest.len() > 1 && finest.iter().all(|r| (r.ratio - w.ratio).abs() <= SLACK));
    Some(Cell { total, worst: worst.filter(|_| !alike), alike, period: period.unwrap_or("step") })
}

/// Whether two satisfactions are the same but for rounding: one rule for the table and the brief.
pub fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= SLACK
}
