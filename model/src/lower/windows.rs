//! Windows of accounts on the horizon: what may be used in each of them within it.
//!
//! available = (limit − used before) × planned within the horizon ÷ planned in what is left of the window; planned by the
//! account's monthly plan, by days without one. A gap between what is known to be used and the start is filled at the
//! planned rate, and the case is degraded. With `scaled_by` that is scaled by what inflows bring within the horizon ÷ what was planned of them
//! 同比例丰增枯减, up in a wet season and down in a dry one.

use jiff::civil::Date;

use crate::basin::dates::{Day, Interval, Period};
use crate::basin::entry::Field;
use crate::basin::nearest::hint;
use crate::elements::Head;
use crate::elements::common::trade::{Trade, traded};
use crate::lower::Lowering;
use crate::network::{AccountWindow, Role};
use crate::units::HM3_PER_M3;

/// Calendar window of an account.
#[derive(Clone, Debug)]
pub enum Window {
    /// Calendar years.
    Year,
    /// Months.
    Month,
    /// Between dates.
    Dates(Interval),
}

/// What a window needs to be laid on the horizon.
#[derive(Clone, Debug)]
pub struct Budget {
    /// The window.
    pub window: Field<Window>,
    /// Limit of a whole window by its month, hm³: twelve, or one for all.
    pub limit_hm3: Vec<f64>,
    /// Trades that move the limit of the windows that they touch.
    pub trades: Vec<Trade>,
    /// Planned volume of each month.
    pub plan_hm3: Option<Vec<f64>>,
    /// Inflows, and the volume of them that was planned for each month, by which what is left is scaled.
    pub scaled_by: Option<(Vec<Field<String>>, Vec<f64>)>,
    /// Used in the window up to a date, hm³, rising in date.
    pub used_before: Vec<(Field<Date>, f64)>,
}

impl Budget {
    /// Planned from a date to before another: volumes by the plan, days without one.
    fn planned(&self, from: Date, to: Date) -> f64 {
        self.plan_hm3.as_ref().map_or_else(|| days_between(from, to), |plan| by_month(plan, from, to))
    }

    /// The window that holds a date: its label, its first day and the day after its last.
    fn around(&self, date: Date) -> Option<(String, Date, Date)> {
        match &self.window.value {
            Window::Year => {
                let first = date.first_of_year();
                Some((date.year().to_string(), first, first.last_of_year().tomorrow().ok()?))
            }
            Window::Month => {
                let first = date.first_of_month();
                Some((format!("{:04}-{:02}", date.year(), date.month()), first, first.last_of_month().tomorrow().ok()?))
            }
            Window::Dates(interval) => {
                let (first, after) = interval.around(date)?;
                Some((format!("{first}/{}", after.yesterday().ok()?), first, after))
            }
        }
    }

    /// Whether it returns every year.
    fn returns(&self) -> bool {
        !matches!(&self.window.value, Window::Dates(Interval { from: Day::Once(_), .. }))
    }
}

impl Lowering<'_> {
    /// The windows that the horizon touches.
    pub fn windows(&mut self, budget: &Budget, head: &Head) -> Vec<AccountWindow> {
        let (start, end) = (self.horizon.date_of(0), self.horizon.last_date_of(self.horizon.steps() - 1));
        let mut windows = Vec::new();
        let mut at = start;
        while at <= end {
            let Some((label, first, after)) = budget.around(at) else {
                let Ok(next) = at.tomorrow() else { break };
                at = next;
                continue;
            };
            if let Some(window) = self.window(budget, head, label, first, after) {
                windows.push(window);
            }
            at = after;
        }
        if windows.is_empty() && !self.has_refused(head) && !budget.returns() {
            self.note(format!("The window of account `{}` lies outside the horizon: it bounds nothing here.", head.id));
        }
        windows
    }

    fn window(&mut self, budget: &Budget, head: &Head, label: String, first: Date, after: Date) -> Option<AccountWindow> {
        let steps = match self.horizon.steps_within(first, after) {
            Ok(steps) => steps,
            Err(step) => {
                let message =
                    format!("`window`: the step of {} lies on both sides of an edge of {label}", self.horizon.name_of(step));
                self.refuse_in_time(
                    &budget.window.place,
                    head,
                    message,
                    Some("lay the horizon's steps so that one begins there".to_owned()),
                );
                return None;
            }
        };
        if steps.is_empty() {
            return None;
        }
        let start = self.horizon.date_of(0);
        let horizon_end = self.horizon.end().date();
        let limit_hm3 = budget.limit_hm3.get(first.month() as usize - 1).or(budget.limit_hm3.first()).copied()?;
        let limit_hm3 = self.after_trades(budget, head, limit_hm3, (first, after))?;
        let mut notes = Vec::new();
        let mut used_before_hm3 = 0.0;
        if first < start {
            used_before_hm3 = self.used_before(budget, head, &label, first, after, limit_hm3, &mut notes)?;
        }
        let left_from = first.max(start);
        let mut share = 1.0;
        if horizon_end < after {
            let (within, left) = (budget.planned(left_from, horizon_end), budget.planned(left_from, after));
            share = if left > 0.0 { within / left } else { 0.0 };
            let by = if budget.plan_hm3.is_some() { "the monthly plan" } else { "days" };
            notes.push(format!("the horizon covers {:.1} % of what is left of the window, by {by}", share * 100.0));
        }
        if let Some((inflows, planned)) = &budget.scaled_by {
            let planned = by_month(planned, left_from, horizon_end.min(after));
            let forecast = self.inflow_of(inflows, head, steps.clone())?;
            if planned <= 0.0 {
                let message = format!("`scaled_by`: no inflow is planned for the part of {label} within the horizon");
                let hint = "give the months of the horizon a planned volume, or leave `scaled_by` out".to_owned();
                self.refuse_in_time(&budget.window.place, head, message, Some(hint));
                return None;
            }
            let scale = (forecast / planned).max(0.0);
            share *= scale;
            notes.push(format!(
                "what is left is scaled to {:.1} %, forecast inflow {forecast:.4} hm³ ÷ planned {planned:.4} hm³",
                scale * 100.0
            ));
        }
        Some(AccountWindow {
            label,
            steps,
            limit_hm3,
            used_before_hm3,
            available_hm3: (limit_hm3 - used_before_hm3) * share,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
        })
    }

    /// The limit of a window with the trades that touch it.
    fn after_trades(&mut self, budget: &Budget, head: &Head, limit_hm3: f64, (first, after): (Date, Date)) -> Option<f64> {
        let start = self.horizon.date_of(0);
        let days = || first.series(jiff::Span::new().days(1)).take_while(|date| *date < after);
        let touches = |trade: &Trade| trade.period == Period::Always || days().any(|date| trade.period.holds(date, start));
        match traded(&budget.trades, limit_hm3, touches) {
            Ok(limit) => Some(limit),
            Err((field, message, hint)) => {
                self.refuse_in_time(&field.place, head, format!("{message} in the window from {first}"), Some(hint));
                None
            }
        }
    }

    /// What inflows bring in steps, hm³.
    fn inflow_of(&mut self, inflows: &[Field<String>], head: &Head, steps: std::ops::Range<usize>) -> Option<f64> {
        let mut sum = 0.0;
        for inflow in inflows {
            let id = format!("{}.inflow", inflow.value);
            let given = self.network.arc(&id).and_then(|arc| self.network.given(arc)).map(|source| source.flow);
            let Some(flow) = given else {
                let sources = self.network.arcs.iter().filter(|arc| arc.role == Role::Inflow);
                let known: Vec<&str> = sources.filter_map(|arc| arc.id.strip_suffix(".inflow")).collect();
                let message = format!("`{}`: unknown `{}`", inflow.key, inflow.value);
                let mend = hint(&inflow.value, &known, "inflows");
                if self.timed {
                    self.refuse_unknown(inflow, head, message, mend);
                }
                return None;
            };
            sum += steps
                .clone()
                .map(|step| self.forcing.at(&flow, step, 0) * self.horizon.lengths_s[step] * HM3_PER_M3)
                .sum::<f64>();
        }
        Some(sum)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one window")]
    fn used_before(
        &mut self,
        budget: &Budget,
        head: &Head,
        label: &str,
        first: Date,
        after: Date,
        limit_hm3: f64,
        notes: &mut Vec<String>,
    ) -> Option<f64> {
        let start = self.horizon.date_of(0);
        let eve = start.yesterday().ok()?;
        let known = budget.used_before.iter().rev().find(|(to, _)| to.value < start);
        let Some((to, used)) = known else {
            let (place, message) = match budget.used_before.first() {
                Some((to, _)) => (to.place.clone(), format!("`{}`: {} is not before the start {start}", to.key, to.value)),
                None => (
                    head.place.clone(),
                    format!("missing field `used_before_hm3`: the window {label} began before the start {start}"),
                ),
            };
            let hint = format!(
                "used in the window up to the eve of the start: `used_before_hm3 = {{ value = 0.0, to = \"{eve}\", source = \"…\" }}`"
            );
            self.refuse_in_time(&place, head, message, Some(hint));
            return None;
        };
        if to.value == eve {
            return Some(*used);
        }
        // What is known ends before this window began: nothing of it is used yet.
        let (used, gap_from) = if to.value < first { (0.0, first) } else { (*used, to.value.tomorrow().ok()?) };
        let left = budget.planned(gap_from, after);
        let gap = if left > 0.0 { (limit_hm3 - used).max(0.0) * budget.planned(gap_from, start) / left } else { 0.0 };
        if gap_from < start {
            let sentence = format!("use from {gap_from} to {eve} is not known and filled at the planned rate, {gap:.4} hm³");
            self.degrade(format!("Account `{}`, window {label}: {sentence}.", head.id));
            notes.push(sentence);
        }
        Some(used + gap)
    }
}

/// What a volume of each month comes to from a date to before another.
fn by_month(plan: &[f64], from: Date, to: Date) -> f64 {
    let mut planned = 0.0;
    let mut at = from;
    while at < to {
        let next = at.last_of_month().tomorrow().unwrap_or(to).min(to);
        planned += plan[at.month() as usize - 1] * days_between(at, next) / f64::from(at.days_in_month());
        at = next;
    }
    planned
}

fn days_between(from: Date, to: Date) -> f64 {
    from.until(to).map_or(0.0, |span| f64::from(span.get_days()))
}
