//! A plan document made ready for reading: names for addresses, series by address, the time axis.

use std::collections::HashMap;

use weir_model::document::{Content, CurtailmentRow, Element, Part, PlanDocument, SeriesKind, SeriesRow, StageRow};
use weir_model::fairness::PRICE_OF_FAIRNESS;

use crate::calendar::Axis;
use crate::language::{Phrase, both};
use crate::quantity;
use crate::statements;
use crate::words;

/// A gap up to this is that of a solve that ended as it was asked to.
const NEAR: f64 = 1e-3;

/// The four uses, in the order of reports.
pub const USES: [&str; 4] = ["domestic", "industrial", "agricultural", "ecological"];

/// Levels that a reservoir can be at its lowest by.
const LEVELS: [&str; 5] = ["dead", "emergency_supply_lower", "supply_lower", "drought_limit", "drought_warning"];

/// A plan document with its indices.
pub struct View<'a> {
    /// The document.
    pub document: &'a PlanDocument,
    /// Its content.
    pub content: &'a Content,
    /// Its steps.
    pub axis: Axis,
    elements: HashMap<&'a str, &'a Element>,
    /// Names of what is no element of the network: curtailments.
    others: HashMap<&'a str, &'a str>,
    series: HashMap<(&'a str, &'a str), &'a SeriesRow>,
}

impl<'a> View<'a> {
    /// Indices over a document.
    pub fn new(document: &'a PlanDocument) -> Self {
        let content = &document.content;
        let mut elements = HashMap::new();
        for element in &content.elements {
            elements.entry(element.id.as_str()).or_insert(element);
        }
        let mut series = HashMap::new();
        for row in &content.series {
            series.entry((row.address.as_str(), row.quantity.as_str())).or_insert(row);
        }
        let named = |row: &'a CurtailmentRow| (row.id.as_str(), row.name.as_str());
        let others = content.case.curtailments.iter().map(named).filter(|(_, name)| !name.is_empty()).collect();
        let axis = Axis::new(&content.horizon.starts, &content.horizon.lengths_s);
        Self { document, content, axis, elements, others, series }
    }

    /// Elements of these kinds, in the document's order.
    pub fn of_kind(&self, kinds: &[&str]) -> Vec<&'a Element> {
        self.content.elements.iter().filter(|e| kinds.contains(&e.kind.as_str())).collect()
    }

    /// Name of what an address names: the element's name, and what follows it in words.
    pub fn name(&self, address: &str) -> Phrase {
        let known = |head: &str| {
            let whole = self.elements.get(head).map(|element| self.whole_name(element));
            whole.or_else(|| self.others.get(head).map(|&name| name.to_owned()))
        };
        named(address, known).unwrap_or_else(|| Phrase::same(address))
    }

    /// Name of the element that an address begins with; of none, the address.
    pub fn owner(&self, address: &str) -> Phrase {
        self.name(&address[..self.head(address)])
    }

    /// What follows the element in an address.
    pub fn rest<'b>(&self, address: &'b str) -> &'b str {
        match self.head(address) {
            end if end == address.len() && !self.knows(address) => address,
            end => address[end..].trim_start_matches('.'),
        }
    }

    /// Where the longest element's id at the start of an address ends; the whole address where there is none.
    fn head(&self, address: &str) -> usize {
        let mut end = address.len();
        loop {
            if self.knows(&address[..end]) {
                return end;
            }
            match address[..end].rfind('.') {
                Some(dot) => end = dot,
                None => return address.len(),
            }
        }
    }

    fn knows(&self, id: &str) -> bool {
        self.elements.contains_key(id) || self.others.contains_key(id)
    }

    /// An element's name; that of an outlet with its reservoir's, such as `上库 · 发电`.
    fn whole_name(&self, element: &Element) -> String {
        let name = if element.name.is_empty() { &element.id } else { &element.name };
        let owner = element.id.rsplit_once('.').and_then(|(owner, _)| self.elements.get(owner));
        match owner.filter(|o| element.part == Part::Arc && !o.name.is_empty() && !name.contains(&o.name)) {
            Some(owner) => format!("{} · {name}", owner.name),
            None => name.clone(),
        }
    }

    /// A sentence of the document in both languages, what it names by name.
    pub fn statement(&self, text: &str) -> Phrase {
        statements::statement(text, |id| self.called(id))
    }

    /// Why a plan of the same basin does not exist, in both languages.
    pub fn cause(&self, text: &str) -> Phrase {
        statements::cause(text, |id| self.called(id))
    }

    fn called(&self, id: &str) -> Option<String> {
        let objective = self.content.objectives.iter().any(|objective| objective.id == id);
        let named =
            self.knows(&id[..self.head(id)]).then(|| self.name(id)).or_else(|| objective.then(|| self.objective(id)));
        let level = || LEVELS.contains(&id).then(|| words::word(id));
        let region = || self.content.regions.iter().find(|region| region.id == id && !region.name.is_empty());
        named.or_else(level).map(|name| name.chinese).or_else(|| region().map(|region| region.name.clone()))
    }

    /// Why something is so and what could be done about it, in one line; nothing where the plan tells neither.
    pub fn because(&self, reason: Option<&str>, advice: Option<&str>) -> Phrase {
        let said = reason.map_or_else(Phrase::default, |reason| self.statement(reason));
        let Some(advice) = advice.map(|advice| self.statement(advice)) else { return said };
        both(
            format!("{}。措施：{}", said.chinese, advice.chinese),
            format!("{}. What could be done: {}", said.english, advice.english),
        )
    }

    /// Notes on the plan; those on the price of fairness stand by themselves.
    pub fn notes(&self) -> Vec<Phrase> {
        self.noted(false)
    }

    /// What it would cost to lift the worst entry of the balance.
    pub fn prices_of_fairness(&self) -> Vec<Phrase> {
        self.noted(true)
    }

    fn noted(&self, prices: bool) -> Vec<Phrase> {
        let notes = self.content.case.notes.iter().filter(|note| note.starts_with(PRICE_OF_FAIRNESS) == prices);
        notes.map(|note| self.statement(note)).collect()
    }

    /// Goals of which a plan may have noticeably more than this one; none of a simulation, which seeks no best.
    pub fn unproved(&self) -> Vec<&'a StageRow> {
        let open = |stage: &&StageRow| stage.outcome == "feasible" && stage.gap.is_none_or(|gap| gap > NEAR);
        let simulated = self.content.case.foresight == "none";
        self.content.stages.iter().filter(open).filter(|_| !simulated).collect()
    }

    /// Name of a region; of none, what is said instead.
    pub fn region(&self, id: Option<&str>) -> Phrase {
        match id {
            None if self.content.regions.is_empty() => both("全流域", "the basin"),
            None => both("未分区", "no region"),
            Some(id) => Phrase::same(
                self.content
                    .regions
                    .iter()
                    .find(|r| r.id == id)
                    .map_or(id, |r| if r.name.is_empty() { id } else { &r.name }),
            ),
        }
    }

    /// How deep a region lies: 0 for one that no other holds.
    pub fn depth(&self, id: &str) -> usize {
        let mut depth = 0;
        let mut at = id;
        while let Some(parent) = self.content.regions.iter().find(|r| r.id == at).and_then(|r| r.parent.as_deref()) {
            depth += 1;
            at = parent;
            if depth > self.content.regions.len() {
                return 0;
            }
        }
        depth
    }

    /// The series' values, not a number where there is none.
    pub fn values(&self, address: &str, quantity: &str) -> Option<Vec<f64>> {
        self.series.get(&(address, quantity)).map(|row| numbers(row))
    }

    /// Volume of a flow over the whole horizon, hm³.
    pub fn volume(&self, address: &str, quantity: &str) -> Option<f64> {
        let row = self.series.get(&(address, quantity))?;
        (row.kind == SeriesKind::Flow).then(|| self.volume_of(&numbers(row)))
    }

    /// Volume of a flow given in m³/s over the whole horizon, hm³.
    pub fn volume_of(&self, flow: &[f64]) -> f64 {
        flow.iter().zip(&self.content.horizon.lengths_s).filter(|(v, _)| v.is_finite()).map(|(v, l)| v * l / 1e6).sum()
    }

    /// First and last value of a state.
    pub fn ends(&self, address: &str, quantity: &str) -> Option<(f64, f64)> {
        let row = self.series.get(&(address, quantity))?;
        Some((row.values.first().copied()??, row.values.last().copied()??))
    }

    /// Length of the horizon in days.
    pub fn days(&self) -> f64 {
        self.axis.length()
    }

    /// The period of the plan in words: from, to.
    pub fn period(&self) -> (Phrase, Phrase) {
        (quantity::time_text(&self.content.case.valid_from), quantity::end_text(&self.content.case.valid_to))
    }

    /// Name of a basin.
    pub fn basin(&self) -> &str {
        let case = &self.content.case;
        if case.name.is_empty() { &case.basin } else { &case.name }
    }

    /// Name of an objective.
    pub fn objective(&self, id: &str) -> Phrase {
        self.content
            .objectives
            .iter()
            .find(|o| o.id == id)
            .filter(|o| !o.name.is_empty())
            .map_or_else(|| words::word(id), |o| Phrase::same(&o.name))
    }
}

/// Name of what an address names, from the longest part of it that is known: its name, and what follows in words.
pub(crate) fn named(address: &str, known: impl Fn(&str) -> Option<String>) -> Option<Phrase> {
    let mut end = address.len();
    loop {
        let head = &address[..end];
        if let Some(name) = known(head) {
            let mut phrase = Phrase::same(name);
            for part in address[end..].split('.').filter(|p| !p.is_empty()) {
                let known = words::word(part);
                phrase.chinese = format!("{} · {}", phrase.chinese, known.chinese);
                phrase.english = format!("{} · {}", phrase.english, known.english);
            }
            return Some(phrase);
        }
        end = head.rfind('.')?;
    }
}

/// The values of a series, not a number where there is none.
pub fn numbers(row: &SeriesRow) -> Vec<f64> {
    row.values.iter().map(|v| v.unwrap_or(f64::NAN)).collect()
}
