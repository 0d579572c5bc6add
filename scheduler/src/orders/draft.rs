//! From a plan to draft orders: what its first days need at each works against the order that stands there.
//!
//! Within the dead band the standing order is kept; else the need is rounded to what can be set. The plan is then solved again
//! with all of it set, so that the plan that goes out is the one that the orders carry out, and is audited as any other. A
//! setting that breaks a rule is tried on its other side, and last as it was needed.
//!
//! No orders come of a plan of the mode 防洪, nor of one that rests on a single deterministic year.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use weir_model::document::{Content, FLOOD_MODE, HorizonRow, Order, PlanDocument, SeriesKind};
use weir_model::network::RuleClass;
use weir_model::setting::{Setting, as_rules, further};
use weir_model::tolerance::FEASIBILITY_HM3;

use crate::orders::settings::OrderSettings;
use crate::solving::{Alternative, Basis, NoPlan, Question};

/// Least frequency, percent, of the dry year that a plan with orders may rest on.
const DRY_PERCENT: f64 = 75.0;

/// Flow that stands by order at each object, by the id of its settings, m³/s.
pub type Standing = BTreeMap<String, f64>;

/// A plan with its draft orders: `base` itself where none may be drafted, with the reason among its notes.
///
/// # Errors
/// An order on a flow that the basin does not have.
pub fn draft(
    basis: &Basis,
    base: Alternative,
    settings: &[OrderSettings],
    standing: &Standing,
    due: Timestamp,
    solve: &dyn Fn(&Question) -> Result<Alternative, NoPlan>,
) -> Result<Alternative, NoPlan> {
    let content = &base.document.content;
    if content.case.mode == FLOOD_MODE {
        return Ok(base);
    }
    if let Some(why) = unfit(content) {
        return Ok(noted(base, why));
    }
    let needs: Vec<Need> =
        settings.iter().map(|settings| Need::of(settings, content, standing, due)).collect::<Result<_, _>>()?;
    let given = given_way(content);
    let mut why = "rules have to give way".to_owned();
    for attempt in 0..ATTEMPTS {
        let orders: Vec<Order> = needs.iter().map(|need| need.order(need.setting(attempt))).collect();
        match question(basis, &orders, &content.horizon).and_then(|question| solve(&question)) {
            Ok(solved) if given_way(&solved.document.content) <= given + FEASIBILITY_HM3 => {
                let content = Content { orders, ..solved.document.content };
                return Ok(Alternative { word: base.word, document: PlanDocument::new(content), ..solved });
            }
            Ok(_) => {}
            Err(no_plan) => why = no_plan.why,
        }
    }
    Ok(noted(base, &format!("No orders are drafted: with what they would set, {why}")))
}

/// Settings that are tried: the nearest, those on the other side, the needs as they are.
const ATTEMPTS: usize = 3;

/// Why no orders may come of a plan.
fn unfit(content: &Content) -> Option<&'static str> {
    let case = &content.case;
    match (case.foresight.as_str(), &case.dry_year) {
        ("none", _) => None,
        _ if case.inflow.iter().any(|row| row.kind == "extended") => Some(
            "No orders are drafted: an extended forecast is one deterministic inflow scenario beyond its reliable lead time.",
        ),
        ("no_rain", _) => None,
        (_, Some(year)) if year.frequency_percent >= DRY_PERCENT => None,
        (_, Some(_)) => Some("No orders are drafted: the stated year is no dry one, of 75 % or more."),
        (_, None) => Some("No orders are drafted: the plan rests on one deterministic inflow scenario."),
    }
}

fn noted(base: Alternative, why: &str) -> Alternative {
    let mut content = base.document.content;
    content.case.notes.push(why.to_owned());
    Alternative { document: PlanDocument::new(content), ..base }
}

/// What rules had to give in a plan, hm³.
fn given_way(content: &Content) -> f64 {
    content.relaxations.iter().map(|row| row.hm3).sum()
}

/// What an object needs.
struct Need<'a> {
    settings: &'a OrderSettings,
    /// Mean of the plan over the order's steps, m³/s.
    flow_m3s: f64,
    /// What stands, where it is near enough.
    kept: Option<f64>,
    execute_at: Timestamp,
    /// End of the last step that is set.
    until: Timestamp,
    zone: TimeZone,
}

impl<'a> Need<'a> {
    fn of(settings: &'a OrderSettings, content: &Content, standing: &Standing, due: Timestamp) -> Result<Self, NoPlan> {
        let broken = |why: String| NoPlan::lasting(&format!("order `{}`: {why}", settings.id));
        let horizon = &content.horizon;
        let time = |text: &str| text.parse::<Timestamp>().map_err(|error| broken(format!("`{text}`: {error}")));
        let starts: Vec<Timestamp> = horizon.starts.iter().map(|text| time(text)).collect::<Result<_, _>>()?;
        let end = time(&horizon.end)?;
        let hour = 3_600;
        let ready = due.as_second() + settings.lead_h * hour;
        let ready = Timestamp::from_second(ready.div_euclid(hour) * hour + if ready % hour == 0 { 0 } else { hour });
        let execute_at = ready.map_err(|error| broken(error.to_string()))?.max(starts[0]);
        if execute_at >= end {
            return Err(broken("the plan ends before it could be carried out".to_owned()));
        }
        let first = starts.partition_point(|start| *start <= execute_at).saturating_sub(1);
        let until = starts[first].as_second() + settings.days * 86_400;
        let after = starts.partition_point(|start| start.as_second() < until).max(first + 1);
        let element = settings.on.strip_suffix(".outflow");
        let series = match element {
            Some(node) => content.series(node, "outflow"),
            None => content.series(settings.on.strip_suffix(".flow").unwrap_or(&settings.on), "flow"),
        };
        let series = series.filter(|series| series.kind == SeriesKind::Flow).ok_or_else(|| {
            broken(format!("the basin has no flow `{}`; such as `RESERVOIR.outflow` or `RESERVOIR.OUTLET`", settings.on))
        })?;
        let steps = first..after;
        let seconds: f64 = horizon.lengths_s[steps.clone()].iter().sum();
        let volume: f64 = steps.map(|step| series.values[step].unwrap_or(0.0) * horizon.lengths_s[step]).sum();
        let flow_m3s = volume / seconds;
        let stands = standing.get(&settings.id).copied();
        Ok(Self {
            settings,
            flow_m3s,
            kept: stands.filter(|stands| (stands - flow_m3s).abs() <= settings.dead_band_m3s),
            execute_at,
            until: starts.get(after).copied().unwrap_or(end),
            zone: TimeZone::get(&horizon.time_zone).map_err(|error| broken(error.to_string()))?,
        })
    }

    /// What is set in a try, m³/s.
    fn setting(&self, attempt: usize) -> f64 {
        let around = self.settings.rounding.around(self.flow_m3s);
        let ways = self.kept.into_iter().chain(around);
        ways.take(ATTEMPTS - 1).nth(attempt).unwrap_or(self.flow_m3s)
    }

    fn order(&self, flow_m3s: f64) -> Order {
        let kept = self.kept == Some(flow_m3s);
        let how = if kept { "Kept at a mean of" } else { "A mean of" };
        Order {
            id: self.settings.id.clone(),
            unit: self.settings.unit.clone(),
            object: self.settings.name.clone(),
            on: self.settings.on.clone(),
            execute_at: self.local(self.execute_at, "%Y-%m-%dT%H:%M:%S%:z"),
            until: self.local(self.until, "%Y-%m-%dT%H:%M:%S%:z"),
            needed_m3s: self.flow_m3s,
            flow_m3s,
            kept,
            setting: format!("{how} {} m³/s", (flow_m3s * 1000.0).round() / 1000.0),
            copies: self.settings.copies.clone(),
        }
    }

    fn local(&self, time: Timestamp, format: &str) -> String {
        time.to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

/// What an order holds: its flow, from the start of the step in which it is carried out.
fn held(order: &Order, horizon: &HorizonRow) -> Setting {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let first = horizon.starts.partition_point(|start| time(start) <= time(&order.execute_at)).saturating_sub(1);
    let minute = |text: &str| text.get(..16).unwrap_or(text).to_owned();
    Setting {
        id: format!("order-{}", order.id),
        name: order.object.clone(),
        issuer: "weir".to_owned(),
        number: "1".to_owned(),
        on: order.on.clone(),
        from: minute(&horizon.starts[first]),
        to: minute(&order.until),
        bounds: [("flow_m3s".to_owned(), order.flow_m3s)].into(),
    }
}

/// The question with all orders held, as rules that give way before any other would.
///
/// # Errors
/// All refusals of the basin.
pub(crate) fn question(basis: &Basis, orders: &[Order], horizon: &HorizonRow) -> Result<Question, NoPlan> {
    if orders.is_empty() {
        return Ok(basis.question(&[])?.0);
    }
    let settings: Vec<Setting> = orders.iter().map(|order| held(order, horizon)).collect();
    let (mut question, _) = basis.question(&[further("orders", &settings)])?;
    as_rules(&mut question.case, &settings, RuleClass::Operational);
    Ok(question)
}
