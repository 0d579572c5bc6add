//! Sentences of the brief on what must not be overlooked: orders in force, standby sources, levels out of their bounds.

use weir_model::document::Element;

use crate::language::{Phrase, both};
use crate::quantity::{end_text, flow, general, level, time_text, volume};
use crate::view::View;

/// hm³ that nobody speaks of.
const NOTHING_HM3: f64 = 1e-4;
/// m³/s that nobody speaks of.
const NOTHING_M3S: f64 = 1e-6;
/// Levels are told to the centimetre.
const NOTHING_M: f64 = 0.005;
/// Days after a start above the flood limit over which outflow and inflow are compared.
const FIRST_DAYS: f64 = 5.0;

/// Curtailments in force in one sentence: their names and intervals, and what they cut off the demand.
pub fn curtailments(view: &View<'_>) -> Option<Phrase> {
    let effects = view.content.case.curtailments.iter().filter_map(|curtailment| {
        let (from, to) = (time_text(curtailment.from.as_ref()?), end_text(curtailment.to.as_ref()?));
        let name = view.statement(&curtailment.name);
        Some(both(
            format!("{}（{}至{}）", name.chinese, from.chinese, to.chinese),
            format!("{} ({} to {})", name.english, from.english, to.english),
        ))
    });
    let effects: Vec<Phrase> = effects.collect();
    if effects.is_empty() {
        return None;
    }
    let rows = view.content.satisfaction.iter().filter(|row| row.period == "horizon" && row.class.is_none());
    let cut = volume(rows.map(|row| row.curtailed_hm3).sum());
    Some(both(
        format!("执行限水措施：{}，共压减需水{}，不计入缺水。", list(&effects, |p| &p.chinese, "、"), cut.chinese),
        format!(
            "Curtailments in force: {}; they cut {} off the demand, which counts as no shortage.",
            list(&effects, |p| &p.english, ", "),
            cut.english
        ),
    ))
}

/// The order in force in one sentence: its name, interval and value.
pub fn commands(view: &View<'_>) -> Option<Phrase> {
    let said: Vec<Phrase> = view
        .content
        .case
        .commands
        .iter()
        .map(|command| {
            let (from, to) = (time_text(&command.from), end_text(&command.to));
            let mut values = both("", "");
            for (quantity, chinese, english) in [("floor", "不小于", "at least"), ("ceiling", "不大于", "at most")] {
                let Some(series) = view.values(&command.address, quantity) else { continue };
                // The strictest that is asked for.
                let extreme = |series: &[f64]| {
                    let known = series.iter().copied().filter(|v| v.is_finite());
                    if quantity == "floor" {
                        known.fold(f64::NEG_INFINITY, f64::max)
                    } else {
                        known.fold(f64::INFINITY, f64::min)
                    }
                };
                let value = extreme(&series);
                // A floor of zero and a ceiling of none bind nothing.
                if !value.is_finite() || (quantity == "floor" && value <= NOTHING_M3S) {
                    continue;
                }
                let bound = match view.values(&command.address, &format!("level.{quantity}")) {
                    None => both(flow(value), flow(value)),
                    Some(levels) => {
                        let (metres, water) = (level(extreme(&levels)), volume(value));
                        both(format!("{metres}（{}）", water.chinese), format!("{metres} ({})", water.english))
                    }
                };
                values.chinese = format!("{}，{chinese}{}", values.chinese, bound.chinese);
                values.english = format!("{}, {english} {}", values.english, bound.english);
            }
            let name = view.statement(&command.name);
            let on: Vec<Phrase> = view
                .content
                .elements
                .iter()
                .find(|e| e.id == command.address)
                .map(|e| places(view, &e.on))
                .unwrap_or_default();
            let (on_chinese, on_english) = (list(&on, |p| &p.chinese, "、"), list(&on, |p| &p.english, ", "));
            both(
                format!(
                    "{}（{on_chinese}{}{} 至 {}{}）",
                    name.chinese,
                    comma(&on_chinese, "，"),
                    from.chinese,
                    to.chinese,
                    values.chinese
                ),
                format!(
                    "{} ({on_english}{}{} to {}{})",
                    name.english,
                    comma(&on_english, ", "),
                    from.english,
                    to.english,
                    values.english
                ),
            )
        })
        .collect();
    (!said.is_empty()).then(|| {
        both(
            format!("执行中的命令：{}。", list(&said, |p| &p.chinese, "；")),
            format!("In force: {}.", list(&said, |p| &p.english, "; ")),
        )
    })
}

/// What the orders in force cost, in one sentence.
pub fn command_cost(view: &View<'_>) -> Option<Phrase> {
    let rows = &view.content.case.command_cost;
    let moved = crate::cost::moved(view, rows);
    (!rows.is_empty()).then(|| {
        both(
            format!("执行命令的代价（与不执行相比）：{}。", moved.chinese),
            format!("What the orders cost, against none: {}.", moved.english),
        )
    })
}

/// Names of these places; of outlets of one reservoir, the reservoir's.
fn places(view: &View<'_>, on: &[String]) -> Vec<Phrase> {
    let owner = |id: &String| id.rsplit_once('.').map(|(owner, _)| owner.to_owned());
    match on.first().and_then(owner) {
        Some(first) if on.len() > 1 && on.iter().all(|id| owner(id).as_ref() == Some(&first)) => vec![view.name(&first)],
        _ => on.iter().map(|id| view.name(id)).collect(),
    }
}

fn comma(text: &str, comma: &'static str) -> &'static str {
    if text.is_empty() { "" } else { comma }
}

fn list(phrases: &[Phrase], say: fn(&Phrase) -> &String, comma: &str) -> String {
    phrases.iter().map(|p| say(p).as_str()).collect::<Vec<_>>().join(comma)
}

/// Use of a standby source.
pub struct Standby<'a> {
    /// The arc.
    pub element: &'a Element,
    /// Water over the horizon, hm³.
    pub hm3: f64,
    /// Greatest flow, m³/s.
    pub largest_m3s: f64,
    /// Days on which it flows.
    pub days: f64,
}

impl Standby<'_> {
    /// From where to where it goes.
    pub fn way(&self, view: &View<'_>) -> Phrase {
        let from = self.element.from.as_deref().map_or_else(Phrase::default, |id| view.name(id));
        let to: Vec<Phrase> = self.element.to.iter().map(|id| view.name(id)).collect();
        if to.is_empty() {
            return both(format!("自{}", from.chinese), format!("from {}", from.english));
        }
        both(
            format!("{}→{}", from.chinese, list(&to, |p| &p.chinese, "、")),
            format!("{} to {}", from.english, list(&to, |p| &p.english, ", ")),
        )
    }
}

/// Standby sources that are used, the most used first.
pub fn standby_used<'a>(view: &View<'a>) -> Vec<Standby<'a>> {
    let mut used: Vec<Standby<'a>> = view
        .content
        .elements
        .iter()
        .filter(|e| e.standby)
        .filter_map(|element| {
            let flow = view.values(&element.id, "flow")?;
            let running = flow.iter().zip(&view.content.horizon.lengths_s).filter(|(v, _)| **v > NOTHING_M3S);
            Some(Standby {
                element,
                hm3: view.volume_of(&flow),
                largest_m3s: flow.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max),
                days: running.map(|(_, length)| length / 86_400.0).sum(),
            })
        })
        .filter(|s| s.hm3 > NOTHING_HM3)
        .collect();
    used.sort_by(|a, b| b.hm3.total_cmp(&a.hm3));
    used
}

/// Which standby sources are used, from where to where, how much, and what the plan's water costs.
pub fn standby(view: &View<'_>) -> Option<Phrase> {
    let used = standby_used(view);
    if used.is_empty() {
        return None;
    }
    let said: Vec<Phrase> = used
        .iter()
        .map(|s| {
            let (name, way, water) = (view.name(&s.element.id), s.way(view), volume(s.hm3));
            both(
                format!("{}（{}）{}", name.chinese, way.chinese, water.chinese),
                format!("{} ({}) {}", name.english, way.english, water.english),
            )
        })
        .collect();
    let cost = view
        .content
        .objectives
        .iter()
        .find(|o| o.kind == "source_cost")
        .and_then(|o| o.value)
        .filter(|v| *v > NOTHING_HM3)
        .map_or_else(Phrase::default, |million| {
            both(
                format!("；全部水源供水费用{}万元", general((million * 100.0 * 10.0).round() / 10.0)),
                format!(
                    "; water from all priced sources costs {} ×10⁴ yuan",
                    general((million * 100.0 * 10.0).round() / 10.0)
                ),
            )
        });
    Some(both(
        format!("启用备用水源：{}{}。", list(&said, |p| &p.chinese, "、"), cost.chinese),
        format!("Standby sources give: {}{}.", list(&said, |p| &p.english, ", "), cost.english),
    ))
}

/// Reservoirs that start above their flood limit, and the outflow that this takes.
pub fn above_limit(view: &View<'_>) -> Option<Phrase> {
    let said: Vec<Phrase> = view
        .content
        .inputs
        .start
        .iter()
        .filter_map(|start| {
            let limit = view.values(&start.address, "level.flood_limit")?.into_iter().find(|v| v.is_finite())?;
            let over = start.level_m - limit;
            if over <= NOTHING_M {
                return None;
            }
            let name = view.name(&start.address);
            let greatest = |quantity: &str| {
                let values = view.values(&start.address, quantity).unwrap_or_default();
                let first = values.into_iter().zip(&view.axis.edges).filter(|(v, at)| v.is_finite() && **at < FIRST_DAYS);
                first.map(|(v, _)| v).fold(0.0, f64::max)
            };
            let (out, into) = (greatest("outflow"), greatest("inflow"));
            let held = view.values(&format!("{}.flood_event", start.address), "ceiling").unwrap_or_default();
            let peak = held.into_iter().filter(|peak| peak.is_finite()).fold(0.0, f64::max);
            let released = if peak > 0.0 {
                both(
                    format!("，洪水过程中出库不超过天然来水洪峰{}", flow(peak)),
                    format!("; in the flood event it releases at most the greatest natural inflow, {}", flow(peak)),
                )
            } else if out > into + NOTHING_M3S {
                both(
                    format!("，前{FIRST_DAYS}日最大出库{}，大于最大入库{}", flow(out), flow(into)),
                    format!(
                        "; in the first {FIRST_DAYS} days it releases up to {}, more than the greatest inflow of {}",
                        flow(out),
                        flow(into)
                    ),
                )
            } else {
                Phrase::default()
            };
            Some(both(
                format!("{}起调水位{}，超汛限{}{}", name.chinese, level(start.level_m), level(over), released.chinese),
                format!(
                    "{} starts at {}, {} above its flood limit{}",
                    name.english,
                    level(start.level_m),
                    level(over),
                    released.english
                ),
            ))
        })
        .collect();
    (!said.is_empty())
        .then(|| both(format!("{}。", list(&said, |p| &p.chinese, "；")), format!("{}.", list(&said, |p| &p.english, "; "))))
}

/// Reservoirs that reach their dead level or are below it, with the day on which they first are.
pub fn dead_levels(view: &View<'_>) -> Option<Phrase> {
    let said: Vec<Phrase> = view
        .of_kind(&["reservoir"])
        .into_iter()
        .filter_map(|element| {
            let levels = view.values(&element.id, "level")?;
            let dead = view.values(&element.id, "level.dead")?;
            let at = levels.iter().zip(&dead).position(|(l, d)| l.is_finite() && d.is_finite() && *l <= d + NOTHING_M)?;
            let name = view.name(&element.id);
            let when =
                view.axis.times.get(at).map(|t| if at == 0 { crate::quantity::time(*t) } else { crate::quantity::end(*t) });
            Some(when.map_or_else(
                || both(format!("{}期末", name.chinese), format!("{} at the end", name.english)),
                |when| both(format!("{}（{}）", name.chinese, when.chinese), format!("{} ({})", name.english, when.english)),
            ))
        })
        .collect();
    (!said.is_empty()).then(|| {
        both(
            format!("到达或低于死水位的水库：{}。", list(&said, |p| &p.chinese, "、")),
            format!("At or below the dead level: {}.", list(&said, |p| &p.english, ", ")),
        )
    })
}

/// Heading of the table of standby sources.
pub fn standby_head() -> [Phrase; 5] {
    [
        both("水源", "Source"),
        both("自→至", "From, to"),
        both("水量 万m³", "Water, 10⁴ m³"),
        both("最大流量 m³/s", "Greatest flow, m³/s"),
        both("启用天数", "Days used"),
    ]
}
