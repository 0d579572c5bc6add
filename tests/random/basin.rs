//! A small random basin as the text of a basin file: elements of every kind, rules of every class, goals of every kind, by every
//! method. Most have a plan; some have none; a few are refused. All numbers are made up.
//!
//! Water runs from each node to later ones, the last is the sea, so that nothing runs in a circle.

use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::draw::Draw;

/// What has been written so far, with what later parts may name.
pub struct Sketch {
    pub draw: Draw,
    pub text: String,
    pub start: Date,
    pub days: i64,
    pub nodes: Vec<String>,
    pub lakes: Vec<String>,
    /// Addresses of flows that rules may name.
    pub flows: Vec<String>,
    /// Outlets, diversions, canals and pumps.
    pub ways: Vec<String>,
    pub demands: Vec<String>,
    pub classes: Vec<&'static str>,
    pub inflows: Vec<String>,
    pub regions: Vec<String>,
    pub sections: Vec<String>,
    /// What goals may work for.
    pub has: Vec<&'static str>,
    pub integers: bool,
    pub method: &'static str,
    pub tight: bool,
}

/// The basin of a seed.
pub fn basin(seed: u64) -> String {
    let mut draw = Draw::new(seed);
    let starts = [date(2026, 1, 29), date(2026, 6, 1), date(2026, 7, 14), date(2026, 10, 30), date(2026, 12, 28)];
    let start = *draw.pick(&starts);
    let (steps, days) = *draw.pick(&[
        ("[\"5 x 1 d\"]", 5),
        ("[\"3 x 1 d\"]", 3),
        ("[\"8 x 6 h\"]", 2),
        ("[\"2 x 12 h\", \"3 x 1 d\"]", 4),
        ("[\"3 x 1 d\", \"2 x 旬\"]", 14),
        ("[\"4 x 旬\"]", 32),
        ("[\"3 x month\"]", 63),
        ("[\"1 x 1 d\"]", 1),
    ]);
    let (integers, tight) = (draw.chance(0.12), draw.chance(0.25));
    let mut sketch = Sketch {
        text: String::new(),
        start,
        days,
        nodes: Vec::new(),
        lakes: Vec::new(),
        flows: Vec::new(),
        ways: Vec::new(),
        demands: Vec::new(),
        classes: Vec::new(),
        inflows: Vec::new(),
        regions: Vec::new(),
        sections: Vec::new(),
        has: Vec::new(),
        integers,
        method: super::goals::method(&mut draw, integers),
        draw,
        tight,
    };
    sketch.head(seed, steps);
    sketch.river();
    sketch.uses();
    super::rules::rules(&mut sketch);
    super::goals::goals(&mut sketch);
    sketch.text
}

impl Sketch {
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub fn key(&mut self, key: &str, value: impl std::fmt::Display) {
        // Writing into a String cannot fail.
        let _ = writeln!(self.text, "{key} = {value}");
    }

    /// A key with a number, by chance.
    pub fn maybe(&mut self, chance: f64, key: &str, least: f64, most: f64) {
        if self.draw.chance(chance) {
            let value = self.draw.within(least, most);
            self.key(key, value);
        }
    }

    /// A number in time in one of its forms.
    pub fn varying(&mut self, least: f64, most: f64) -> String {
        let mut one = || format!("{}", self.draw.within(least, most));
        let (a, b) = (one(), one());
        match self.draw.below(6) {
            0 => format!("{{ profile = \"month\", values = [{}] }}", self.several(12, least, most)),
            1 => format!("{{ profile = \"旬\", values = [{}] }}", self.several(36, least, most)),
            2 => {
                let (from, to) = self.dates();
                format!("{{ seasons = [{{ from = \"{from}\", to = \"{to}\", value = {a} }}], otherwise = {b} }}")
            }
            _ => a,
        }
    }

    pub fn several(&mut self, count: usize, least: f64, most: f64) -> String {
        (0..count).map(|_| self.draw.within(least, most).to_string()).collect::<Vec<_>>().join(", ")
    }

    pub fn day(&mut self) -> Date {
        let after = self.draw.below(usize::try_from(self.days).unwrap_or(1)) as i64;
        self.start.checked_add(after.days()).unwrap_or(self.start)
    }

    /// Two dates of the horizon, in order.
    pub fn dates(&mut self) -> (Date, Date) {
        let (a, b) = (self.day(), self.day());
        (a.min(b), a.max(b))
    }

    fn head(&mut self, seed: u64, steps: &str) {
        self.line("# Made up: a random basin of weir's tests.");
        self.line("[basin]");
        self.key("id", format!("\"random_{seed}\""));
        if self.draw.chance(0.2) {
            let mode = *self.draw.pick(&["常规", "预泄", "防洪", "抗旱应急", "应急"]);
            self.key("mode", format!("\"{mode}\""));
        }
        if self.draw.chance(0.2) {
            let level = *self.draw.pick(&["Ⅳ", "Ⅲ", "Ⅱ", "Ⅰ"]);
            self.key("response_level", format!("\"{level}\""));
        }
        if self.draw.chance(0.1) {
            self.key("dry_year", "{ frequency_percent = 90, forecast_days = 3 }");
        }
        self.line("\n[horizon]");
        self.key("steps", steps);
        let start = self.start;
        self.key("start", format!("\"{start}\""));
        for id in ["upland", "lowland"] {
            if self.draw.chance(0.5) {
                self.line(&format!("\n[[region]]\nid = \"{id}\""));
                self.regions.push(id.to_owned());
            }
        }
    }

    pub fn region(&mut self) {
        if !self.regions.is_empty() && self.draw.chance(0.7) {
            let region = self.draw.pick(&self.regions).clone();
            self.key("region", format!("\"{region}\""));
        }
    }

    /// Nodes from the springs to the sea, with what runs between them.
    fn river(&mut self) {
        let count = 2 + self.draw.below(4);
        let kinds: Vec<bool> = (0..count).map(|_| self.draw.chance(0.55)).collect();
        self.nodes = (0..count).map(|i| format!("{}{i}", if kinds[i] { "lake" } else { "fork" })).collect();
        self.nodes.push("sea".to_owned());
        self.line("\n[[sink]]\nid = \"sea\"");
        for (i, is_lake) in kinds.into_iter().enumerate() {
            if is_lake {
                self.lake(i);
            } else {
                self.fork(i);
            }
            if i == 0 || self.draw.chance(0.6) {
                self.inflow(i);
            }
        }
        if self.draw.chance(0.3) {
            self.line("\n[[source]]\nid = \"spring\"");
            let available = self.varying(0.0, 15.0);
            self.key("available_m3s", available);
            self.way("diversion", "spring", count - 1);
        }
        if self.draw.chance(0.3) {
            self.line("\n[[aquifer]]\nid = \"ground\"\ncurve = [{ level_m = -20, storage_hm3 = 0 }, { level_m = 0, storage_hm3 = 30 }]");
            let level = self.draw.within(-18.0, -2.0);
            self.key("initial_level_m", level);
            if self.draw.chance(0.7) {
                let recharge = self.varying(0.0, 3.0);
                self.key("recharge_m3s", recharge);
            }
            self.maybe(0.3, "seepage_per_day", 0.0, 0.01);
            self.way("pump", "ground", count - 1);
        }
        for kind in ["diversion", "canal", "pump"] {
            if self.draw.chance(0.25) {
                let from = self.draw.below(count);
                let id = self.nodes[from].clone();
                self.way(kind, &id, from);
            }
        }
    }

    /// A node behind that one.
    fn below(&mut self, node: usize) -> String {
        let to = if self.draw.chance(0.7) { node + 1 } else { node + 1 + self.draw.below(self.nodes.len() - node - 1) };
        self.nodes[to].clone()
    }

    fn inflow(&mut self, into: usize) {
        let (id, node) = (format!("water{into}"), self.nodes[into].clone());
        self.line(&format!("\n[[inflow]]\nid = \"{id}\"\ninto = \"{node}\""));
        let least = if self.draw.chance(0.04) { -2.0 } else { 0.0 };
        let most = if self.draw.chance(0.15) { 400.0 } else { 40.0 };
        let flow = self.varying(least, most);
        self.key("flow_m3s", flow);
        self.inflows.push(id);
    }

    /// Lag, routing and loss, with the water on its way that they need.
    fn routing(&mut self) {
        let (lag, muskingum) = (self.draw.chance(0.3), self.draw.chance(0.15));
        if lag {
            let hours = *self.draw.pick(&[6.0, 12.0, 24.0, 30.0, 60.0]);
            self.key("lag_h", hours);
        }
        if muskingum {
            let (k, x) = (self.draw.within(2.0, 30.0), self.draw.within(0.0, 0.5));
            self.key("muskingum", format!("{{ k_h = {k}, x = {x} }}"));
        }
        if lag || muskingum {
            self.maybe(1.0, "past_flow_m3s", 0.0, 15.0);
        }
        self.maybe(0.15, "loss", 0.0, 0.3);
    }

    fn closed(&mut self, chance: f64) {
        if self.draw.chance(chance) {
            let (from, to) = self.dates();
            self.key("closed", format!("[{{ from = \"{from}\", to = \"{to}\" }}]"));
        }
    }

    /// How a way may be opened; binding with integers alone.
    fn opening(&mut self, capacity: f64) {
        let has_minimum = self.draw.chance(0.3);
        if has_minimum {
            let units = 1 + self.draw.below(3);
            let least = (capacity / units as f64 * self.draw.within(0.1, 0.8) * 1e3).floor() / 1e3;
            self.key("minimum_when_open_m3s", least);
            if units > 1 {
                self.key("units", units);
            } else if self.draw.chance(0.3) && least > 0.0 {
                let (from, to) = (least + 0.3 * (capacity - least), least + 0.5 * (capacity - least));
                self.key("forbidden", format!("[{{ from_m3s = {from:.3}, to_m3s = {to:.3} }}]"));
            }
            if self.draw.chance(0.3) {
                let hours = *self.draw.pick(&[12.0, 24.0, 48.0]);
                self.key("min_up_h", hours);
                self.key("min_down_h", hours);
            }
            if self.draw.chance(0.4) {
                self.maybe(1.0, "start_cost", 100.0, 5000.0);
                self.has.push("start_cost");
            }
        }
        if self.draw.chance(0.1) {
            let most = self.draw.below(3);
            self.key("changes", format!("{{ most = {most}, days = 3 }}"));
        }
    }

    fn lake(&mut self, i: usize) {
        let id = self.nodes[i].clone();
        self.line(&format!("\n[[reservoir]]\nid = \"{id}\""));
        let (full, middle) = (self.draw.within(5.0, 80.0), self.draw.within(0.15, 0.45));
        let half = full * middle;
        let areas = self.draw.chance(0.5);
        let area = |km2: f64| if areas { format!(", area_km2 = {km2}") } else { String::new() };
        self.key(
            "curve",
            format!(
                "[{{ level_m = 100, storage_hm3 = 0{} }}, {{ level_m = 110, storage_hm3 = {half:.3}{} }}, {{ level_m = 120, storage_hm3 = {full}{} }}]",
                area(0.1),
                area(full / 15.0),
                area(full / 8.0)
            ),
        );
        let (dead, normal) = (self.draw.within(100.0, 106.0), self.draw.within(114.0, 119.0));
        let mut levels = format!("dead = {dead}");
        for (name, level) in [("normal", normal), ("supply_lower", dead + 1.5), ("drought_warning", dead + 4.0)] {
            if self.draw.chance(0.4) {
                let _ = write!(levels, ", {name} = {level}");
            }
        }
        self.key("levels_m", format!("{{ {levels} }}"));
        if self.draw.chance(0.35) {
            let (from, to) = self.dates();
            let limit = self.draw.within(111.0, 114.0);
            self.key("flood_limit", format!("[{{ from = \"{from}\", to = \"{to}\", level_m = {limit} }}]"));
            self.has.push("flood_limit");
            if self.draw.chance(0.3) {
                self.key("flood_events", format!("[{{ from = \"{from}\", to = \"{to}\", observed_peak_m3s = 60 }}]"));
            }
        }
        let start = if self.draw.chance(0.1) { self.draw.within(100.0, 120.0) } else { self.draw.within(107.0, 113.0) };
        self.key("initial_level_m", start);
        match self.draw.below(4) {
            0 => self.maybe(1.0, "evaporation_mm_per_day", 0.0, 9.0),
            1 => {
                let depths = self.several(12, 20.0, 160.0);
                self.key("evaporation_mm", format!("{{ profile = \"month\", values = [{depths}] }}"));
            }
            _ => {}
        }
        self.maybe(0.15, "seepage_per_day", 0.0, 0.01);
        if self.draw.chance(0.35) {
            let (level, hard) = (self.draw.within(104.0, 113.0), self.draw.chance(0.2));
            self.key("end", format!("{{ level_m = {level}, hard = {hard} }}"));
            if !hard {
                self.has.push("end");
            }
        }
        if self.draw.chance(0.3) {
            let release = self.draw.within(0.0, 10.0);
            self.key(
                "zones",
                format!(
                    "[{{ name = \"low\", top_level_m = 107, supply = {{ industrial = 0.6, agricultural = 0.5 }}, response = \"Ⅲ\" }}, {{ name = \"high\", top_level_m = 113, release_m3s = {release} }}]"
                ),
            );
            self.has.push("zone");
        }
        let spillway = !self.tight || self.draw.chance(0.7);
        if spillway {
            self.outlet(i, "spill");
        }
        for word in ["gate", "turbine", "ecological"] {
            let chance = if word == "gate" { 0.8 } else { 0.4 };
            if self.draw.chance(chance) {
                self.outlet(i, word);
            }
        }
        self.flows.push(format!("{id}.outflow"));
        self.lakes.push(id);
    }

    fn outlet(&mut self, i: usize, word: &'static str) {
        let (id, to) = (self.nodes[i].clone(), self.below(i));
        self.line(&format!("  [[reservoir.outlet]]\nid = \"{word}_out\"\nto = \"{to}\""));
        let kind = if word == "spill" { "spillway" } else { word };
        self.key("kind", format!("\"{kind}\""));
        let capacity = self.draw.within(5.0, 80.0);
        if word == "spill" {
            self.has.push("spill");
            if self.draw.chance(0.25) {
                self.key("discharge", "[{ level_m = 112, capacity_m3s = 0 }, { level_m = 114, capacity_m3s = 120 }, { level_m = 120, capacity_m3s = 1500 }]");
                if self.draw.chance(0.4) {
                    self.key("free_overflow", true);
                }
            }
        } else if self.draw.chance(0.25) {
            self.key("discharge", format!("[{{ level_m = 101, capacity_m3s = 0 }}, {{ level_m = 108, capacity_m3s = {:.3} }}, {{ level_m = 120, capacity_m3s = {capacity} }}]", capacity * 0.7));
        } else {
            let varies = self.draw.chance(0.2);
            let capacity = if varies { self.varying(capacity * 0.5, capacity) } else { capacity.to_string() };
            self.key("capacity_m3s", capacity);
        }
        if word == "turbine" {
            match self.draw.below(3) {
                0 => self.maybe(1.0, "kwh_per_m3", 0.05, 0.4),
                1 => {
                    self.maybe(1.0, "head_m", 10.0, 60.0);
                    self.key("efficiency", 0.88);
                }
                _ => {
                    self.maybe(1.0, "tailwater_m", 60.0, 90.0);
                    self.key("efficiency", 0.88);
                    self.has.push("head");
                }
            }
            self.has.push("energy");
            if self.draw.chance(0.5) {
                let price = self.varying(0.2, 0.9);
                self.key("price_per_kwh", price);
                self.has.push("revenue");
            }
        }
        if word != "spill" {
            // A rating or a season may leave half of it.
            self.opening(capacity * 0.5);
            self.maybe(0.08, "floor_m3s", 0.0, 2.0);
            self.closed(if self.tight { 0.2 } else { 0.05 });
            self.maybe(0.3, "previous_flow_m3s", 0.0, capacity);
        }
        self.routing();
        self.flows.push(format!("{id}.{word}_out"));
        self.ways.push(format!("{id}.{word}_out"));
    }

    fn fork(&mut self, i: usize) {
        let id = self.nodes[i].clone();
        self.line(&format!("\n[[junction]]\nid = \"{id}\""));
        for branch in 0..=self.draw.below(2) {
            let (reach, to) = (format!("{id}_reach{branch}"), self.below(i));
            self.line(&format!("\n[[reach]]\nid = \"{reach}\"\nfrom = \"{id}\"\nto = \"{to}\""));
            if branch > 0 || (self.tight && self.draw.chance(0.3)) {
                self.maybe(1.0, "capacity_m3s", 20.0, 200.0);
            }
            self.maybe(0.05, "floor_m3s", 0.0, 1.0);
            self.routing();
            self.flows.push(format!("{reach}.flow"));
        }
        self.flows.push(format!("{id}.outflow"));
    }

    /// A diversion, canal or pump to a node behind.
    fn way(&mut self, kind: &str, from: &str, place: usize) {
        let (to, id) = (self.below(place), format!("{kind}_{from}"));
        self.line(&format!("\n[[{kind}]]\nid = \"{id}\"\nfrom = \"{from}\"\nto = \"{to}\""));
        let capacity = self.draw.within(1.0, 20.0);
        self.key("capacity_m3s", capacity);
        self.carried(kind, capacity);
        self.flows.push(format!("{id}.flow"));
        self.ways.push(id);
    }

    fn carried(&mut self, kind: &str, capacity: f64) {
        if self.draw.chance(0.4) {
            let price = self.varying(0.05, 1.0);
            self.key("price_per_m3", price);
            self.has.push("price");
        }
        if self.draw.chance(0.15) {
            self.key("opens_in", "[\"抗旱应急\", \"应急\"]");
        }
        if kind == "pump" {
            self.maybe(1.0, "kwh_per_m3", 0.05, 0.6);
            self.maybe(0.5, "price_per_kwh", 0.2, 0.9);
            self.has.push("pump");
        }
        self.opening(capacity);
        self.routing();
    }

    fn uses(&mut self) {
        for i in 0..self.draw.below(4) {
            let kind = *self.draw.pick(&["waterworks", "irrigation", "demand"]);
            let id = format!("user{i}");
            self.line(&format!("\n[[{kind}]]\nid = \"{id}\""));
            self.region();
            let place = self.draw.below(self.nodes.len() - 1);
            let from = self.nodes[place].clone();
            let by_canal = self.draw.chance(0.2);
            if !by_canal {
                self.key("from", format!("\"{from}\""));
                self.maybe(0.3, "capacity_m3s", 3.0, 20.0);
                self.maybe(0.2, "price_per_m3", 0.05, 1.0);
                self.closed(0.05);
                self.flows.push(format!("{id}.intake"));
            }
            let wanted = self.varying(0.5, 18.0);
            self.key("demand_m3s", wanted);
            let known = ["residents", "public", "industry", "irrigation", "livestock", "ecology"];
            let classes = if kind == "irrigation" && self.draw.chance(0.5) {
                vec!["irrigation"]
            } else {
                let classes = self.draw.some(&known, 3);
                let shares = [vec!["1"], vec!["0.6", "0.4"], vec!["0.5", "0.3", "0.2"]];
                let shares = &shares[classes.len() - 1];
                let table: Vec<String> = classes.iter().zip(shares).map(|(c, s)| format!("{c} = {s}")).collect();
                self.key("shares", format!("{{ {} }}", table.join(", ")));
                classes
            };
            self.of_classes(&classes);
            if self.draw.chance(0.3) {
                let (to, fraction) = (self.below(place), self.draw.within(0.1, 0.7));
                let lag = if self.draw.chance(0.4) { ", lag_h = 24, past_flow_m3s = 1.5" } else { "" };
                self.key("return_flow", format!("{{ to = \"{to}\", fraction = {fraction}{lag} }}"));
            }
            if by_canal {
                self.line(&format!("\n[[canal]]\nid = \"{id}_canal\"\nfrom = \"{from}\"\nto = \"{id}\""));
                let capacity = self.draw.within(1.0, 20.0);
                self.key("capacity_m3s", capacity);
                self.carried("canal", capacity);
                self.flows.push(format!("{id}_canal.flow"));
                self.ways.push(format!("{id}_canal"));
            }
            self.demands.push(id);
            self.classes.extend(classes);
            self.has.push("demand");
        }
        if !self.demands.is_empty() && self.draw.chance(0.3) {
            let class = *self.draw.pick(&self.classes);
            let (depth, lead) = (self.draw.within(0.05, 0.4), self.draw.below(2) * 12);
            self.line(&format!(
                "\n[[curtailment]]\nid = \"cut\"\nclasses = [\"{class}\"]\ndepth = {depth}\nlead_h = {lead}\nclause = \"made up\""
            ));
            if self.draw.chance(0.5) {
                let level = *self.draw.pick(&["Ⅳ", "Ⅲ", "Ⅱ"]);
                self.key("response", format!("\"{level}\""));
            } else {
                let (from, to) = (self.start, self.day());
                self.line(&format!("from = \"{from}\"\nto = \"{to}\""));
            }
        }
    }

    /// What a delivery's classes are owed.
    fn of_classes(&mut self, classes: &[&'static str]) {
        for class in classes {
            let dotted = |key: &str| format!("{key}.{class}");
            if self.draw.chance(0.4) {
                self.key(&dotted("tiers"), "[0.5, 0.8, 1]");
            }
            if self.draw.chance(if self.tight { 0.4 } else { 0.15 }) {
                let most = if self.tight { 0.7 } else { 0.2 };
                self.maybe(1.0, &dotted("floor"), 0.05, most);
            }
            self.maybe(0.2, &dotted("target"), 0.8, 1.0);
            if self.draw.chance(0.2) {
                let weight = self.varying(0.5, 3.0);
                self.key(&dotted("weights"), weight);
            }
            if self.draw.chance(0.3) {
                self.maybe(1.0, &dotted("benefit_per_m3"), 0.2, 5.0);
                self.has.push("benefit");
            }
        }
    }
}
