//! How long a turbine runs whose mean flow is under the least at which it can: h × least + (24 − h) × floor = 24 × (its flow + that of the
//! outlets beside it), where one of them lets the floor below the dam out while it stands.
//!
//! Units: m³/s, hours a day.

/// Flows that nobody speaks of, m³/s.
pub const NOTHING_M3S: f64 = 1e-6;

/// Hours a day that its water lasts at its least flow, as its mean and that of the outlets beside it have it. Of what it has the floor is
/// taken off where it has to be let out beside it for the rest of the day.
pub fn running_hours((turbine_m3s, others_m3s): (f64, f64), least_m3s: f64, floor_beside_m3s: Option<f64>) -> f64 {
    match floor_beside_m3s.filter(|floor| (others_m3s + NOTHING_M3S..least_m3s).contains(floor)) {
        Some(floor) => (24.0 * (turbine_m3s + others_m3s - floor) / (least_m3s - floor)).clamp(0.0, 24.0),
        None => 24.0 * turbine_m3s / least_m3s,
    }
}
