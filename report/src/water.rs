//! Water of reservoirs in numbers: the balance over the plan, and what is released day by day.
//!
//! Units: volumes in 万m³, flows in m³/s, levels in m. A balance adds up as it is read: storage at the start + inflow − outflow
//! − taken − evaporation − seepage = storage at the end.
//! Limits: the shape within a day follows from the day's volume, the turbine's least flow and the floor below the dam; it is no
//! schedule of units.

use jiff::civil::Date;
use weir_model::document::{Element, NOTHING_M3S, Part, running_hours};

use crate::language::{Phrase, both};
use crate::quantity::{WAN_M3_PER_HM3, balanced, fixed, number};
use crate::view::View;

/// Days from the start that are told one by one; after them ten days at once.
const FIRST_DAYS: f64 = 10.0;

/// Quantities of a balance with their sign, and what their columns are called.
const TERMS: [(&str, f64, &str, &str); 5] = [
    ("inflow", 1.0, "＋来水", "+ inflow"),
    ("outflow", -1.0, "－出库", "− outflow"),
    ("withdrawal", -1.0, "－取用", "− taken"),
    ("evaporation", -1.0, "－蒸发", "− evaporation"),
    ("seepage", -1.0, "－渗漏", "− seepage"),
];

/// A table of the water of all reservoirs.
pub struct Balance {
    /// Heading.
    pub head: Vec<Phrase>,
    /// A row a reservoir; all but the name are numbers.
    pub rows: Vec<Vec<Phrase>>,
}

/// The balance of each reservoir and aquifer over the plan; columns that no reservoir has are left out.
pub fn balance(view: &View<'_>) -> Balance {
    let reservoirs = view.of_kind(&["reservoir", "aquifer"]);
    let has = |quantity: &str| reservoirs.iter().any(|e| view.values(&e.id, quantity).is_some());
    let terms: Vec<_> = TERMS.into_iter().filter(|term| has(term.0)).collect();
    let mut head = vec![
        both("水库", "Reservoir"),
        both("期初水位 m", "Level, start, m"),
        both("期末水位 m", "end"),
        both("期初蓄水", "Storage, start"),
    ];
    head.extend(terms.iter().map(|term| both(term.2, term.3)));
    head.push(both("＝期末蓄水", "= storage, end"));
    let spills = has("spill");
    if spills {
        head.push(both("其中弃水", "of which spilled"));
    }
    let rows = reservoirs
        .into_iter()
        .filter_map(|element| {
            let (first, last) = view.ends(&element.id, "storage")?;
            let levels = view.ends(&element.id, "level");
            let level = |level: Option<f64>| Phrase::same(level.map_or_else(|| "—".to_owned(), |m| fixed(m, 2)));
            let mut cells = vec![view.name(&element.id), level(levels.map(|l| l.0)), level(levels.map(|l| l.1))];
            let volumes: Vec<Option<f64>> = terms.iter().map(|term| view.volume(&element.id, term.0)).collect();
            let mut values = vec![first];
            values.extend(volumes.iter().zip(&terms).map(|(volume, term)| term.1 * volume.unwrap_or(0.0)));
            values.push(-last);
            let values: Vec<f64> = values.iter().map(|hm3| hm3 * WAN_M3_PER_HM3).collect();
            let decimals = usize::from(first.max(last) * WAN_M3_PER_HM3 < 1000.0);
            let known = [Some(0.0)].into_iter().chain(volumes).chain([Some(0.0)]);
            cells.extend(balanced(&values, decimals).iter().zip(known).map(|(value, known)| {
                Phrase::same(if known.is_some() { fixed(value.abs(), decimals) } else { "—".to_owned() })
            }));
            if spills {
                let spill = view.volume(&element.id, "spill");
                cells.push(Phrase::same(spill.map_or_else(|| "—".to_owned(), |hm3| fixed(hm3 * WAN_M3_PER_HM3, decimals))));
            }
            Some(cells)
        })
        .collect();
    Balance { head, rows }
}

/// What a reservoir releases in a day, or as the mean of the days of ten.
pub struct Release {
    /// The days.
    pub days: Phrase,
    /// Mean outflow, m³/s.
    pub mean_m3s: f64,
    /// 日水量: volume a day, 万m³.
    pub wan_m3_per_day: f64,
    /// Of it through turbines.
    pub turbines_wan_m3_per_day: f64,
    /// Of it over spillways.
    pub spill_wan_m3_per_day: f64,
    /// 日内方式: how the day's volume is let go.
    pub within_day: Phrase,
}

/// Releases of a reservoir: each of the first ten days, then ten days at once.
pub fn releases(view: &View<'_>, reservoir: &Element) -> Vec<Release> {
    let Some(outflow) = view.values(&reservoir.id, "outflow") else { return Vec::new() };
    let spill = view.values(&reservoir.id, "spill").unwrap_or_default();
    let ways: Vec<&Element> = view
        .content
        .elements
        .iter()
        .filter(|e| e.part == Part::Arc && e.from.as_deref() == Some(reservoir.id.as_str()))
        .collect();
    let turbines: Vec<&Element> = ways.iter().copied().filter(|e| e.kind == "turbine").collect();
    let beside: Option<&Element> =
        ["ecological", "gate"].iter().find_map(|kind| ways.iter().copied().find(|e| e.kind == *kind));
    groups(view)
        .into_iter()
        .map(|group| {
            let mean = |values: &[f64]| mean_over(view, values, &group);
            let of = |element: &Element, quantity: &str| view.values(&element.id, quantity);
            let mean_m3s = mean(&outflow);
            let through = turbines.iter().filter_map(|t| of(t, "flow")).map(|flow| mean(&flow)).sum::<f64>();
            let shapes: Vec<Phrase> = turbines
                .iter()
                .filter_map(|turbine| {
                    let (flow, least) = (mean(&of(turbine, "flow")?), mean(&of(turbine, "minimum_when_open")?));
                    let day = Day {
                        turbine_m3s: flow,
                        least_m3s: least,
                        others_m3s: (mean_m3s - mean(&spill) - flow).max(0.0),
                        floor_m3s: floor_below(view, &ways, &group),
                        beside: beside
                            .map(|e| if e.name.is_empty() { crate::words::word(&e.kind) } else { Phrase::same(&e.name) }),
                    };
                    let said = day.shape();
                    let name = Phrase::same(&turbine.name);
                    Some(if turbines.len() > 1 {
                        both(format!("{}：{}", name.chinese, said.chinese), format!("{}: {}", name.english, said.english))
                    } else {
                        said
                    })
                })
                .collect();
            let join = |say: fn(&Phrase) -> &str, comma: &str| shapes.iter().map(say).collect::<Vec<_>>().join(comma);
            Release {
                days: days_of(view, &group),
                mean_m3s,
                wan_m3_per_day: per_day(mean_m3s),
                turbines_wan_m3_per_day: per_day(through),
                spill_wan_m3_per_day: per_day(mean(&spill)),
                within_day: both(join(|p| &p.chinese, "；"), join(|p| &p.english, "; ")),
            }
        })
        .collect()
}

/// 万m³ a day of a mean flow.
fn per_day(m3s: f64) -> f64 {
    m3s * 8.64
}

/// A day of a turbine that cannot run at any flow.
struct Day {
    turbine_m3s: f64,
    least_m3s: f64,
    /// Mean of what other outlets let go, without spill.
    others_m3s: f64,
    /// What must flow below the dam at any time.
    floor_m3s: f64,
    /// The outlet that can hold the floor while the turbine stands.
    beside: Option<Phrase>,
}

impl Day {
    /// How the day's volume is let go. While the turbine stands, the floor goes through another outlet and is taken off what
    /// the turbine has.
    fn shape(&self) -> Phrase {
        let least = number(self.least_m3s);
        if self.turbine_m3s <= NOTHING_M3S {
            return both("机组停机", "turbine stands");
        }
        if self.turbine_m3s >= self.least_m3s - NOTHING_M3S {
            return both("可全天运行", "can run all day");
        }
        let lacking = self.floor_m3s > self.others_m3s + NOTHING_M3S;
        let floor = number(self.floor_m3s);
        let beside = self.beside.as_ref().filter(|_| lacking);
        let idle = match beside {
            Some(name) => {
                both(format!("经{}保{floor} m³/s", name.chinese), format!("{floor} m³/s through {}", name.english))
            }
            None if lacking => both(
                format!("停机（下限{floor} m³/s须另行保证）"),
                format!("stands (the floor of {floor} m³/s must be held otherwise)"),
            ),
            None => both("停机", "stands"),
        };
        let hours = running_hours((self.turbine_m3s, self.others_m3s), self.least_m3s, beside.map(|_| self.floor_m3s));
        let (on, off) = (fixed(hours, 1), fixed(24.0 - hours, 1));
        both(
            format!("约{on}小时按最小流量{least} m³/s开机，其余{off}小时{}", idle.chinese),
            format!("about {on} h at the least flow {least} m³/s, the other {off} h {}", idle.english),
        )
    }
}

/// Steps told in one row; none where the document's times cannot be read.
type Group = std::ops::Range<usize>;

fn groups(view: &View<'_>) -> Vec<Group> {
    let axis = &view.axis;
    if axis.times.is_empty() {
        return Vec::new();
    }
    let key = |step: usize| -> (Date, bool) {
        let date = axis.times[step].date();
        if axis.edges[step] < FIRST_DAYS {
            return (date, true);
        }
        let first = match date.day() {
            1..=10 => 1,
            11..=20 => 11,
            _ => 21,
        };
        (Date::new(date.year(), date.month(), first).unwrap_or(date), false)
    };
    let mut groups: Vec<Group> = Vec::new();
    for step in 0..axis.steps() {
        match groups.last_mut() {
            Some(last) if key(last.start) == key(step) => last.end = step + 1,
            _ => groups.push(step..step + 1),
        }
    }
    groups
}

fn mean_over(view: &View<'_>, values: &[f64], group: &Group) -> f64 {
    let lengths = &view.content.horizon.lengths_s;
    let known = || group.clone().filter_map(|i| Some((values.get(i).copied().filter(|v| v.is_finite())?, *lengths.get(i)?)));
    let length: f64 = known().map(|(_, length)| length).sum();
    if length > 0.0 { known().map(|(value, length)| value * length).sum::<f64>() / length } else { 0.0 }
}

/// The greatest floor of works releases and sections that are judged by this reservoir's ways alone.
fn floor_below(view: &View<'_>, ways: &[&Element], group: &Group) -> f64 {
    let judged = view
        .of_kind(&["works_release", "section", "command"])
        .into_iter()
        .filter(|rule| !rule.on.is_empty() && rule.on.iter().all(|on| ways.iter().any(|way| way.id == *on)));
    let floors = judged.filter_map(|rule| view.values(&rule.id, "floor"));
    floors
        .flat_map(|floor| group.clone().filter_map(move |i| floor.get(i).copied()))
        .filter(|f| f.is_finite())
        .fold(0.0, f64::max)
}

fn days_of(view: &View<'_>, group: &Group) -> Phrase {
    let times = &view.axis.times;
    let (Some(from), Some(to)) = (times.get(group.start), times.get(group.end)) else { return Phrase::default() };
    let from = from.date();
    let to = if to.hour() == 0 && to.minute() == 0 { to.date().yesterday().unwrap_or(to.date()) } else { to.date() };
    let to = to.max(from);
    let chinese = match to {
        to if to == from => format!("{}月{}日", from.month(), from.day()),
        to if to.month() == from.month() => format!("{}月{}日–{}日", from.month(), from.day(), to.day()),
        to => format!("{}月{}日–{}月{}日", from.month(), from.day(), to.month(), to.day()),
    };
    both(chinese, if to == from { from.to_string() } else { format!("{from} – {to}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Day {
        Day {
            turbine_m3s: 15.2,
            least_m3s: 34.0,
            others_m3s: 0.0,
            floor_m3s: 2.85,
            beside: Some(both("生态放水", "ecological outlet")),
        }
    }

    #[test]
    fn the_floor_of_idle_hours_is_taken_off_the_turbine() {
        // h × 34 + (24 − h) × 2.85 = 24 × 15.2 gives h = 9.515.
        assert_eq!(day().shape().chinese, "约9.5小时按最小流量34.00 m³/s开机，其余14.5小时经生态放水保2.85 m³/s");
        assert_eq!(per_day(15.2), 15.2 * 8.64);
    }

    #[test]
    fn other_water_may_hold_the_floor() {
        let held = Day { others_m3s: 3.0, ..day() };
        assert_eq!(held.shape().chinese, "约10.7小时按最小流量34.00 m³/s开机，其余13.3小时停机");
        let nobody = Day { beside: None, ..day() };
        assert!(nobody.shape().chinese.ends_with("停机（下限2.85 m³/s须另行保证）"));
    }

    #[test]
    fn a_turbine_that_can_run_runs() {
        assert_eq!(Day { turbine_m3s: 40.0, ..day() }.shape().chinese, "可全天运行");
        assert_eq!(Day { turbine_m3s: 0.0, ..day() }.shape().chinese, "机组停机");
    }
}
