//! Bands over many futures, and the probability of warnings: charts and a table, of an ensemble and of a plan that is one for many futures.
//!
//! A band is quantiles time by time: the darker from 25 to 75 %, the paler from 5 to 95 % of the members by weight.

use weir_model::document::SeriesKind;
use weir_model::document::ensemble::{Band, WarningSpread};

use crate::chart::{BLACK_LINE, BLUE, Chart, Colour, Dash, GREEN, PURPLE, Shape, Trace, VERMILION};
use crate::language::{Phrase, both};
use crate::quantity;
use crate::words;

/// Charts of one quantity.
const MOST_CHARTS: usize = 12;
/// m³/s below which nobody goes short.
const NOTHING_SHORT: f64 = 1e-3;

/// A level as per cent without decimals.
pub(crate) fn share(level: f64) -> String {
    format!("{:.0}%", level * 100.0)
}

/// What the goals of a tree are of its members.
pub(crate) fn risk(objective: &str, alpha: Option<f64>) -> Phrase {
    let worst = share(1.0 - alpha.unwrap_or(0.0));
    match objective {
        "worst" => both("最不利一支", "those of the worst member"),
        "cvar" => both(format!("最不利{worst}的均值（CVaR）"), format!("the mean of the worst {worst} (CVaR)")),
        _ => both("期望值", "expectations"),
    }
}

/// That a plan is one for many futures, and until when.
pub(crate) fn one_for_all(members: usize, common_until: Option<&str>, risk: &Phrase) -> Phrase {
    match common_until.map(quantity::end_text) {
        Some(until) => both(
            format!(
                "一个方案应对{members}种来水：{}之前各支同一决策，其后随来水而定；目标取{}。",
                until.chinese, risk.chinese
            ),
            format!(
                "One plan for {members} futures: decided alike until {}, then as the inflow turns out; goals are {}.",
                until.english, risk.english
            ),
        ),
        None => both(
            format!("{members}种来水，自首时段起各支分别决策；目标取{}。", risk.chinese),
            format!("{members} futures, each decided by itself from the first step; goals are {}.", risk.english),
        ),
    }
}

/// The title of the table of warnings.
pub(crate) fn title() -> Phrase {
    both("预警概率", "Probability of warnings")
}

/// Headings and rows of warnings, the most probable first, of those accounts last; the probability stands fourth.
pub(crate) fn warnings(of: &[WarningSpread], name: impl Fn(&str) -> Phrase) -> (Vec<Phrase>, Vec<Vec<Phrase>>) {
    let mut rows: Vec<&WarningSpread> = of.iter().collect();
    let of_account = |row: &WarningSpread| row.kind == "account";
    rows.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(of_account(a).cmp(&of_account(b))));
    let row = |row: &&WarningSpread| {
        let (from, to) = (quantity::time_text(&row.from), quantity::end_text(&row.to));
        vec![
            name(&row.address),
            words::word(&row.kind),
            words::word(&row.grade),
            Phrase::same(quantity::percent(row.probability)),
            both(format!("{} 至 {}", from.chinese, to.chinese), format!("{} to {}", from.english, to.english)),
        ]
    };
    let head = vec![
        both("对象", "Where"),
        both("种类", "Kind"),
        both("等级", "Grade"),
        both("概率", "Probability"),
        both("最早至最晚", "Earliest to latest"),
    ];
    (head, rows.iter().map(row).collect())
}

/// Charts of bands by quantity, over levels; `own` is what a plan has within a band.
pub(crate) fn charts(
    (levels, bands): (&[f64], &[Band]),
    name: impl Fn(&str) -> Phrase,
    own: impl Fn(&Band) -> Option<Vec<f64>>,
) -> Vec<(Phrase, Vec<Chart>)> {
    let groups = [
        ("storage", both("蓄水量", "Storage"), BLUE),
        ("outflow", both("出库", "Outflow"), PURPLE),
        ("flow", both("断面流量", "Flow at sections"), GREEN),
        ("shortage", both("缺水", "Shortage"), VERMILION),
    ];
    let of = |(quantity, title, colour): (&str, Phrase, Colour)| {
        let told = bands
            .iter()
            .filter(|band| band.quantity == quantity)
            .filter(|band| quantity != "shortage" || band.quantiles.iter().flatten().any(|value| *value > NOTHING_SHORT));
        let charts =
            told.take(MOST_CHARTS).map(|band| chart((levels, band), (&name(&band.address), &title), colour, own(band)));
        let charts: Vec<Chart> = charts.collect();
        (title, charts)
    };
    groups.into_iter().map(of).filter(|(_, charts)| !charts.is_empty()).collect()
}

fn chart(
    (levels, band): (&[f64], &Band),
    (name, title): (&Phrase, &Phrase),
    colour: Colour,
    own: Option<Vec<f64>>,
) -> Chart {
    let state = band.kind == SeriesKind::State;
    let (factor, unit) = words::unit(&band.unit);
    let shape = if state { Shape::Points } else { Shape::Steps };
    let trace = |place: usize, shape: Shape, colour: Colour, dash: Dash| Trace {
        name: if shape == Shape::Gap {
            Phrase::same(format!("{}–{}", share(levels[place]), share(levels[levels.len() - 1 - place])))
        } else {
            both(format!("{}分位", share(levels[place])), format!("{} quantile", share(levels[place])))
        },
        values: band.quantiles[place].iter().map(|value| value * factor).collect(),
        shape,
        colour,
        dash,
        labelled: false,
    };
    let [pale, darker] = [0.22, 0.5].map(|part| paler(colour, part));
    // A gap is filled up to the trace behind it.
    let mut traces = vec![
        trace(0, Shape::Gap, pale, Dash::Solid),
        trace(4, shape, pale, Dash::Solid),
        trace(0, shape, pale, Dash::Solid),
        trace(1, Shape::Gap, darker, Dash::Solid),
        trace(3, shape, darker, Dash::Solid),
        trace(1, shape, darker, Dash::Solid),
        trace(2, shape, colour, Dash::Solid),
    ];
    traces.extend(own.map(|values| Trace {
        name: both("本方案", "this plan"),
        values: values.iter().map(|value| value * factor).collect(),
        shape,
        colour: BLACK_LINE,
        dash: Dash::Dashed,
        labelled: false,
    }));
    Chart {
        title: both(format!("{}：{}", name.chinese, title.chinese), format!("{}: {}", name.english, title.english)),
        unit,
        traces,
        from_zero: !state,
        cut_at: None,
        second_axis: None,
        told: None,
        note: None,
    }
}

/// A colour mixed with white.
fn paler((red, green, blue): Colour, part: f64) -> Colour {
    let mix = |channel: u8| (f64::from(channel) * part + 255.0 * (1.0 - part)).round() as u8;
    (mix(red), mix(green), mix(blue))
}
