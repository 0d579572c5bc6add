//! Days of supply as text and as a workbook: how long whom, then on which day each reservoir comes to its levels.

use weir_model::days::{Cell, Days, Inflow, LEVELS, Row};

use crate::language::{Language, Phrase, both};
use crate::papers::plain::{Sheet, workbook};
use crate::quantity::{date, fixed};
use crate::text::Summary;
use crate::words;

/// The tables of days of supply as text.
pub fn days(days: &Days, language: Language) -> String {
    let mut out = Summary::new(language);
    for line in head(days) {
        out.line(&line);
    }
    for table in tables(days) {
        out.title(&table.title);
        let right: Vec<usize> = (table.labels..table.head.len()).collect();
        out.table(&table.head, &table.rows, &right);
    }
    for line in refused(days) {
        out.line(&line);
    }
    out.text
}

/// The tables as a workbook, in Chinese.
///
/// # Errors
/// If it cannot be packed.
pub fn days_workbook(days: &Days) -> Result<Vec<u8>, String> {
    let said = |phrases: &[Phrase]| phrases.iter().map(|phrase| phrase.chinese.clone()).collect::<Vec<_>>();
    let (above, below) = (said(&head(days)), said(&refused(days)));
    let sheets: Vec<Sheet> = tables(days)
        .iter()
        .map(|table| Sheet {
            title: table.title.chinese.clone(),
            above: above.clone(),
            head: said(&table.head),
            rows: table.rows.iter().map(|row| said(row)).collect(),
            below: below.clone(),
        })
        .collect();
    workbook(&sheets)
}

struct Table {
    title: Phrase,
    head: Vec<Phrase>,
    /// Columns that say of what.
    labels: usize,
    rows: Vec<Vec<Phrase>>,
}

fn head(days: &Days) -> Vec<Phrase> {
    let start = date(days.start);
    let mut lines = vec![both(
        format!("{}　自{}起，按现行规则逐日调度，至多{}天", days.name, start.chinese, days.days),
        format!("{}: from {}, run by the rules of today, {} days at most", days.name, start.english, days.days),
    )];
    if days.forecast_days > 0 {
        lines.push(both(
            format!("前{}天用预报，其后为下列来水", days.forecast_days),
            format!("the first {} days are forecast, then comes what stands above each column", days.forecast_days),
        ));
    }
    if days.assumed {
        lines.push(both(
            "【含合成或假定的资料：不得用于实际调度】",
            "[holds synthetic or assumed data: not for real dispatch]",
        ));
    }
    lines
}

fn inflow(inflow: &Inflow) -> Phrase {
    match (inflow.frequency_percent, inflow.year) {
        (Some(percent), Some((year, factor))) => both(
            format!("P={percent}%（{year}年×{}）", fixed(factor, 2)),
            format!("P={percent}% ({year} × {})", fixed(factor, 2)),
        ),
        (Some(percent), None) => Phrase::same(format!("P={percent}%")),
        (None, _) => both("无降雨", "no rain"),
    }
}

fn who(row: &Row) -> Phrase {
    match row.who {
        "reservoir" => both("水库", "reservoir"),
        "homes" => both("居民公共", "homes"),
        _ => both("全部用户", "all users"),
    }
}

fn saving(row: &Row) -> Phrase {
    row.saving.map_or_else(|| both("现状", "as today"), |word| both(format!("{word}级响应"), format!("response {word}")))
}

fn tables(days: &Days) -> Vec<Table> {
    let columns = days.inflows.iter().map(inflow);
    let labels = [both("对象", "of"), both("供水", "whom"), both("节水", "saving")];
    let lasts = |cell: &Option<Cell>| {
        let Some(cell) = cell else { return Phrase::same("—".to_owned()) };
        cell.days.map_or_else(|| both(format!("≥{}", days.days), format!("≥{}", days.days)), |n| Phrase::same(n.to_string()))
    };
    let label = |row: &Row| vec![Phrase::same(row.name.clone()), who(row), saving(row)];
    let rows = days.rows.iter().map(|row| label(row).into_iter().chain(row.cells.iter().map(lasts)).collect());
    let first = Table {
        title: both("可供水天数", "Days of supply"),
        head: labels.iter().cloned().chain(columns.clone()).collect(),
        labels: labels.len(),
        rows: rows.collect(),
    };
    let mut rows = Vec::new();
    for row in days.rows.iter().filter(|row| row.who == "reservoir") {
        for level in LEVELS {
            let has = |cell: &Cell| cell.dates.iter().any(|(word, _)| *word == level);
            if !row.cells.iter().flatten().any(has) {
                continue;
            }
            let mut cells = vec![Phrase::same(row.name.clone()), words::word(level), saving(row)];
            cells.extend(row.cells.iter().map(|cell| reached(cell.as_ref(), level)));
            rows.push(cells);
        }
    }
    let second = Table {
        title: both("降至各水位的日期", "The day on which each level is reached"),
        head: [both("水库", "reservoir"), both("水位", "level"), both("节水", "saving")]
            .into_iter()
            .chain(columns)
            .collect(),
        labels: labels.len(),
        rows,
    };
    vec![first, second]
}

/// The day on which a reservoir comes to a level, if ever.
fn reached(cell: Option<&Cell>, level: &str) -> Phrase {
    let day = cell.and_then(|cell| cell.dates.iter().find(|(word, _)| *word == level)?.1);
    Phrase::same(day.map_or_else(|| "—".to_owned(), |day| day.to_string()))
}

fn refused(days: &Days) -> Vec<Phrase> {
    let mut lines = Vec::new();
    for asked in &days.inflows {
        let name = inflow(asked);
        for why in &asked.refused {
            lines.push(both(format!("{}：求不出：{why}", name.chinese), format!("{}: no answer: {why}", name.english)));
        }
    }
    lines
}
