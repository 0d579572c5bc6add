//! Ensembles for people: what many futures come to, as bands and probabilities, and the one plan for all of them, as text and page.
//!
//! Units: 万m³, m³/s, m.

mod pre_release;

use comfy_table::Table as Lines;
use comfy_table::presets::NOTHING;
use maud::{Markup, html};
use weir_model::document::StageRow;
use weir_model::document::ensemble::{Ensemble, EnsembleDocument, Quantiles, Spread, TreeRow};
use weir_model::plan::BY_EXPECTATION;

use crate::bands;
use crate::calendar::Axis;
use crate::goals;
use crate::language::{Language, Phrase, both};
use crate::page::{standing_alone, table};
use crate::quantity;
use crate::statements;
use crate::view::named;
use crate::words;

/// Members listed on a page or in a text; of more, the rest is in the document.
const LISTED: usize = 40;

/// A table: title, headings, rows; columns of numbers by their place.
struct Part {
    title: Phrase,
    head: Vec<Phrase>,
    rows: Vec<Vec<Phrase>>,
    numeric: Vec<usize>,
}

struct View<'a> {
    content: &'a Ensemble,
    axis: Axis,
}

impl<'a> View<'a> {
    fn new(document: &'a EnsembleDocument) -> Self {
        let content = &document.content;
        Self { content, axis: Axis::new(&content.horizon.starts, &content.horizon.lengths_s) }
    }

    /// What is read first of a tree: the tree's members; else each by itself.
    fn spread(&self) -> &'a Spread {
        self.content.tree.as_ref().map_or(&self.content.hindsight, |tree| &tree.spread)
    }

    fn title(&self) -> Phrase {
        let [chinese, english] = &self.content.name;
        let named = |name: &str, plain: &str| if name.is_empty() { plain.to_owned() } else { name.to_owned() };
        match &self.content.tree {
            Some(_) => both(named(chinese, "情景树方案"), named(english, "one plan for many futures")),
            None => both(named(chinese, "集合来水"), named(english, "ensemble of inflows")),
        }
    }

    fn name(&self, address: &str) -> Phrase {
        let known = |id: &str| self.content.names.get(id).filter(|name| !name.is_empty()).cloned();
        crate::view::named(address, known).unwrap_or_else(|| words::word(address))
    }

    /// What members are noted for, by their ids; of those that are listed.
    fn notes(&self) -> impl Iterator<Item = (&'a str, Phrase)> {
        let listed = self.content.members.iter().take(LISTED);
        let each = listed.flat_map(|member| member.notes.iter().map(|note| (member.id.as_str(), note)));
        let known = |address: &str| named(address, |id| self.content.names.get(id).cloned()).map(|name| name.chinese);
        each.map(move |(id, note)| (id, statements::statement(note, known)))
    }

    /// Sentences at the head.
    fn said(&self) -> Vec<Phrase> {
        let content = self.content;
        let mut said = Vec::new();
        if let Some(tree) = &content.tree {
            let risk = bands::risk(&tree.objective, tree.alpha);
            said.push(bands::one_for_all(content.members.len(), tree.common_until.as_deref(), &risk));
        } else {
            if content.without_tree.is_some() {
                said.push(both(
                    "要求一个方案应对各种来水，但没有得出，原因见文末。",
                    "One plan for all of them was asked, and there is none: why stands at the end.",
                ));
            }
            said.push(both(
                format!("{}种来水，各以自己的方案应对（预知其来水），不作为调度依据。", content.members.len()),
                format!(
                    "{} futures, each met by a plan of its own that knows it: no ground for orders.",
                    content.members.len()
                ),
            ));
        }
        said.extend(content.tree.iter().filter_map(|tree| Some(self.pre_release(tree.pre_release.as_ref()?))));
        let failed = content.members.iter().filter(|member| member.failed.is_some()).count();
        if failed > 0 {
            said.push(both(
                format!("其中{failed}个成员没有方案，不计入下列各表，其余成员按权重重新折算。"),
                format!(
                    "{failed} of them have no plan and do not count below; the others' weights count as shares of their sum."
                ),
            ));
        }
        let broken = content.members.iter().filter(|member| !member.conflict.is_empty()).count();
        if broken > 0 {
            said.push(both(
                format!("{broken}个成员的硬性规则不能同时满足，取最小让步方案。"),
                format!("In {broken} of them not all rules can hold together: theirs are plans of least breach."),
            ));
        }
        said
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = vec![self.goals()];
        parts.extend(self.content.tree.as_ref().and_then(|tree| self.decided(tree)));
        parts.extend([self.warnings(), self.satisfaction(), self.members()]);
        parts.retain(|part| !part.rows.is_empty());
        parts
    }

    fn goals(&self) -> Part {
        let spread = self.spread();
        let rows = self.content.goals.iter().enumerate().map(|(place, goal)| {
            let told = |value: f64| Phrase::same(goals::value(&goal.kind, &goal.unit, value).0);
            let better = if goal.sense == "maximise" { "↑" } else { "↓" };
            let name = if goal.name.is_empty() { words::word(&goal.objective) } else { Phrase::same(&goal.name) };
            let name = both(
                format!("{}. {} {better}", place + 1, name.chinese),
                format!("{}. {} {better}", place + 1, name.english),
            );
            let mut row = vec![name, goals::value(&goal.kind, &goal.unit, 0.0).1];
            if let Some(tree) = &self.content.tree {
                row.push(tree.stage(&goal.objective).map_or_else(Phrase::default, |stage| told(stage.value)));
                row.push(self.content.hindsight.goals.get(place).map_or_else(Phrase::default, |own| told(own.mean)));
            }
            row.extend(over(spread.goals.get(place), told));
            row
        });
        let mut head = vec![both("目标", "Goal"), both("单位", "Unit")];
        if self.content.tree.is_some() {
            head.extend([both("树", "Tree"), both("各支预知来水时之均值", "Mean, each by hindsight")]);
        }
        head.extend(heads(spread));
        let numeric = (2..head.len()).collect();
        Part { title: both("各级目标", "Goals"), head, rows: rows.collect(), numeric }
    }

    /// What is decided until the branch.
    fn decided(&self, tree: &TreeRow) -> Option<Part> {
        let until = tree.common_until.as_deref().map(quantity::end_text)?;
        let lengths = &self.content.horizon.lengths_s;
        let row = |row: &weir_model::document::ensemble::DecidedRow| {
            let seconds: f64 = lengths.iter().take(row.values.len()).sum();
            let volume: f64 = row.values.iter().zip(lengths).map(|(flow, seconds)| flow * seconds / 1e6).sum();
            let (least, most) = row.values.iter().fold((f64::INFINITY, 0.0_f64), |all, &x| (all.0.min(x), all.1.max(x)));
            [volume * 1e6 / seconds, row.values.first().copied().unwrap_or(0.0), least, most]
                .map(|flow| quantity::fixed(flow, 2))
                .into_iter()
                .chain([quantity::wan_m3(volume)])
                .map(Phrase::same)
                .collect::<Vec<Phrase>>()
        };
        let rows = tree.decided.iter().map(|own| std::iter::once(self.name(&own.address)).chain(row(own)).collect());
        Some(Part {
            title: both(
                format!("{}之前的共同决策（m³/s）", until.chinese),
                format!("Decided for all until {} (m³/s)", until.english),
            ),
            head: vec![
                both("对象", "Where"),
                both("平均", "Mean"),
                both("首时段", "First step"),
                both("最小", "Least"),
                both("最大", "Most"),
                both("水量 万m³", "Volume 10⁴ m³"),
            ],
            rows: rows.collect(),
            numeric: (1..6).collect(),
        })
    }

    fn warnings(&self) -> Part {
        let (head, rows) = bands::warnings(&self.spread().warnings, |address| self.name(address));
        Part { title: bands::title(), head, rows, numeric: vec![3] }
    }

    fn satisfaction(&self) -> Part {
        let spread = self.spread();
        let rows = spread.satisfaction.iter().map(|row| {
            let region = row.region.as_deref().map_or_else(|| both("全流域", "the basin"), |id| self.name(id));
            let use_ = words::word(&row.use_);
            let stream = if row.in_stream { ["（河道内）", " (in stream)"] } else { ["", ""] };
            let name = both(
                format!("{} · {}{}", region.chinese, use_.chinese, stream[0]),
                format!("{} · {}{}", region.english, use_.english, stream[1]),
            );
            let mut cells =
                vec![name, Phrase::same(quantity::percent(row.short)), Phrase::same(quantity::wan_m3(row.short_hm3))];
            cells.extend(over(Some(&row.ratio), |ratio| Phrase::same(quantity::percent(ratio))));
            cells
        });
        let mut head = vec![
            both("地区 · 用途", "Region · use"),
            both("低于应得满足度的概率", "Probability below entitlement"),
            both("平均缺水 万m³", "Short in the mean 10⁴ m³"),
        ];
        head.extend(heads(spread));
        let numeric = (1..head.len()).collect();
        Part { title: both("满足度", "Satisfaction"), head, rows: rows.collect(), numeric }
    }

    /// The members with the goals that any of them does not reach alike, and their regret.
    fn members(&self) -> Part {
        let content = self.content;
        let first = content.members.iter().find(|member| !member.values.is_empty());
        let differs = |&place: &usize| {
            let value = |member: &weir_model::document::ensemble::MemberRow| member.values.get(place).copied();
            let own = first.and_then(value);
            content.members.iter().any(|member| {
                let apart = value(member).zip(own).is_some_and(|(a, b)| (a - b).abs() > 1e-6 * b.abs().max(1.0));
                let regret = member.in_tree.as_ref().and_then(|part| part.regret.get(place)).copied().unwrap_or(0.0);
                apart || regret.abs() > 1e-6
            })
        };
        let shown: Vec<usize> = (0..content.goals.len()).filter(differs).take(5).collect();
        let row = |member: &weir_model::document::ensemble::MemberRow| {
            let [chinese, english] = &member.name;
            let mut cells = vec![both(chinese, english), Phrase::same(quantity::percent(member.weight))];
            for &place in &shown {
                let goal = &content.goals[place];
                let told = |value: f64| goals::value(&goal.kind, &goal.unit, value).0;
                cells.push(match (&member.failed, &member.in_tree) {
                    (Some(_), _) => both("没有方案", "no plan"),
                    (None, None) => {
                        member.values.get(place).map_or_else(Phrase::default, |value| Phrase::same(told(*value)))
                    }
                    (None, Some(part)) => {
                        let (value, regret) = (part.values.get(place), part.regret.get(place));
                        let value = value.map_or_else(String::new, |value| told(*value));
                        match regret.filter(|regret| regret.abs() > 1e-6) {
                            Some(regret) => {
                                let sign = if *regret > 0.0 { "+" } else { "−" };
                                Phrase::same(format!("{value} ({sign}{})", told(regret.abs())))
                            }
                            None => Phrase::same(value),
                        }
                    }
                });
            }
            cells
        };
        let mut head = vec![both("成员", "Member"), both("权重", "Weight")];
        for &place in &shown {
            let goal = &content.goals[place];
            let unit = goals::value(&goal.kind, &goal.unit, 0.0).1;
            let name = if goal.name.is_empty() { words::word(&goal.objective) } else { Phrase::same(&goal.name) };
            head.push(both(format!("{} {}", name.chinese, unit.chinese), format!("{} {}", name.english, unit.english)));
        }
        let regret = if content.tree.is_some() {
            ["（括号内为比预知其来水的方案差多少）", " (in brackets: by how much worse than by a plan that knows it)"]
        } else {
            ["", ""]
        };
        let more = content.members.len().saturating_sub(LISTED);
        let rest = if more > 0 {
            [format!("，其余{more}个见文档"), format!(", {more} more in the document")]
        } else {
            [String::new(), String::new()]
        };
        let numeric = (1..head.len()).collect();
        Part {
            title: both(format!("成员{}{}", regret[0], rest[0]), format!("Members{}{}", regret[1], rest[1])),
            head,
            rows: content.members.iter().take(LISTED).map(row).collect(),
            numeric,
        }
    }
}

/// A stage of a tree by its goal's name, with what it is of the members where that is their mean behind a risk.
fn stage_name(stage: &StageRow) -> Phrase {
    let goal = stage.objective.strip_suffix(BY_EXPECTATION);
    let name = if stage.name.is_empty() { words::word(goal.unwrap_or(&stage.objective)) } else { Phrase::same(&stage.name) };
    let Some(_) = goal else { return name };
    both(format!("{}（各支期望）", name.chinese), format!("{} (mean over the members)", name.english))
}

fn without_tree() -> Phrase {
    both("没有共同方案：", "No plan for all of them: ")
}

fn heads(spread: &Spread) -> Vec<Phrase> {
    let level = |level: &f64| both(format!("{}分位", bands::share(*level)), bands::share(*level));
    std::iter::once(both("均值", "Mean")).chain(spread.levels.iter().map(level)).collect()
}

fn over(of: Option<&Quantiles>, told: impl Fn(f64) -> Phrase) -> Vec<Phrase> {
    of.map(|of| std::iter::once(of.mean).chain(of.quantiles.iter().copied()).map(told).collect()).unwrap_or_default()
}

/// What is let go before a storm, in a sentence; none where that was not asked.
pub fn pre_release(document: &EnsembleDocument) -> Option<Phrase> {
    let told = document.content.tree.as_ref()?.pre_release.as_ref()?;
    Some(View::new(document).pre_release(told))
}

/// An ensemble for a terminal.
pub fn text(document: &EnsembleDocument, language: Language) -> String {
    let view = View::new(document);
    let mut out = format!("{} — {}\n", view.content.basin_name, view.title().say(language));
    for said in view.said() {
        out.extend([said.say(language), "\n"]);
    }
    for part in view.parts() {
        out.extend(["\n", part.title.say(language), "\n"]);
        let mut lines = Lines::new();
        lines.load_preset(NOTHING);
        lines.set_header(part.head.iter().map(|head| head.say(language)));
        for row in &part.rows {
            lines.add_row(row.iter().map(|cell| cell.say(language)));
        }
        for line in lines.to_string().lines() {
            out.extend([line.trim_end(), "\n"]);
        }
    }
    for member in &view.content.members {
        if let Some(why) = &member.failed {
            let without = both("没有方案", "no plan");
            out.extend([member.id.as_str(), ": ", without.say(language), ": ", cause(document, why).say(language), "\n"]);
        }
    }
    for (member, note) in view.notes() {
        out.extend([member, ": ", note.say(language), "\n"]);
    }
    if let Some(why) = &view.content.without_tree {
        out.extend([without_tree().say(language), cause(document, why).say(language), "\n"]);
    }
    out
}

/// Why a member has no plan, what it names by name.
pub fn cause(document: &EnsembleDocument, why: &str) -> Phrase {
    let names = &document.content.names;
    statements::cause(why, |address| named(address, |id| names.get(id).cloned()).map(|name| name.chinese))
}

/// An ensemble as a page.
pub fn page(document: &EnsembleDocument) -> String {
    let view = View::new(document);
    let title = format!("{} — {}", view.content.basin_name, view.title().chinese);
    let ends = (view.content.horizon.starts.first(), &view.content.horizon.end);
    let header = html! {
        div.top {
            h1 { (view.content.basin_name) span.kind { (view.title()) } }
            button type="button" id="language" aria-label="Switch language 切换语言" { (both("English", "中文")) }
        }
        @if let (Some(from), to) = ends {
            @let (from, to) = (quantity::time_text(from), quantity::end_text(to));
            p.period { (both(format!("{} 至 {}", from.chinese, to.chinese), format!("{} to {}", from.english, to.english))) }
        }
        @for said in view.said() { p.banner.foresight role="note" { (said) } }
    };
    let cell = |phrase: &Phrase| html! { (phrase) };
    let main: Markup = html! {
        @for part in view.parts() {
            @let rows: Vec<Vec<Markup>> = part.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            section { h2 { (part.title) } (table(&part.head, &rows, &part.numeric)) }
        }
        @let spread = view.spread();
        @for (title, charts) in bands::charts((&spread.levels, &spread.bands), |address| view.name(address), |_| None) {
            section { h2 { (title) } @for chart in charts { (chart.figure(&view.axis)) } }
        }
        @for member in &view.content.members {
            @if let Some(why) = &member.failed {
                section { p { (member.id) ": " (both("没有方案：", "no plan: ")) (cause(document, why)) } }
            }
        }
        @for (member, note) in view.notes() {
            p.note { (member) ": " (note) }
        }
        @if let Some(why) = &view.content.without_tree {
            section { p { (without_tree()) (cause(document, why)) } }
        }
        @if let Some(tree) = &view.content.tree {
            section {
                h2 { (both("校核", "Proof")) }
                p {
                    (both(
                        "模型内最优性校核通过者，其各级目标与界之差列于下（不代表来水预报准确，不代替调度决策）。",
                        "How far each goal may be from the best possible within the model (no word on how good the forecasts are).",
                    ))
                }
                ul {
                    @for stage in &tree.stages {
                        li {
                            (stage_name(stage)) ": "
                            @match stage.gap {
                                Some(gap) => (format!("{gap:.1e}")),
                                None => (both("无校核", "no proof")),
                            }
                        }
                    }
                }
                @for note in &tree.notes { p.note { (note) } }
            }
        }
        footer { p { (both("文档标识", "Document id")) " " code { (document.id) } } }
    };
    standing_alone(&title, &header, &main, Some(&view.axis))
}
