//! What orders may set: `[[order]]` of `jobs.toml`, a flow each, with its dead band and the numbers that it is rounded to.

use weir_model::basin::entry::Entry;

use crate::job::id_of;

/// Something that orders set.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderSettings {
    /// Id.
    pub id: String,
    /// What is set, as people read it.
    pub name: String,
    /// Address of a flow of the basin: `shanxi.outflow`, `shanxi.turbines`.
    pub on: String,
    /// Who carries orders out.
    pub unit: String,
    /// Departure from the standing order within which it is kept, m³/s.
    pub dead_band_m3s: f64,
    /// What a setting is rounded to.
    pub rounding: Rounding,
    /// Days that an order sets, from the step that it is carried out in.
    pub days: i64,
    /// Hours that the works need from the run to carrying it out.
    pub lead_h: i64,
    /// Who gets a copy.
    pub copies: Vec<String>,
}

/// What a setting is rounded to.
#[derive(Clone, Debug, PartialEq)]
pub enum Rounding {
    /// Multiples of a flow, m³/s.
    Step(f64),
    /// One of these flows, m³/s, rising: of so many units, of so many holes.
    Settings(Vec<f64>),
}

impl Rounding {
    /// The settings on either side of a flow, the nearest first.
    pub fn around(&self, flow_m3s: f64) -> Vec<f64> {
        let mut around = match self {
            Self::Step(step) => {
                let below = (flow_m3s / step).floor() * step;
                vec![below, below + step]
            }
            Self::Settings(settings) => {
                let above = settings.partition_point(|setting| *setting <= flow_m3s);
                let neighbours = [above.checked_sub(1), Some(above)].into_iter().flatten();
                neighbours.filter_map(|place| settings.get(place).copied()).collect()
            }
        };
        around.sort_by(|a, b| (a - flow_m3s).abs().total_cmp(&(b - flow_m3s).abs()));
        around
    }
}

/// Reads all `[[order]]`.
pub(crate) fn read(root: &Entry) -> Vec<OrderSettings> {
    let mut all: Vec<OrderSettings> = Vec::new();
    for mut entry in root.tables("order") {
        let id = id_of(&mut entry, "an order's id: letters, digits, `_` and `-`");
        let settings = one(&entry);
        entry.finish();
        let (Some(id), Some(settings)) = (id, settings) else { continue };
        if all.iter().any(|other| other.id == id.value) {
            let hint = Some("give each order its own".to_owned());
            entry.refuse(&id.place, format!("`id`: `{}` stands twice", id.value), hint);
        }
        let name = Some(settings.name).filter(|name| !name.is_empty()).unwrap_or_else(|| id.value.clone());
        all.push(OrderSettings { id: id.value, name, ..settings });
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

fn one(entry: &Entry) -> Option<OrderSettings> {
    let on = entry.required_text("on");
    let unit = entry.required_text("unit");
    let step = entry.number_within("round_m3s", 0.001, 10_000.0);
    let settings = entry.numbers("settings_m3s");
    if let (Some(step), Some(_)) = (&step, &settings) {
        let message = "`round_m3s` beside `settings_m3s`";
        entry.refuse(&step.place, message, Some("a step, or the settings one by one".to_owned()));
    }
    if let Some(settings) = &settings {
        let rises = settings.value.windows(2).all(|pair| pair[0] < pair[1]);
        if !rises || settings.value.iter().any(|setting| *setting < 0.0) || settings.value.is_empty() {
            let hint = Some("such as `settings_m3s = [0, 34, 68]`".to_owned());
            entry.refuse(&settings.place, "`settings_m3s`: expected rising flows from 0 on", hint);
        }
    }
    let dead_band = entry.number_within("dead_band_m3s", 0.0, 100_000.0);
    let days = crate::job::whole(entry, "days", (1.0, 366.0), 1);
    let lead_h = crate::job::whole(entry, "lead_h", (0.0, 720.0), 0);
    let rounding = settings.map_or_else(
        || Rounding::Step(step.as_ref().map_or(10.0, |step| step.value)),
        |settings| Rounding::Settings(settings.value),
    );
    Some(OrderSettings {
        id: String::new(),
        name: entry.text("name").map_or_else(String::new, |name| name.value),
        on: on?.value,
        unit: unit?.value,
        dead_band_m3s: dead_band.map_or(10.0, |band| band.value),
        rounding,
        days,
        lead_h,
        copies: entry.texts("copies").into_iter().map(|copy| copy.value).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_has_a_setting_on_either_side() {
        assert_eq!(Rounding::Step(10.0).around(57.0), [60.0, 50.0]);
        assert_eq!(Rounding::Step(10.0).around(60.0), [60.0, 70.0]);
        let units = Rounding::Settings(vec![0.0, 34.0, 68.0]);
        assert_eq!((units.around(20.0), units.around(80.0)), (vec![34.0, 0.0], vec![68.0]));
    }
}
