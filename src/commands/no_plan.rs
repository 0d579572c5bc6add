//! Why there is no plan and what can give way, for people and for programs.

use serde_json::{Value, json};
use weir_model::case::Case;
use weir_model::goals::Goals;
use weir_model::horizon::rfc3339;
use weir_model::network::RuleClass;
use weir_model::plan::Relaxation;
use weir_report::{Language, Phrase, of_case, quantity, words};
use weir_solver::conflict::{Choice, Conflict, Entry, Rule, given_way};
use weir_solver::solve::Infeasible;

/// What there is to say of a case without a plan.
pub struct NoPlan<'a> {
    /// The case.
    pub case: &'a Case,
    /// Its goals.
    pub goals: &'a Goals,
    /// Why.
    pub found: &'a Infeasible,
    /// What can give way.
    pub menu: &'a [Choice],
}

impl NoPlan<'_> {
    fn said(&self, text: &str) -> Phrase {
        of_case(self.case, self.goals, text)
    }

    /// For people.
    pub fn text(&self, language: Language) -> String {
        let zh = language == Language::Chinese;
        let mut lines = vec![if zh { "没有满足全部规则的方案" } else { "infeasible: no plan keeps every rule" }.to_owned()];
        let mut say = |indent: usize, text: &str| {
            lines.push(format!("{}{}", " ".repeat(indent), self.said(text).say(language)));
        };
        for (number, sentence) in self.found.explained.iter().enumerate() {
            say(2, sentence);
            if let Some(budget) = self.found.conflicts.get(number).and_then(Conflict::budget_sentence) {
                say(4, &budget);
            }
        }
        if let Some(in_all) = self.in_all() {
            say(2, &in_all);
        }
        say(2, self.found.grounds.sentence());
        if self.menu.is_empty() {
            say(0, "no rule can give way for it");
            return lines.join("\n");
        }
        say(0, "what can give way, the least protected rule first; `weir solve --elastic` takes the first:");
        for (number, choice) in self.menu.iter().enumerate() {
            for (place, sentence) in given_way(self.case, &choice.relaxations).iter().enumerate() {
                let mark = if place == 0 { format!("{:>3}. ", number + 1) } else { " ".repeat(5) };
                lines.push(format!("{mark}{}", self.said(sentence).say(language)));
            }
            lines.push(format!("     {}", self.goals_of(choice, language)));
        }
        lines.join("\n")
    }

    /// What is missing in all, where that is more than the conflicts told of have.
    fn in_all(&self) -> Option<String> {
        let told: f64 = self.found.conflicts.iter().filter_map(|conflict| conflict.missing_hm3).sum();
        let in_all = self.found.in_all_hm3.filter(|in_all| (in_all - told).abs() > 1e-4 * in_all.max(1.0))?;
        Some(format!("in all, with every rule held, {in_all:.3} hm3 are missing or too much"))
    }

    /// The goals that the ways out leave otherwise than each other, by name and value; all of a single one.
    fn goals_of(&self, choice: &Choice, language: Language) -> String {
        let differs = |place: usize| {
            let value = |choice: &Choice| choice.goals.get(place).map_or(0.0, |stage| stage.value);
            let of = value(choice);
            self.menu.len() == 1 || self.menu.iter().any(|other| (value(other) - of).abs() > 1e-6 * of.abs().max(1.0))
        };
        let told = |(place, stage): (usize, &weir_model::plan::StageResult)| {
            let (factor, unit) = words::unit(&stage.unit);
            let objective = self.goals.objectives.iter().find(|objective| objective.id == stage.objective);
            let name =
                objective.map(|objective| &objective.name).filter(|name| !name.is_empty()).unwrap_or(&stage.objective);
            differs(place).then(|| {
                format!("{name} {} {}", quantity::general(stage.value * factor), unit.say(language)).trim_end().to_owned()
            })
        };
        let all: Vec<String> = choice.goals.iter().enumerate().filter_map(told).collect();
        match (all.is_empty(), language) {
            (true, Language::Chinese) => "各目标值与其他让步相同".to_owned(),
            (true, Language::English) => "the goals are as with the others".to_owned(),
            (false, Language::Chinese) => format!("目标：{}", all.join("；")),
            (false, Language::English) => format!("goals: {}", all.join("; ")),
        }
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "status": "infeasible",
            "message": self.found.to_string(),
            "message_zh": self.text(Language::Chinese),
            "grounds": self.both(self.found.grounds.sentence()),
            "conflicts": self.found.conflicts.iter().map(|conflict| self.conflict(conflict)).collect::<Vec<_>>(),
            "in_all_hm3": self.found.in_all_hm3,
            "least_breach": self.relaxations(&self.found.least),
            "menu": self.menu.iter().map(|choice| json!({
                "sentences": given_way(self.case, &choice.relaxations).iter().map(|text| self.both(text)).collect::<Vec<_>>(),
                "relaxations": self.relaxations(&choice.relaxations),
                "goals": choice.goals.iter().map(|stage| json!({
                    "objective": stage.objective, "value": stage.value, "unit": stage.unit, "sense": stage.sense.word(),
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        })
    }

    fn both(&self, text: &str) -> Value {
        let said = self.said(text);
        json!({ "en": said.english, "zh": said.chinese })
    }

    fn conflict(&self, conflict: &Conflict) -> Value {
        json!({
            "sentence": self.both(&conflict.sentence(self.case)),
            "periods": conflict.periods.iter().map(|period| json!({
                "from": self.edge(period.start), "to": self.edge(period.end),
            })).collect::<Vec<_>>(),
            "missing_hm3": conflict.missing_hm3,
            "too_much": conflict.too_much,
            "both": conflict.both,
            "rules": conflict.rules.iter().map(rule).collect::<Vec<_>>(),
            "budget": conflict.budget.iter().map(|Entry { what, of, hm3 }| json!({
                "what": what.word(), "of": of, "hm3": hm3,
            })).collect::<Vec<_>>(),
            "closed": conflict.closed.iter().map(rule).collect::<Vec<_>>(),
            "budget_sentence": conflict.budget_sentence().map(|text| self.both(&text)),
        })
    }

    fn relaxations(&self, relaxations: &[Relaxation]) -> Value {
        relaxations
            .iter()
            .map(|relaxation| {
                let steps = self.case.lacks_over(&relaxation.address, relaxation.step);
                json!({
                    "rule": relaxation.address,
                    "class": relaxation.class.map(RuleClass::word),
                    "from": self.edge(steps.start),
                    "to": self.edge(steps.end),
                    "hm3": relaxation.hm3,
                })
            })
            .collect()
    }

    fn edge(&self, edge: usize) -> Option<String> {
        self.case.horizon.edges.get(edge).map(rfc3339)
    }
}

fn rule(rule: &Rule) -> Value {
    json!({
        "rule": rule.address,
        "class": rule.class.map(RuleClass::word),
        "file": &*rule.place.file,
        "line": rule.place.line,
        "assumed": rule.assumed,
        "share_of": rule.share_of.map(|(limit, used)| json!({ "limit_hm3": limit, "used_before_hm3": used })),
        "value": rule.value.map(|(least, most, unit)| json!({ "least": least, "most": most, "unit": unit })),
    })
}
