//! The rich cascade: the cascade's water and reservoirs with more of what a basin has, and eight goals.
//!
//! Three users at each reservoir, each in two tiers: a town (first 0.7 of its demand), a works (0.45 of production, first 0.8) and a
//! field (0.55 of production, first 0.5), of which 0.6, 0.3 and 0.2 return below the dam a day later. Water from a dam at an even
//! place of its group takes a day to the next; before the start the dam let go a fifth of what its turbines can pass. Turbines change
//! by a quarter of what they can pass a day. A flood limit at 0.8 of full holds on the days 91 … 270 of each 365 and may be exceeded,
//! as the fourth goal in order. In each group of ten and 365 days fields may take 0.6 of what they want, all users together 0.9.
//! Where asked for, turbines pass nothing or at least a twentieth of what they can, in whole numbers within a gap of 1e-3 and a minute.

use std::fmt::Write as _;
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::generate::{FIRST, Reservoir, day, heading, inflow, reservoirs, rounded, section, series, write_files};

/// hm³ of 1 m³/s for a day.
const HM3_A_DAY: f64 = 0.0864;

/// Least that a turbine passes while it runs, a part of what it can.
const LEAST: f64 = 0.05;

/// Days of a year here.
const YEAR: usize = 365;

/// A user at each reservoir.
struct User {
    /// Id, followed by the reservoir's number.
    id: &'static str,
    table: &'static str,
    class: &'static str,
    /// Its demand: a share of a column.
    share: f64,
    column: &'static str,
    /// Where its first tier ends, a share of its demand.
    first_tier: f64,
    /// The part that returns.
    returned: f64,
    /// Weights of what lacks of its tiers.
    weights: &'static str,
}

const USERS: [User; 3] = [
    User {
        id: "town",
        table: "waterworks",
        class: "residents",
        share: 1.0,
        column: "dom",
        first_tier: 0.7,
        returned: 0.6,
        weights: "",
    },
    User {
        id: "works",
        table: "waterworks",
        class: "industry",
        share: 0.45,
        column: "prod",
        first_tier: 0.8,
        returned: 0.3,
        weights: "",
    },
    User {
        id: "field",
        table: "irrigation",
        class: "irrigation",
        share: 0.55,
        column: "prod",
        first_tier: 0.5,
        returned: 0.2,
        weights: "weights = { irrigation = [1.5, 1] }\n",
    },
];

impl User {
    /// What it wants of a reservoir on day `t`, m³/s.
    fn wanted(&self, reservoir: &Reservoir, t: usize) -> f64 {
        let [_, domestic, production, _] = day(reservoir, t).map(rounded);
        self.share * if self.column == "dom" { domestic } else { production }
    }
}

/// The eight goals in order: what the objective says beside its id.
const GOALS: [(&str, &str); 8] = [
    ("domestic_first", "kind = \"shortage\"\nuses = [\"domestic\"]\ntiers = [1]\nrelative = true"),
    ("ecological_lower", "kind = \"ecological_shortfall\"\ntiers = [1]\nrelative = true"),
    ("domestic_second", "kind = \"shortage\"\nuses = [\"domestic\"]\ntiers = [2]\nrelative = true"),
    ("flood_limit", "kind = \"flood_limit_excess\"\nrelative = true"),
    ("industrial", "kind = \"shortage\"\nuses = [\"industrial\"]\nrelative = true"),
    ("ecological_upper", "kind = \"ecological_shortfall\"\ntiers = [2]\nrelative = true"),
    ("agricultural", "kind = \"shortage\"\nuses = [\"agricultural\"]\nrelative = true"),
    ("energy", "kind = \"energy\""),
];

/// The basin file and the series file of a rich cascade, with or without turbines that are on or off.
pub fn rich(n: usize, days: usize, on_off: bool) -> (String, String) {
    let all = reservoirs(n);
    (basin(&all, days, on_off), series(&all, days))
}

/// Writes a rich cascade into a folder.
///
/// # Errors
/// What the file system says.
pub fn write(n: usize, days: usize, folder: &Path) -> std::io::Result<()> {
    write_files(&rich(n, days, false), folder)
}

/// Writes one whose turbines are on or off into a folder.
///
/// # Errors
/// What the file system says.
pub fn write_on_off(n: usize, days: usize, folder: &Path) -> std::io::Result<()> {
    write_files(&rich(n, days, true), folder)
}

/// The date so many days after the first.
fn date(days: usize) -> Date {
    FIRST.saturating_add((days as i64).days())
}

fn basin(all: &[Reservoir], days: usize, on_off: bool) -> String {
    let mut text = heading(["rich", "Rich cascade", "rich.rs"], all.len(), days);
    for reservoir in all {
        reservoir_of(&mut text, reservoir, days, on_off);
    }
    accounts(&mut text, all, days);
    for (id, says) in GOALS {
        let _ = write!(text, "\n[[objective]]\nid = \"{id}\"\n{says}\n");
    }
    let _ = write!(text, "\n[method]\nkind = \"lexicographic\"\nstages = {:?}\n", GOALS.map(|(id, _)| id));
    if on_off {
        text += "integers = true\ngap = 1e-3\ntime_limit_s = 60\n";
    }
    text
}

/// A reservoir with all that stands at it.
fn reservoir_of(text: &mut String, reservoir: &Reservoir, days: usize, on_off: bool) {
    let i = reservoir.id;
    let place = (i - 1) % 10 + 1;
    let below = reservoir.down.map(|down| format!("r{down}"));
    let to = below.as_deref().unwrap_or("sea");
    let (full, turbines) = (reservoir.full_hm3, reservoir.turbines_m3s);
    let (least, start, end, limit) = (rounded(0.1 * full), rounded(0.5 * full), rounded(0.4 * full), rounded(0.8 * full));
    // The limit binds what is stored at the ends of days 91 … 270; a dated limit holds at both ends of its dates.
    let limits: Vec<String> = (0..days.div_ceil(YEAR))
        .map(|year| {
            let (from, to) = (date(year * YEAR + 91), date(year * YEAR + 269));
            format!("{{ from = \"{from}\", to = \"{to}\", storage_hm3 = {limit} }}")
        })
        .collect();
    let limits = limits.join(", ");
    let late = below.is_some() && place.is_multiple_of(2);
    let lag = |past: f64| if late { format!("\n  lag_h = 24\n  past_flow_m3s = {past}") } else { String::new() };
    let (turbines_lag, spillway_lag) = (lag(rounded(0.2 * turbines)), lag(0.0));
    // The first day is free: of turbines with a lag the day before is known.
    let change = rounded(0.25 * turbines);
    let change = if late {
        format!("{{ seasons = [{{ from = \"{FIRST}\", to = \"{FIRST}\", value = {turbines} }}], otherwise = {change} }}")
    } else {
        change.to_string()
    };
    let at_least = if on_off { format!("\n  minimum_when_open_m3s = {}", rounded(LEAST * turbines)) } else { String::new() };
    let energy = (1.0 + 0.1 * place as f64) / (1000.0 * HM3_A_DAY);
    let _ = write!(
        text,
        r#"
[[reservoir]]
id = "r{i}"
curve = [{{ level_m = 0, storage_hm3 = 0 }}, {{ level_m = 100, storage_hm3 = {full} }}]
minimum_storage_hm3 = {least}
flood_limit = [{limits}]
initial_storage_hm3 = {start}
end = {{ storage_hm3 = {end}, hard = true }}
  [[reservoir.outlet]]
  id = "turbines"
  to = "{to}"
  kind = "turbine"
  capacity_m3s = {turbines}
  kwh_per_m3 = {energy}{turbines_lag}{at_least}
  [[reservoir.outlet]]
  id = "spillway"
  to = "{to}"
  kind = "spillway"
  capacity_m3s = 5000{spillway_lag}

[[operation]]
id = "ramp{i}"
on = "r{i}.turbines"
rise_m3s_per_day = {change}
fall_m3s_per_day = {change}
{}{}target_parts = [0.5, 1]
"#,
        inflow(i),
        section(i)
    );
    for User { id, table, class, share, column, first_tier, returned, weights } in USERS {
        let column = format!("{{ file = \"series.csv\", column = \"{column}{i}\" }}");
        let demand = if share < 1.0 { format!("{{ of = {column}, scale = {share} }}") } else { column };
        let back = below.as_ref().map_or_else(String::new, |below| {
            format!("return_flow = {{ to = \"{below}\", fraction = {returned}, lag_h = 24, past_flow_m3s = 0 }}\n")
        });
        let _ = write!(
            text,
            r#"
[[{table}]]
id = "{id}{i}"
from = "r{i}"
demand_m3s = {demand}
shares = {{ {class} = 1 }}
tiers = {{ {class} = [{first_tier}, 1] }}
{weights}{back}"#
        );
    }
}

/// Two accounts for each group of ten and 365 days: of the fields, and of all users.
fn accounts(text: &mut String, all: &[Reservoir], days: usize) {
    for (group, reservoirs) in (1..).zip(all.chunks(10)) {
        for (year, begin) in (1..).zip((0..days).step_by(YEAR)) {
            let end = days.min(begin + YEAR);
            for (id, users, part) in [("fields", &USERS[2..], 0.6), ("all", &USERS[..], 0.9)] {
                let both = || reservoirs.iter().flat_map(|reservoir| users.iter().map(move |user| (user, reservoir)));
                let over: Vec<String> = both().map(|(user, at)| format!("{}{}.intake", user.id, at.id)).collect();
                let wanted: f64 = both().flat_map(|(user, at)| (begin + 1..=end).map(move |t| user.wanted(at, t))).sum();
                let (from, to, limit) = (date(begin), date(end - 1), part * HM3_A_DAY * wanted);
                let _ = write!(
                    text,
                    r#"
[[account]]
id = "{id}{group}_{year}"
over = {over:?}
window = {{ from = "{from}", to = "{to}" }}
limit_hm3 = {limit}
document = "synthetic 合成"
"#
                );
            }
        }
    }
}
