//! A made-up plan of a made-up basin: every number here is invented to fill the pages.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use jiff::ToSpan;
use jiff::civil::{DateTime, date};
use weir_model::document::{
    AccountRow, Assumed, AuditRow, CaseRow, ClosingRow, Content, DETERMINISTIC_HEADING, Element, EngineRow, FamilyResidual,
    HorizonRow, Inputs, LeftOut, ObjectiveRow, Part, PlanDocument, RegionRow, RelaxationRow, SCHEMA, SatisfactionRow,
    SeriesInput, SeriesKind, SeriesRow, StageRow, StartRow, WarningRow, WaterValueRow,
};

/// 90 daily steps and 3 of ten days.
const DAILY: usize = 90;
const STEPS: usize = DAILY + 3;

fn start() -> DateTime {
    date(2026, 11, 1).at(0, 0, 0, 0)
}

fn stamp(days: i64) -> String {
    format!("{}+08:00", start() + days.days())
}

/// Days from the start at each edge.
fn edges() -> Vec<i64> {
    let mut edges: Vec<i64> = (0..=DAILY as i64).collect();
    edges.extend((1..=3).map(|i| DAILY as i64 + 10 * i));
    edges
}

fn some(values: impl IntoIterator<Item = f64>) -> Vec<Option<f64>> {
    values.into_iter().map(Some).collect()
}

fn series(address: &str, quantity: &str, unit: &str, values: Vec<Option<f64>>) -> SeriesRow {
    let kind = if values.len() == STEPS { SeriesKind::Flow } else { SeriesKind::State };
    SeriesRow {
        address: address.to_owned(),
        quantity: quantity.to_owned(),
        unit: unit.to_owned(),
        kind,
        element: address.to_owned(),
        class: None,
        use_: None,
        tier: None,
        values,
    }
}

fn of_class(works: &str, class: &str, use_: &str, quantity: &str, values: Vec<f64>) -> SeriesRow {
    SeriesRow {
        element: works.to_owned(),
        class: Some(class.to_owned()),
        use_: Some(use_.to_owned()),
        ..series(&format!("{works}.{class}"), quantity, "m3/s", some(values))
    }
}

fn element(id: &str, name: &str, kind: &str, part: Part, region: Option<&str>, from: Option<&str>) -> Element {
    Element {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        part,
        region: region.map(str::to_owned),
        from: from.map(str::to_owned),
        to: Vec::new(),
        on: Vec::new(),
        standby: id == "reserve",
    }
}

fn region(id: &str, name: &str, code: Option<&str>, parent: Option<&str>) -> RegionRow {
    RegionRow { id: id.to_owned(), name: name.to_owned(), code: code.map(str::to_owned), parent: parent.map(str::to_owned) }
}

/// Share supplied of a use in a step: dry in December.
fn share(step: usize, depth: f64) -> f64 {
    if (35..62).contains(&step) { 1.0 - depth * ((step - 35) as f64 / 27.0 * PI).sin() } else { 1.0 }
}

fn demand(works: &str, size: f64, depth: f64) -> Vec<SeriesRow> {
    let shape = |step: usize| 1.0 + 0.12 * (step as f64 / 15.0).sin();
    let mut rows = Vec::new();
    let mut total = (vec![0.0; STEPS], vec![0.0; STEPS]);
    for (class, use_, part, hit) in [
        ("residents", "domestic", 0.45, 0.1),
        ("industry", "industrial", 0.3, 0.6),
        ("irrigation", "agricultural", 0.25, 1.0),
    ] {
        let wanted: Vec<f64> = (0..STEPS).map(|s| size * part * shape(s)).collect();
        let got: Vec<f64> = (0..STEPS).map(|s| wanted[s] * share(s, depth * hit)).collect();
        for step in 0..STEPS {
            total.0[step] += wanted[step];
            total.1[step] += got[step];
        }
        rows.push(of_class(works, class, use_, "demand", wanted));
        rows.push(of_class(works, class, use_, "supply", got));
    }
    rows.push(series(works, "demand", "m3/s", some(total.0)));
    rows.push(series(works, "supply", "m3/s", some(total.1)));
    rows
}

fn reservoir(id: &str, size: f64, bottom: f64) -> Vec<SeriesRow> {
    let edges = edges();
    let level = |storage: f64| bottom + 25.0 * (storage / size).powf(0.6);
    let storage: Vec<f64> =
        edges.iter().map(|d| size * (0.62 - 0.0035 * *d as f64 + 0.03 * (*d as f64 / 9.0).sin())).collect();
    let inflow: Vec<f64> =
        (0..STEPS).map(|s| 12.0 + 6.0 * (s as f64 / 7.0).sin() + if s == 20 { 160.0 } else { 0.0 }).collect();
    let limit: Vec<Option<f64>> = edges.iter().map(|d| (*d > 0 && *d <= 14).then_some(size * 0.82)).collect();
    let mut rows = vec![
        series(id, "storage", "hm3", some(storage.clone())),
        series(id, "level", "m", some(storage.iter().map(|s| level(*s)))),
        series(id, "inflow", "m3/s", some(inflow)),
        series(id, "outflow", "m3/s", some((0..STEPS).map(|s| 14.0 + 4.0 * (s as f64 / 11.0).cos()))),
        series(id, "storage.flood_limit", "hm3", limit.clone()),
        series(id, "level.flood_limit", "m", limit.iter().map(|l| l.map(level)).collect()),
    ];
    for (name, part) in [("dead", 0.18), ("normal", 0.9), ("drought_warning", 0.35)] {
        rows.push(series(id, &format!("storage.{name}"), "hm3", some(edges.iter().map(|_| size * part))));
        rows.push(series(id, &format!("level.{name}"), "m", some(edges.iter().map(|_| level(size * part)))));
    }
    rows.push(series(
        &format!("{id}.turbines"),
        "flow",
        "m3/s",
        some((0..STEPS).map(|s| 10.0 + 4.0 * (s as f64 / 11.0).cos())),
    ));
    rows.push(series(&format!("{id}.eco"), "flow", "m3/s", some((0..STEPS).map(|_| 4.0))));
    rows.push(series(&format!("{id}.spillway"), "flow", "m3/s", some((0..STEPS).map(|s| if s == 21 { 90.0 } else { 0.0 }))));
    rows
}

fn satisfaction(region: &str, use_: &str, in_stream: bool, demand: f64, worst: f64) -> Vec<SatisfactionRow> {
    let row = |period: &str, label: &str, from: i64, to: i64, part: f64, ratio: f64| SatisfactionRow {
        region: Some(region.to_owned()),
        use_: use_.to_owned(),
        class: None,
        in_stream,
        period: period.to_owned(),
        label: label.to_owned(),
        from: stamp(from),
        to: stamp(to),
        demand_hm3: demand * part,
        curtailed_hm3: 0.0,
        supply_hm3: demand * part * ratio,
        floor_hm3: 0.0,
        ratio,
        above_floor: Some(ratio),
        entitled: 1.0,
        floor_met: ratio > 0.5,
        days_met: if ratio < 1.0 { (to - from) as f64 * ratio.powi(4) } else { (to - from) as f64 },
        days: (to - from) as f64,
        assurance: None,
        clause: None,
        reason: (ratio < 0.8 && period == "旬").then(|| "受北干渠过流能力限制，加放水库水无效".to_owned()),
    };
    vec![
        row("horizon", "全期", 0, 120, 1.0, 1.0 - (1.0 - worst) * 0.22),
        row("旬", "2026-12-上旬", 30, 40, 0.08, 1.0 - (1.0 - worst) * 0.5),
        row("旬", "2026-12-中旬", 40, 50, 0.08, worst),
        row("旬", "2026-12-下旬", 50, 61, 0.09, 1.0 - (1.0 - worst) * 0.6),
    ]
}

fn account(id: &str, name: &str, limit: f64, before: f64, planned: f64, band: Option<&str>) -> AccountRow {
    AccountRow {
        account: id.to_owned(),
        name: name.to_owned(),
        window: "2026".to_owned(),
        from: stamp(0),
        to: stamp(61),
        at_most: true,
        hard: false,
        limit_hm3: limit,
        used_before_hm3: before,
        available_hm3: (limit - before).max(0.0),
        planned_hm3: planned,
        left_hm3: limit - before - planned,
        excess_hm3: (before + planned - limit).max(0.0),
        forecast_to_window_end_hm3: before + planned,
        band: band.map(str::to_owned),
        note: None,
    }
}

fn warning(
    address: &str,
    [kind, grade, unit]: [&str; 3],
    [from, to]: [i64; 2],
    [value, target]: [f64; 2],
    [reason, advice]: [&str; 2],
) -> WarningRow {
    WarningRow {
        address: address.to_owned(),
        kind: kind.to_owned(),
        grade: grade.to_owned(),
        from: stamp(from),
        to: stamp(to),
        value,
        target,
        unit: unit.to_owned(),
        probability: None,
        hours_per_day: None,
        reason: Some(reason.to_owned()),
        advice: Some(advice.to_owned()),
    }
}

fn case() -> CaseRow {
    CaseRow {
        dry_year: None,
        inflow: Vec::new(),
        basin: "made_up".to_owned(),
        name: "虚构流域（测试用）".to_owned(),
        mode: "常规".to_owned(),
        headings: vec![DETERMINISTIC_HEADING.to_owned()],
        commands: Vec::new(),
        command_cost: Vec::new(),
        scenario: None,
        amended: None,
        curtailments: Vec::new(),
        foresight: "deterministic".to_owned(),
        basis_time: Some("2026-11-01T08:00:00+08:00".to_owned()),
        valid_from: stamp(0),
        valid_to: stamp(120),
        publishing_authority: None,
        degraded: Vec::new(),
        assumed: vec![
            Assumed { address: "upper.flood_limit".to_owned(), statement: "汛限水位 待核".to_owned() },
            Assumed {
                address: "release_lower".to_owned(), statement: "目标 8.6 m³/s、底线 4.3 m³/s 均为假设".to_owned()
            },
        ],
        notes: vec!["下库按日计算时不设库容".to_owned()],
    }
}

fn elements() -> Vec<Element> {
    let node = |id, name, kind, region| element(id, name, kind, Part::Node, region, None);
    let arc = |id, name, kind, from| element(id, name, kind, Part::Arc, None, Some(from));
    let rule = |id, name, kind| element(id, name, kind, Part::Requirement, None, None);
    vec![
        node("upper", "上库", "reservoir", None),
        node("lower", "下库", "reservoir", None),
        node("east_works", "东县水厂", "waterworks", Some("east")),
        node("west_works", "西县水厂", "waterworks", Some("west")),
        arc("upper.turbines", "上库电站", "turbine", "upper"),
        arc("upper.eco", "上库生态放水管", "ecological", "upper"),
        arc("upper.spillway", "上库溢洪道", "spillway", "upper"),
        arc("lower.turbines", "下库电站", "turbine", "lower"),
        arc("lower.eco", "下库生态放水管", "ecological", "lower"),
        arc("lower.spillway", "下库溢洪道", "spillway", "lower"),
        arc("river", "上游来水", "inflow", "source"),
        arc("reserve", "备用引水", "diversion", "source"),
        rule("release_lower", "下库工程下泄", "works_release"),
        rule("section_mouth", "河口断面", "section"),
        element("permit", "东县取水许可", "account", Part::Account, None, None),
    ]
}

fn all_series() -> Vec<SeriesRow> {
    let mut rows = Vec::new();
    rows.extend(reservoir("upper", 690.0, 117.0));
    rows.extend(reservoir("lower", 32.0, 15.0));
    rows.extend(demand("east_works", 9.0, 0.5));
    rows.extend(demand("west_works", 5.0, 0.25));
    rows.push(series("river", "flow", "m3/s", some((0..STEPS).map(|s| 20.0 + 8.0 * (s as f64 / 7.0).sin()))));
    rows.push(series("reserve", "flow", "m3/s", some((0..STEPS).map(|s| if (40..55).contains(&s) { 1.5 } else { 0.0 }))));
    for (id, size) in [("release_lower", 8.6), ("section_mouth", 12.0)] {
        let flow = (0..STEPS).map(|s| match s {
            20..=22 => size * 14.0,
            40..=52 if id == "release_lower" => size * (0.72 + 0.02 * (s - 40) as f64),
            _ => size * (1.1 + 0.1 * (s as f64 / 5.0).sin()),
        });
        rows.push(series(id, "flow", "m3/s", some(flow)));
        rows.push(series(id, "target", "m3/s", some((0..STEPS).map(|_| size))));
        rows.push(series(id, "floor", "m3/s", some((0..STEPS).map(|_| size / 2.0))));
    }
    rows
}

fn stage(objective: &str, name: &str, kind: &str, unit: &str, value: f64) -> StageRow {
    StageRow {
        objective: objective.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        sense: "minimise".to_owned(),
        unit: unit.to_owned(),
        value,
        bound: Some(value),
        gap: Some(0.0),
        tolerance: 0.0,
        outcome: "optimal".to_owned(),
        rates: Vec::new(),
    }
}

fn stages() -> Vec<StageRow> {
    vec![
        stage("domestic", "生活缺水", "shortage", "hm3", 1.234_567),
        stage("eco", "生态缺水", "ecological_shortfall", "hm3", 2.25),
        StageRow { sense: "maximise".to_owned(), ..stage("fair", "县际均衡", "balance", "1", 0.512) },
        StageRow { sense: "maximise".to_owned(), ..stage("power", "发电", "energy", "GWh", 36.9) },
    ]
}

#[expect(clippy::too_many_lines, reason = "a document has many parts")]
fn content() -> Content {
    let mut met = Vec::new();
    for (region, use_, in_stream, demand, worst) in [
        ("east", "domestic", false, 42.0, 0.95),
        ("east", "industrial", false, 28.0, 0.7),
        ("east", "agricultural", false, 23.0, 0.45),
        ("west", "domestic", false, 23.0, 1.0),
        ("west", "industrial", false, 15.5, 0.85),
        ("west", "agricultural", false, 12.9, 0.75),
        ("east", "ecological", true, 88.0, 0.8),
    ] {
        met.extend(satisfaction(region, use_, in_stream, demand, worst));
    }
    Content {
        schema: SCHEMA.to_owned(),
        case: case(),
        inputs: Inputs {
            basin: "9f".repeat(32),
            overlays: Vec::new(),
            gathered: Vec::new(),
            in_force: None,
            series: vec![SeriesInput {
                address: "river".to_owned(),
                unit: "m3/s".to_owned(),
                origin: "inflow.csv: upper".to_owned(),
                digest: "3c".repeat(32),
                last: Some(stamp(120)),
                substituted_by: None,
                assumed: true,
            }],
            start: vec![StartRow { address: "upper".to_owned(), storage_hm3: 427.8, level_m: 135.77 }],
        },
        engine: EngineRow {
            weir: "0.1.0".to_owned(),
            solver: "made-up solver 1.0".to_owned(),
            options: BTreeMap::from([("threads".to_owned(), "1".to_owned())]),
            rows: 1200,
            columns: 3400,
            non_zeros: 9000,
            program: "ab".repeat(32),
            starting_basis: None,
            final_basis: None,
        },
        horizon: HorizonRow {
            time_zone: "Asia/Shanghai".to_owned(),
            starts: edges()[..STEPS].iter().map(|d| stamp(*d)).collect(),
            end: stamp(120),
            lengths_s: edges().windows(2).map(|e| (e[1] - e[0]) as f64 * 86_400.0).collect(),
        },
        regions: vec![
            region("city", "虚构市", Some("990300"), None),
            region("east", "东县", Some("990301"), Some("city")),
            region("west", "西县", Some("990302"), Some("city")),
        ],
        elements: elements(),
        stages: stages(),
        front: None,
        closing: vec![ClosingRow {
            step: "equal_sharing".to_owned(),
            unit: "1".to_owned(),
            value: 0.4,
            outcome: "optimal".to_owned(),
        }],
        objectives: vec![
            ObjectiveRow {
                id: "domestic".to_owned(),
                name: "生活缺水".to_owned(),
                kind: "shortage".to_owned(),
                sense: "minimise".to_owned(),
                unit: "hm3".to_owned(),
                value: Some(1.234_567),
                stage: Some(1),
            },
            ObjectiveRow {
                id: "spill".to_owned(),
                name: "弃水".to_owned(),
                kind: "spill".to_owned(),
                sense: "minimise".to_owned(),
                unit: "hm3".to_owned(),
                value: Some(7.776),
                stage: None,
            },
        ],
        series: all_series(),
        water_values: ["upper", "lower"]
            .iter()
            .enumerate()
            .map(|(i, id)| WaterValueRow {
                address: (*id).to_owned(),
                stage: "domestic".to_owned(),
                unit: "hm3/hm3".to_owned(),
                values: some((0..STEPS).map(|s| if s < 62 { 0.4 + 0.2 * i as f64 } else { 0.0 })),
                more: some((0..STEPS).map(|s| if s < 62 { 0.3 + 0.2 * i as f64 } else { 0.0 })),
                less: some((0..STEPS).map(|s| if s < 62 { 0.4 + 0.2 * i as f64 } else { 0.1 })),
            })
            .collect(),
        satisfaction: met,
        short: Vec::new(),
        left_out: vec![LeftOut {
            address: "west_works.irrigation".to_owned(),
            region: Some("west".to_owned()),
            use_: "agricultural".to_owned(),
            reason: "上游梯田无供水工程".to_owned(),
        }],
        accounts: vec![
            account("permit", "东县取水许可", 90.0, 72.0, 14.0, Some("预警")),
            account("cap", "西县用水总量", 60.0, 48.0, 13.5, Some("超计划")),
        ],
        warnings: vec![
            warning(
                "release_lower",
                ["section", "黄色", "m3/s"],
                [40, 53],
                [6.19, 8.6],
                ["`upper` is at its lowest storage", "opening `upper` would help"],
            ),
            warning(
                "upper",
                ["level_below", "drought_warning", "m"],
                [78, 120],
                [129.31, 130.3],
                [
                    "until 2026-08-20 3.2 hm3 came into `upper`, and there left it: 4.5 hm3 for use",
                    "curtailments that may be ordered: `saving` by 20 % from response Ⅲ on",
                ],
            ),
        ],
        futures: None,
        relaxations: vec![RelaxationRow {
            address: "upper.flood_limit".to_owned(),
            class: Some("flood_limit".to_owned()),
            step: 0,
            from: stamp(0),
            to: stamp(1),
            hm3: 0.32,
            reason: Some("the outlets of `upper` pass all that they can, 12 m3/s".to_owned()),
            advice: Some("its outlets had no room for it before either".to_owned()),
        }],
        orders: Vec::new(),
        audit: AuditRow {
            passed: true,
            findings: Vec::new(),
            residuals: vec![FamilyResidual {
                family: "balance".to_owned(),
                checked: 1200,
                largest: 3e-12,
                address: Some("upper".to_owned()),
            }],
            replay: Vec::new(),
            replay_consequences: Vec::new(),
        },
        certificate: None,
    }
}

/// The made-up plan.
pub fn document() -> PlanDocument {
    PlanDocument::new(content())
}

/// The made-up plan with its content changed.
#[allow(dead_code, reason = "each test file takes what it needs")]
pub fn changed(change: impl FnOnce(&mut Content)) -> PlanDocument {
    let mut content = content();
    change(&mut content);
    PlanDocument::new(content)
}

/// A plan that holds one step and nothing else.
#[allow(dead_code, reason = "each test file takes what it needs")]
pub fn empty() -> PlanDocument {
    changed(|content| {
        content.horizon.starts.truncate(1);
        content.horizon.lengths_s.truncate(1);
        content.case.assumed.clear();
        content.case.headings.clear();
        content.inputs.series.clear();
        content.inputs.start.clear();
        content.regions.clear();
        content.elements.clear();
        content.stages.clear();
        content.closing.clear();
        content.objectives.clear();
        content.series.clear();
        content.water_values.clear();
        content.satisfaction.clear();
        content.left_out.clear();
        content.accounts.clear();
        content.warnings.clear();
        content.relaxations.clear();
    })
}
