//! Why each warning stands and each rule gave way, and what could be done: sentences from the plan's own numbers.
//!
//! A reason says what binds; an advice what the basin has that the plan does not use, who would have to be asked, or that there is
//! nothing. Whether to do it is the dispatcher's: one scenario of inflow is no ground to release ahead of a flood.

use std::collections::BTreeMap;
use std::ops::Range;

use super::help::{Help, Places};
use super::reasons::{Broken, Cause, Much, Reasons};
use crate::case::Case;
use crate::explanation::most;
use crate::network::{Account, AccountWindow, ArcId, NodeId, NodeKind, Of, Requirement, RequirementKind, Storage};
use crate::plan::Decisions;
use crate::rule;
use crate::told::told;
use crate::tolerance::FEASIBILITY_HM3;
use crate::water::Motion;

/// Why something is so, and what could be done about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) reason: String,
    pub(super) advice: Option<String>,
}

impl Said {
    fn new(reason: String, advice: impl IntoIterator<Item = String>) -> Self {
        let advice: Vec<String> = advice.into_iter().collect();
        Self { reason, advice: (!advice.is_empty()).then(|| advice.join("; ")) }
    }
}

/// A flow as people read it: to a litre a second.
fn flow(m3s: f64) -> String {
    told((m3s * 1e3).round() / 1e3)
}

/// What is said where nothing was found.
const NOT_FOUND: &str = "what holds it was not found";
/// What is said of a rule that nothing breaks but the other goals, where no goal comes first.
const OUTWEIGHED: &str =
    "nothing but other goals forces it: the goals are weighed against each other, and here others weigh more";

/// The plan that is explained.
pub(super) struct Because<'a> {
    case: &'a Case,
    decisions: &'a Decisions,
    motion: &'a Motion,
    reasons: &'a Reasons<'a>,
    help: Help<'a>,
}

impl<'a> Because<'a> {
    pub(super) const fn new(case: &'a Case, decisions: &'a Decisions, motion: &'a Motion, reasons: &'a Reasons<'a>) -> Self {
        Self { case, decisions, motion, reasons, help: Help::new(case, decisions) }
    }

    /// Who can lift what forces a flow, where that is a rule.
    fn who_lifts(&self, much: &Much) -> Option<String> {
        match much {
            Much::Several(all) => {
                let who: Vec<String> = all.iter().filter_map(|much| self.who_lifts(much)).collect();
                (!who.is_empty()).then(|| who.join("; "))
            }
            Much::Held(_, rule, _)
            | Much::Emptied(_, rule, _)
            | Much::Floor(rule)
            | Much::Falls(rule)
            | Much::Least(_, rule, _)
            | Much::Slow(_, rule) => Some(self.lifts(rule)),
            _ => None,
        }
    }

    /// Who can lift a rule.
    fn lifts(&self, rule: &str) -> String {
        let is_order = |of: &Requirement| of.id == rule && of.kind == RequirementKind::Command;
        if self.case.network.requirements.iter().any(is_order) {
            format!("only who gave the order `{rule}` can change it")
        } else {
            format!("only who set the limit of `{rule}` can lift it")
        }
    }

    /// What would lift a cause.
    fn way_out(&self, cause: &Cause) -> Option<String> {
        match cause {
            Cause::Least(_, rule) | Cause::Later(_, _, Some(rule)) | Cause::Released(.., rule) => Some(self.lifts(rule)),
            cause => cause.way_out(),
        }
    }

    /// A section under a grade: what it has over its target in the worst step, and what it lacks in each to be under none, m³/s.
    pub(super) fn section(
        &self,
        requirement: &Requirement,
        steps: &Range<usize>,
        (over_target, lacks_m3s): (f64, &[f64]),
    ) -> Said {
        let by: Vec<ArcId> = match &requirement.of {
            Of::Flow(terms) => terms.iter().filter(|(_, share)| *share > 0.0).map(|(arc, _)| *arc).collect(),
            Of::Storage(_) => Vec::new(),
        };
        let nodes = match &requirement.of {
            Of::Flow(_) => self.help.tails(&by),
            Of::Storage(node) => vec![*node],
        };
        let places = Places { nodes: &nodes, by: &by };
        if over_target >= 0.0 {
            let met = if over_target > 0.0 {
                format!("the target is met, with {} m3/s to spare", flow(over_target))
            } else {
                "the target is met, and no more".to_owned()
            };
            return Said::new(format!("{met}; {}", Cause::Unasked.sentence()), self.store(&places, steps, lacks_m3s));
        }
        let cause = self.reasons.cause_over(&requirement.id, steps.clone());
        let reason = cause.as_ref().map_or_else(|| NOT_FOUND.to_owned(), Cause::sentence);
        Said::new(reason, self.more(cause.as_ref(), &places, steps, lacks_m3s))
    }

    /// What could be done for places that lack so many m³/s in each step: by who holds them down, by a store above, by what stands by.
    fn more(&self, cause: Option<&Cause>, places: &Places<'_>, steps: &Range<usize>, lacks_m3s: &[f64]) -> Vec<String> {
        if let Some(way_out) = cause.and_then(|cause| self.way_out(cause)) {
            return std::iter::once(way_out).chain(self.help.standby(places, steps)).collect();
        }
        let held = cause.is_none_or(|cause| cause.holder().is_some() || cause.is_dry());
        match self.store(places, steps, lacks_m3s).filter(|_| held) {
            Some(store) => vec![store],
            None => match self.help.kept_in(places, steps).filter(|_| held) {
                Some(rule) => std::iter::once(self.lifts(rule)).chain(self.help.standby(places, steps)).collect(),
                None => self.help.more_water(places, steps),
            },
        }
    }

    /// The store above some places that still has water when they have lacked it: that it would do, or how much of it can be done.
    fn store(&self, places: &Places<'_>, steps: &Range<usize>, lacks_m3s: &[f64]) -> Option<String> {
        let store = self
            .help
            .store(places, steps, lacks_m3s)
            .filter(|store| store.passes_no_more || store.gives_hm3 > FEASIBILITY_HM3)?;
        let (id, lacks) = (&store.id, told(store.lacks_hm3));
        let most = flow(lacks_m3s.iter().copied().fold(0.0, f64::max));
        let held_by = store.held_by.as_ref().filter(|_| store.passes_no_more);
        if !store.at_once && held_by.is_none() {
            // What leaves from the start on arrives too late.
            if store.gives_hm3 <= FEASIBILITY_HM3 {
                return None;
            }
            let holds = told(store.holds_hm3);
            return Some(format!(
                "to end every warning here would take up to {most} m3/s, {lacks} hm3 in all, when it arrives: `{id}` holds {holds} hm3 above its lowest, at the cost of what they are kept for, but not all that it lets out arrives, or in the same step"
            ));
        }
        if let Some(rule) = &store.kept_by {
            return Some(format!(
                "to end every warning here would take {lacks} hm3 more: `{id}` holds {} hm3 above its lowest when it ends, and `{rule}` may not let it out so fast, or at all",
                told(store.holds_hm3)
            ));
        }
        let onward = |step: usize| -> f64 {
            let room = places.by.iter().map(|&arc| self.reasons.room_onward(arc, step, steps.len()));
            if places.by.is_empty() { f64::INFINITY } else { room.sum() }
        };
        let goes_on = |(step, lacks): (usize, &f64)| (lacks - onward(step)) * self.case.hm3_per_m3s(step) <= FEASIBILITY_HM3;
        let gives_all = store.gives_hm3 >= store.lacks_hm3 - FEASIBILITY_HM3;
        Some(if gives_all && !steps.clone().zip(lacks_m3s).all(goes_on) {
            format!(
                "to end every warning here would take {lacks} hm3 more: `{id}` holds water, but what lies below does not pass that much on"
            )
        } else if gives_all {
            format!(
                "`{id}` holds {} hm3 above its lowest when it ends: up to {most} m3/s more of it, {lacks} hm3 in all, would end every warning here, at the cost of what it is kept for",
                told(store.holds_hm3),
            )
        } else if let Some(rule) = held_by {
            format!(
                "to end every warning here would take {lacks} hm3 more: `{id}` holds water, but `{rule}` does not let that much of it out"
            )
        } else if store.passes_no_more {
            format!(
                "to end every warning here would take {lacks} hm3 more: `{id}` holds water, but the ways from it do not pass that much"
            )
        } else if !store.passes_all {
            format!(
                "to end every warning here would take {lacks} hm3 more: `{id}` can give a part of it, as far as its lowest and the ways from it let it, at the cost of what it is kept for"
            )
        } else {
            format!(
                "to end every warning here would take {lacks} hm3 more: `{id}` can give {} hm3 of it and is then at its lowest, at the cost of what it is kept for",
                told(store.gives_hm3)
            )
        })
    }

    /// What came into a storage and left it until the end of a step, and where most of it went.
    fn balance(&self, node: NodeId, step: usize) -> String {
        let (case, network) = (self.case, &self.case.network);
        let NodeKind::Storage(storage) = &network.nodes[node.0].kind else { return NOT_FOUND.to_owned() };
        let came: f64 = (0..=step).map(|step| self.motion.arriving[[node.0, step]]).sum();
        let row = case.storage_row(node).unwrap_or_default();
        let stored = |edge: usize| self.decisions.storage_hm3[[row, edge]];
        let lost: f64 = (0..=step).map(|step| case.loss(storage, step, 0).hm3(stored(step), stored(step + 1))).sum();
        let volume =
            |arc: usize| (0..=step).map(|at| self.decisions.flow_m3s[[arc, at]] * case.hm3_per_m3s(at)).sum::<f64>();
        let leaving: Vec<(usize, f64)> =
            (0..network.arcs.len()).filter(|arc| network.arcs[*arc].tail == node).map(|arc| (arc, volume(arc))).collect();
        let of = |river: bool| -> f64 {
            leaving.iter().filter(|(arc, _)| network.arcs[*arc].role.is_outflow() == river).map(|(_, hm3)| hm3).sum()
        };
        let left: Vec<String> =
            [(of(false), "for use"), (of(true), "let out to the river"), (lost, "lost to air and ground")]
                .iter()
                .filter(|(hm3, _)| *hm3 > FEASIBILITY_HM3)
                .map(|(hm3, how)| format!("{} hm3 {how}", told(*hm3)))
                .collect();
        let left = if left.is_empty() { "nothing".to_owned() } else { left.join(", ") };
        let mut said = format!(
            "until {} {} hm3 came into `{}`, and there left it: {left}",
            case.horizon.last_of(step),
            told(came),
            network.nodes[node.0].id
        );
        let some: Vec<&(usize, f64)> = leaving.iter().filter(|(_, hm3)| *hm3 > FEASIBILITY_HM3).collect();
        let all: f64 = some.iter().map(|(_, hm3)| hm3).sum();
        let most = some.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((arc, hm3)) = most.filter(|(_, hm3)| some.len() > 1 && *hm3 > 0.5 * all) {
            said.push_str(&format!("; most of it by `{}`, {} hm3", network.arcs[*arc].id, told(*hm3)));
        }
        said
    }

    /// A storage under a level, or at its dead level, worst in a step; by how much the start was under it.
    pub(super) fn low(&self, node: NodeId, (steps, worst): (&Range<usize>, usize), start_under_hm3: f64) -> Said {
        let mut reason = self.balance(node, worst);
        if steps.start == 0 && start_under_hm3 > FEASIBILITY_HM3 {
            reason = format!("it starts {} hm3 under it; {reason}", told(start_under_hm3));
        }
        let above = self.reasons.unasked(worst).fed_from(node, worst).and_then(|(store, way, held)| {
            let Some(held) = held else {
                let network = &self.case.network;
                let (store, way) = (&network.nodes[store.0].id, &network.arcs[way.0].id);
                return Some(format!(
                    "`{store}` holds water, and `{way}` has room for more of it, at the cost of what it is kept for"
                ));
            };
            self.way_out(&held)
        });
        Said::new(reason, above.map_or_else(|| self.help.more_water(&Places::of(&[node]), steps), |said| vec![said]))
    }

    /// A storage above a level by so much, hm³, worst in a step.
    pub(super) fn high(&self, node: NodeId, from: usize, worst: usize, over_hm3: f64) -> Said {
        let much = self.reasons.outlets(node, worst);
        let reason = self.much(&much, worst);
        // Water that a rule keeps in it was not to be let out before either.
        let is_kept = matches!(much, Much::Least(..));
        let earlier = if is_kept { self.who_lifts(&much) } else { self.earlier((node, &reason), from, over_hm3) };
        Said::new(reason, earlier)
    }

    /// Whether a storage's outlets had room before a step for what is too much in it for a reason, or why not; nothing of the first.
    fn earlier(&self, (node, reason): (NodeId, &str), from: usize, over_hm3: f64) -> Option<String> {
        let (case, network) = (self.case, &self.case.network);
        let NodeKind::Storage(storage) = &network.nodes[node.0].kind else { return None };
        let row = case.storage_row(node).filter(|_| from > 0)?;
        let (mut room, mut least, mut empty) = (0.0, f64::INFINITY, false);
        let is_least = self.reasons.is_least(node, from);
        for step in (0..from).rev() {
            // Water that is let out before must have been there.
            least = least.min(self.decisions.storage_hm3[[row, step + 1]] - case.at(&storage.lower, step, 0));
            if least <= FEASIBILITY_HM3 {
                empty = step + 1 == from;
                break;
            }
            room += self.reasons.room_m3s(node, step, from) * case.hm3_per_m3s(step);
            if room.min(least) >= over_hm3 && !is_least {
                return Some(format!(
                    "{} hm3 more could be let out from {} on: one scenario of inflow does not tell whether to",
                    told(over_hm3),
                    case.horizon.name_of(step)
                ));
            }
        }
        Some(if room > FEASIBILITY_HM3 && !is_least {
            "a part of it could be let out before: one scenario of inflow does not tell whether to".to_owned()
        } else if empty {
            "before that it held no water to let out".to_owned()
        } else {
            self.no_room_before((node, reason), from)
        })
    }

    /// Why a storage whose water is too much for a reason could let out no more before a step.
    fn no_room_before(&self, (node, reason): (NodeId, &str), from: usize) -> String {
        let mut held = (0..from).rev().map(|step| (step, self.reasons.outlets(node, step)));
        let Some((step, much)) = held.find(|(_, much)| !matches!(much, Much::Outlets(..))) else {
            return "its outlets had no room for it before either".to_owned();
        };
        let before = self.much(&much, step);
        let known = before == reason || matches!(much, Much::Room(_) | Much::Unknown(_));
        let nothing = "nothing more could be let out before either";
        if known { nothing.to_owned() } else { format!("{nothing}; {before}") }
    }

    fn much(&self, much: &Much, step: usize) -> String {
        let id = |node: &NodeId| &self.case.network.nodes[node.0].id;
        match much {
            Much::Outlets(node, passed) => {
                format!("the outlets of `{}` pass all that they can, {} m3/s", id(node), flow(*passed))
            }
            Much::Held(node, rule, false) => format!("what `{}` lets out is held by `{rule}`", id(node)),
            Much::Held(node, rule, true) => format!("what `{}` lets out is held by `{rule}` downstream", id(node)),
            Much::Narrow(node, way) => {
                format!("what `{}` lets out is held by the capacity of `{way}` downstream", id(node))
            }
            Much::Switched(node, way) => {
                format!("what `{}` lets out is held by how `{way}` may be opened and changed", id(node))
            }
            Much::Room(node) => format!(
                "the outlets of `{}` have room, and nothing asks for less in it; {}",
                id(node),
                self.balance(*node, step)
            ),
            Much::Unknown(node) => format!(
                "the outlets of `{}` have room, and what keeps the water in it was not found; {}",
                id(node),
                self.balance(*node, step)
            ),
            Much::Least(node, rule, None) => format!("`{rule}` keeps as much in `{}`", id(node)),
            Much::Least(node, rule, Some(later)) => {
                format!("`{rule}` asks for as much in `{}` by {}", id(node), self.case.horizon.last_of(*later))
            }
            Much::Slow(node, rule) => format!("`{rule}` lets `{}` fall no faster", id(node)),
            Much::Floor(rule) => format!("the floor of `{rule}` asks for the flow"),
            Much::Several(all) => all.iter().map(|much| self.much(much, step)).collect::<Vec<_>>().join("; "),
            Much::Due(account) => format!("the account `{account}` asks for the flow, and has no more than it is due"),
            Much::Target(rule) => format!("the target of `{rule}` asks for the flow"),
            Much::Runs(way, least) => format!("what runs in `{way}` passes no less than {} m3/s", told(*least)),
            Much::Overflows(way) => format!("no gate shuts `{way}`: it passes what the level gives"),
            Much::Emptied(node, rule, None) => format!("`{rule}` lets no more water stay in `{}`", id(node)),
            Much::Emptied(node, rule, Some(later)) => {
                format!("`{rule}` lets no more water stay in `{}` by {}", id(node), self.case.horizon.last_of(*later))
            }
            Much::Full(node) => format!("`{}` is full, and what arrives there goes on", id(node)),
            Much::Ahead(node, full) => {
                format!(
                    "`{}` makes room for what comes until {}, when it is full",
                    id(node),
                    self.case.horizon.last_of(*full)
                )
            }
            Much::Limit(node, until, keeps) => {
                let reached = match until {
                    None => format!("`{}` has reached its flood limit, and what arrives there goes on", id(node)),
                    Some(until) => format!(
                        "`{}` makes room for what comes until {}, when it has reached its flood limit",
                        id(node),
                        self.case.horizon.last_of(*until)
                    ),
                };
                let first = keeps.as_ref().map(|(goal, place)| self.much(&Much::First(goal.clone(), *place), step));
                std::iter::once(reached).chain(first).collect::<Vec<_>>().join("; ")
            }
            Much::Past(way) => format!("what left by `{way}` before the start arrives"),
            Much::Falls(rule) => format!("`{rule}` lets the flow fall no faster"),
            Much::Supplies(node) => format!("the floors of supply ask for what leaves `{}`", id(node)),
            Much::End(storage) => format!("the water goes to the storage that `{storage}` must hold at the end"),
            Much::Lowest(node, until) => {
                format!(
                    "`{}` is at its lowest storage by {}, and needs the water",
                    id(node),
                    self.case.horizon.last_of(*until)
                )
            }
            Much::Head(node, way, needs) => {
                format!("`{way}` passes more the more `{}` holds; {}", id(node), self.much(needs, step))
            }
            Much::First(goal, place) => {
                format!("`{goal}`, goal {place} in order, comes first, and would fare worse with less")
            }
            Much::Kept(node, goal, place) => {
                format!("`{goal}`, goal {place} in order, comes first, and would fare worse with less in `{}`", id(node))
            }
            Much::Outweighed => OUTWEIGHED.to_owned(),
            Much::Open(goal) => format!("`{goal}` leaves as much open, and what comes after it takes it"),
            Much::Unproved(goal) => format!("`{goal}` is not proved to be at its best: less may be possible"),
            Much::Within(node) => {
                format!("`{}` is above it by no more than the least breach is held to within", id(node))
            }
            Much::Margin(node) => {
                format!("the outlets of `{}` have no more room than the least breach is held to within", id(node))
            }
            Much::Inflow(source, brings) => format!("`{source}` brings {} m3/s, which no storage holds", flow(*brings)),
        }
    }

    /// A start beyond a bound: by how much, and when it is within it.
    pub(super) fn start(&self, node: NodeId, storage: &Storage, bound: impl Fn(usize) -> f64, above: bool) -> Said {
        let case = self.case;
        let row = case.storage_row(node).unwrap_or_default();
        let beyond = |stored: f64, bound: f64| if above { stored - bound } else { bound - stored };
        let over = told(beyond(storage.initial_hm3, bound(0)));
        let within = (0..case.horizon.steps())
            .find(|&step| beyond(self.decisions.storage_hm3[[row, step + 1]], bound(step)) <= FEASIBILITY_HM3);
        let side = if above { "above" } else { "below" };
        let reason = within.map_or_else(
            || format!("it starts {over} hm3 {side} it and is not back by the end"),
            |step| format!("it starts {over} hm3 {side} it and is back by {}", case.horizon.last_of(step)),
        );
        let all = 0..case.horizon.steps();
        let advice = match (within, above) {
            (Some(_), _) => Vec::new(),
            (None, true) => vec![self.much(&self.reasons.outlets(node, 0), 0)],
            (None, false) => self.help.more_water(&Places::of(&[node]), &all),
        };
        Said::new(reason, advice)
    }

    /// An account that reaches a band, or is used beyond what is available.
    pub(super) fn account(&self, account: &Account, window: &AccountWindow, beyond: bool) -> Said {
        let (case, network) = (self.case, &self.case.network);
        let planned = account.used_hm3(case, self.decisions, window.steps.clone());
        let used = |term: &(ArcId, f64)| {
            let steps = window.steps.clone();
            steps.map(|step| term.1 * self.decisions.flow_m3s[[term.0.0, step]] * case.hm3_per_m3s(step)).sum::<f64>()
        };
        let most = account.terms.iter().map(|term| (term.0, used(term))).max_by(|a, b| a.1.total_cmp(&b.1));
        let mut reason = if beyond {
            let least = if account.at_most { "may be used" } else { "are due" };
            format!("{} hm3 are planned where {} hm3 {least} within the horizon", told(planned), told(window.available_hm3))
        } else {
            format!(
                "{} hm3 were used before and {} hm3 are planned, of {} hm3",
                told(window.used_before_hm3),
                told(planned),
                told(window.limit_hm3)
            )
        };
        if let Some((arc, _)) =
            most.filter(|(_, hm3)| account.terms.len() > 1 && *hm3 > (0.5 * planned).max(FEASIBILITY_HM3))
        {
            reason.push_str(&format!("; most of it by `{}`", network.arcs[arc.0].id));
        }
        if beyond && !account.hard {
            let before = match self.reasons.asks_for(account) {
                Some((goal, place)) => format!("`{goal}`, goal {place} in order, keeps it: what comes before goes on"),
                None => "it is hard by no document, and no goal keeps it".to_owned(),
            };
            reason = format!("{reason}; {before}");
        }
        let mut advice = Vec::new();
        if account.at_most {
            advice.extend(self.lasts(account, window, planned));
            let draws = |node: NodeId| {
                account
                    .terms
                    .iter()
                    .any(|(arc, _)| network.arcs[arc.0].receivers.iter().any(|receiver| receiver.node == node))
            };
            advice.extend(self.help.curtailments(draws, &window.steps));
        }
        Said::new(reason, advice)
    }

    /// When an account's limit is reached, or how long what is left of it lasts.
    fn lasts(&self, account: &Account, window: &AccountWindow, planned: f64) -> Option<String> {
        let case = self.case;
        let left = window.limit_hm3 - window.used_before_hm3;
        if left <= FEASIBILITY_HM3 {
            return Some("its limit was used up before the start".to_owned());
        }
        let used = |to: usize| account.used_hm3(case, self.decisions, window.steps.start..to);
        let least = left - FEASIBILITY_HM3;
        if let Some(step) = window.steps.clone().find(|&step| used(step + 1) >= least) {
            // At the step's one rate.
            let share = (least - used(step)) / (used(step + 1) - used(step));
            return Some(format!("its limit is reached on {}", case.horizon.day_within(step, share)));
        }
        if (left - window.available_hm3).abs() <= FEASIBILITY_HM3 {
            // All that is left of the window is there for the horizon, which sees its end.
            return Some(format!("{} hm3 of it are left when the window ends", told(left - planned)));
        }
        let days: f64 = window.steps.clone().map(|step| case.horizon.days(step)).sum();
        (planned > FEASIBILITY_HM3).then(|| {
            let left = left - planned;
            format!(
                "the {} hm3 that are left last {} days at the plan's mean",
                told(left),
                told((left * days / planned).floor())
            )
        })
    }

    /// A flow above the rating, which the program holds by its envelope.
    pub(super) fn above_rating(planned: f64, rated: f64) -> Said {
        let reason = format!(
            "the program holds the outlet by straight lines over its rating: at the step's mean storage it passes {} of {} m3/s",
            flow(rated),
            flow(planned)
        );
        Said::new(
            reason,
            vec![
                "shorter steps, or a flow set by hand, bring it under the rating, and the replay tells what it comes to"
                    .to_owned(),
            ],
        )
    }

    /// A turbine whose mean flow is under the least at which it runs; the rule whose floor goes beside it for the rest of the day.
    pub(super) fn under_minimum((mean, least): (f64, f64), hours: f64, floor: Option<&str>) -> Said {
        let reason = format!("a mean of {} m3/s is less than the {} m3/s at which it runs", flow(mean), flow(least));
        let tenths = (hours * 10.0).round();
        let how = match floor {
            Some(rule) if tenths <= 0.0 => {
                format!("let the day's water out beside it by the floor of `{rule}`: it need not run,")
            }
            floor => {
                let beside = floor.map_or_else(String::new, |rule| {
                    format!(", with the floor of `{rule}` let out beside it for the rest,")
                });
                format!("run {} hours a day at its least flow{beside} it passes the day's water,", told(tenths / 10.0))
            }
        };
        let advice = format!("{how} and `integers = true` in [method] plans by it");
        Said::new(reason, vec![advice])
    }

    /// Water that is on its way at the end.
    pub(super) fn on_its_way(&self, arc: ArcId, from: usize, late_hm3: f64) -> Said {
        let case = self.case;
        let leaves = |step: usize| self.decisions.flow_m3s[[arc.0, step]] * case.hm3_per_m3s(step);
        let all: f64 = (from..case.horizon.steps()).map(leaves).sum();
        let (from, all, late) = (case.horizon.name_of(from), told(all), told(late_hm3));
        Said::new(
            format!("of what leaves from {from} on, {all} hm3, {late} hm3 are still on their way at the end"),
            vec!["it is not lost: a longer horizon counts it where it arrives".to_owned()],
        )
    }

    /// A rule that gave way in some steps, most in one of them, with why it is broken there.
    fn broken(
        &self,
        (address, broken): (&str, Option<Broken>),
        steps: &Range<usize>,
        (worst, most_hm3): (usize, f64),
    ) -> Said {
        let case = self.case;
        match broken {
            Some(Broken::Lacks(cause, places)) => {
                let more = || self.help.more_water(&Places::of(&places), steps);
                let advice = match self.way_out(&cause) {
                    // What lies below a shut outlet may be helped from elsewhere.
                    Some(way_out) if matches!(cause, Cause::Passing(..)) => std::iter::once(way_out).chain(more()).collect(),
                    Some(way_out) => {
                        std::iter::once(way_out).chain(self.help.standby(&Places::of(&places), steps)).collect()
                    }
                    None => more(),
                };
                Said::new(cause.sentence(), advice)
            }
            Some(Broken::TooMuch(much)) => {
                let node = match much {
                    Much::Outlets(node, _)
                    | Much::Held(node, ..)
                    | Much::Narrow(node, _)
                    | Much::Switched(node, _)
                    | Much::Room(node)
                    | Much::Margin(node)
                    | Much::Unknown(node)
                    | Much::Slow(node, _)
                    | Much::Emptied(node, ..)
                    | Much::Full(node)
                    | Much::Limit(node, None, _) => Some(node),
                    _ => None,
                };
                // What is let out within an account's window counts all the same, whenever it is.
                let from = self.account_of(address).map_or(steps.start, |(_, window)| window.steps.start);
                let reason = self.much(&much, worst);
                let earlier = node.and_then(|node| self.earlier((node, &reason), from, most_hm3));
                Said::new(reason, earlier.into_iter().chain(self.who_lifts(&much)))
            }
            Some(Broken::Rises(much)) => Said::new(self.much(&much, worst), self.who_lifts(&much)),
            Some(Broken::Owed(account, floors, forced)) => {
                let ask = |(demand, hm3): &(String, f64)| {
                    format!("the floors of `{demand}` ask for {} hm3 of `{account}`", told(*hm3))
                };
                let reasons: Vec<String> =
                    floors.iter().map(ask).chain(forced.iter().map(|much| self.much(much, worst))).collect();
                let advice = self.account_of(address).into_iter().flat_map(|(account, window)| {
                    let planned = account.used_hm3(case, self.decisions, window.steps.clone());
                    let draws = |node: NodeId| floors.iter().any(|(demand, _)| case.network.nodes[node.0].id == *demand);
                    let curtailed = self.help.curtailments(draws, &window.steps);
                    self.lasts(account, window, planned).into_iter().chain(curtailed)
                });
                Said::new(reasons.join("; "), advice.chain(forced.as_ref().and_then(|much| self.who_lifts(much))))
            }
            Some(Broken::Store(node)) => {
                Said::new(self.balance(node, worst), self.help.more_water(&Places::of(&[node]), steps))
            }
            None => self.limit(address).unwrap_or_else(|| {
                let why = if self.reasons.ranked() { NOT_FOUND } else { OUTWEIGHED };
                Said::new(why.to_owned(), None)
            }),
        }
    }

    /// An account's limit, by the address that it gives way under: what is planned of it.
    fn limit(&self, address: &str) -> Option<Said> {
        self.account_of(address).map(|(account, window)| self.account(account, window, true))
    }

    /// The account, and its window, whose limit gives way under an address.
    fn account_of(&self, address: &str) -> Option<(&'a Account, &'a AccountWindow)> {
        let accounts = self.case.network.accounts.iter();
        let mut windows = accounts.flat_map(|account| account.windows.iter().map(move |window| (account, window)));
        windows.find(|(account, window)| rule::account_limit(account, window) == address)
    }

    /// What kind of reason a broken rule has in a step: the cause of what it lacks, or what too much is held by, without how much.
    fn kind<'b>(
        &self,
        broken: Option<&'b Broken>,
    ) -> (Option<&'b Cause>, Option<std::mem::Discriminant<Much>>, Option<String>) {
        match broken {
            Some(Broken::Lacks(cause, _)) => (Some(cause), None, None),
            Some(Broken::TooMuch(much) | Broken::Rises(much)) => {
                (None, Some(std::mem::discriminant(much)), self.who_lifts(much))
            }
            _ => (None, None, None),
        }
    }

    /// What is said of each step in which rules gave way: of neighbouring steps of a rule with reasons of one kind once, by their worst.
    pub(super) fn gave_way(&self, given: &[(&str, usize, f64)]) -> BTreeMap<(String, usize), Said> {
        let mut by_rule: BTreeMap<&str, BTreeMap<usize, f64>> = BTreeMap::new();
        for (address, step, hm3) in given {
            *by_rule.entry(address).or_default().entry(*step).or_default() += hm3;
        }
        let mut all = BTreeMap::new();
        for (address, steps) in by_rule {
            let steps: Vec<(usize, f64)> = steps.into_iter().filter(|(step, _)| *step < self.case.horizon.steps()).collect();
            let broken: BTreeMap<usize, Option<Broken>> =
                steps.iter().map(|&(step, _)| (step, self.reasons.broken(address, step))).collect();
            let kind = |step: usize| self.kind(broken[&step].as_ref());
            for run in steps.chunk_by(|a, b| a.0 + 1 == b.0 && kind(a.0) == kind(b.0)) {
                let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
                let Some(worst) = most(run, |(_, hm3)| *hm3) else { continue };
                let said = self.broken((address, broken[&worst.0].clone()), &(first.0..last.0 + 1), *worst);
                all.extend(run.iter().map(|(step, _)| ((address.to_owned(), *step), said.clone())));
            }
        }
        all
    }
}
