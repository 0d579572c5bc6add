//! Rules of a random basin: sections, safe discharge, operation, accounts, an order in force, groups.

use jiff::ToSpan;

use super::basin::Sketch;

/// Some of each.
pub fn rules(sketch: &mut Sketch) {
    for i in 0..sketch.draw.below(3) {
        sketch.section(i);
    }
    if sketch.draw.chance(0.3) {
        let on = sketch.draw.pick(&sketch.flows).clone();
        let ceiling = if sketch.tight { sketch.draw.within(20.0, 100.0) } else { sketch.draw.within(300.0, 900.0) };
        sketch.line(&format!("\n[[safe_discharge]]\nid = \"safe\"\non = \"{on}\"\nceiling_m3s = {ceiling}"));
        sketch.has.push("safe");
    }
    for i in 0..sketch.draw.below(3) {
        sketch.operation(i);
    }
    for i in 0..sketch.draw.below(3) {
        sketch.account(i);
    }
    if sketch.draw.chance(0.15) {
        sketch.command();
    }
    if sketch.ways.len() >= 2 && sketch.draw.chance(0.2) {
        let of = sketch.draw.some(&sketch.ways.clone(), 3);
        if of.len() >= 2 {
            let most = 1 + sketch.draw.below(of.len() - 1);
            sketch.line(&format!("\n[[group]]\nid = \"either\"\nof = {of:?}\nmost_open = {most}"));
        }
    }
}

impl Sketch {
    fn section(&mut self, i: usize) {
        let (on, id) = (self.draw.pick(&self.flows).clone(), format!("section{i}"));
        let kind = *self.draw.pick(&["section", "works_release"]);
        self.line(&format!("\n[[control_section]]\nid = \"{id}\"\nkind = \"{kind}\"\non = \"{on}\""));
        self.region();
        let target = self.draw.within(1.0, 15.0);
        self.key("target_m3s", target);
        let floor = if self.tight { 0.5 } else { 0.1 };
        self.maybe(floor, "floor_m3s", 0.0, target * floor);
        if self.draw.chance(0.3) {
            self.key("target_parts", "[0.5, 1]");
        }
        if self.draw.chance(0.3) {
            self.key("floor_rule", "\"min_of_natural_inflow\"");
        }
        let on_means = self.draw.chance(0.3);
        if on_means {
            let period = *self.draw.pick(&["day", "旬", "month"]);
            self.key("period", format!("\"{period}\""));
        }
        if self.draw.chance(0.5) {
            self.key("grades", "{ blue = 1.2, orange = 1.0, red = 0.8 }");
        }
        if !on_means && self.draw.chance(0.2) {
            let share = self.draw.within(0.1, 0.9);
            self.key("assurance", format!("{{ share = {share}, met_days = 20, failed_days = 2, longest_days = 4 }}"));
        }
        self.sections.push(id);
    }

    fn operation(&mut self, i: usize) {
        self.line(&format!("\n[[operation]]\nid = \"operation{i}\""));
        if self.lakes.is_empty() || self.draw.chance(0.5) {
            let on = self.draw.pick(&self.flows).clone();
            self.key("on", format!("\"{on}\""));
            match self.draw.below(4) {
                0 => self.maybe(1.0, "floor_m3s", 0.0, if self.tight { 6.0 } else { 0.5 }),
                1 => self.maybe(1.0, "ceiling_m3s", if self.tight { 20.0 } else { 200.0 }, 500.0),
                2 => self.maybe(1.0, "rise_m3s_per_day", 10.0, 200.0),
                _ => self.maybe(1.0, "fall_m3s_per_day", 10.0, 200.0),
            }
        } else {
            let lake = self.draw.pick(&self.lakes).clone();
            match self.draw.below(6) {
                0 => {
                    self.key("on", format!("\"{lake}.level\""));
                    self.maybe(1.0, "floor_level_m", 100.0, if self.tight { 108.0 } else { 104.0 });
                }
                1 => {
                    self.key("on", format!("\"{lake}.level\""));
                    self.maybe(1.0, "ceiling_level_m", 114.0, 120.0);
                }
                2 => {
                    self.key("on", format!("\"{lake}.level\""));
                    self.maybe(1.0, "fall_level_m_per_day", 1.0, 5.0);
                }
                3 => {
                    self.key("on", format!("\"{lake}.storage\""));
                    self.maybe(1.0, "rise_hm3_per_day", 5.0, 50.0);
                }
                4 => {
                    self.key("on", format!("\"{lake}.storage\""));
                    self.maybe(1.0, "floor_hm3", 0.0, 2.0);
                }
                _ => {
                    self.key("on", format!("\"{lake}.storage\""));
                    self.maybe(1.0, "fall_hm3_per_day", 1.0, 20.0);
                }
            }
        }
        if self.draw.chance(0.3) {
            self.key("class", "\"legal\"");
        }
    }

    fn account(&mut self, i: usize) {
        let over = self.draw.some(&self.flows.clone(), 1);
        let (of, coefficient) = (&over[0], self.draw.within(0.3, 1.0));
        let over = if self.draw.chance(0.3) {
            format!("[{{ of = \"{of}\", coefficient = {coefficient} }}]")
        } else {
            format!("[\"{of}\"]")
        };
        self.line(&format!("\n[[account]]\nid = \"account{i}\"\nover = {over}"));
        let at_least = self.draw.chance(0.2);
        if at_least {
            self.key("sense", "\"at_least\"");
        }
        let month = self.draw.chance(0.4);
        self.key("window", if month { "\"month\"" } else { "\"year\"" });
        let limit = if at_least { self.draw.within(0.1, 3.0) } else { self.draw.within(5.0, 400.0) };
        self.key("limit_hm3", limit);
        let eve = self.start.checked_sub(1.day()).unwrap_or(self.start);
        let used = limit * self.draw.within(0.2, 1.0);
        self.key("used_before_hm3", format!("{{ value = {used:.3}, to = \"{eve}\", source = \"made up\" }}"));
        if self.draw.chance(0.3) {
            self.key("bands", "{ \"提示\" = 0.8, \"预警\" = 0.9, \"超计划\" = 1.0 }");
        }
        if self.draw.chance(0.2) {
            self.key("plan_hm3", "[5, 5, 6, 6, 8, 9, 9, 9, 8, 6, 5, 5]");
        }
        if self.draw.chance(0.1) && !self.inflows.is_empty() {
            let inflow = self.draw.pick(&self.inflows).clone();
            self.key(
                "scaled_by",
                format!("{{ inflows = [\"{inflow}\"], planned_hm3 = [9, 9, 12, 20, 30, 40, 30, 30, 20, 15, 9, 9] }}"),
            );
        }
        if self.draw.chance(if self.tight { 0.5 } else { 0.2 }) {
            self.key("document", "\"made up 1\"");
        } else {
            self.has.push("account");
        }
    }

    fn command(&mut self) {
        let (from, to) = self.dates();
        self.line(&format!(
            "\n[[command]]\nid = \"order_1\"\nissuer = \"made up\"\nnumber = \"1\"\nfrom = \"{from}\"\nto = \"{to}\""
        ));
        if self.lakes.is_empty() || self.draw.chance(0.7) {
            let on = self.draw.pick(&self.flows).clone();
            self.key("on", format!("\"{on}\""));
            let key = *self.draw.pick(&["flow_m3s", "minimum_m3s", "maximum_m3s"]);
            self.maybe(1.0, key, 1.0, 60.0);
        } else {
            let lake = self.draw.pick(&self.lakes).clone();
            self.key("on", format!("\"{lake}.level\""));
            let key = *self.draw.pick(&["minimum_level_m", "maximum_level_m"]);
            self.maybe(1.0, key, 105.0, 115.0);
        }
    }
}
