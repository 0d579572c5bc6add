//! Units of measurement: marker types up to [`Case`](crate::case::Case), and the few conversion factors between them.
//!
//! Units: a flow is m³/s (mean over its step), a storage hm³ (10⁶ m³), a level m, an area km², a depth mm, an energy GWh.

/// Seconds in a day.
pub const SECONDS_PER_DAY: f64 = 86_400.0;
/// hm³ in one m³: a flow of `q` m³/s over a step of `s` seconds is `q * s * HM3_PER_M3` hm³.
pub const HM3_PER_M3: f64 = 1e-6;
/// 万m³ (10⁴ m³) in one hm³.
pub const WAN_M3_PER_HM3: f64 = 100.0;
/// 亿m³ (10⁸ m³) in one hm³.
pub const YI_M3_PER_HM3: f64 = 0.01;

macro_rules! unit {
    ($($(#[$doc:meta])* $name:ident = $symbol:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;
        impl Unit for $name { const SYMBOL: &'static str = $symbol; }
    )*};
}

/// A unit that a [`Param`](crate::forcing::Param) carries in its type, so that a level is never read as a storage.
pub trait Unit {
    /// The unit as documents print it.
    const SYMBOL: &'static str;
}

unit! {
    /// m³/s, mean over a step.
    Flow = "m3/s";
    /// hm³ = 10⁶ m³.
    Volume = "hm3";
    /// m above the basin's datum.
    Level = "m";
    /// mm a day.
    Depth = "mm/d";
    /// A plain number: share, weight, efficiency.
    Ratio = "1";
    /// Currency (yuan 元) a m³, which is million yuan a hm³.
    PricePerVolume = "yuan/m3";
    /// Currency (yuan 元) a kWh, which is million yuan a GWh.
    PricePerEnergy = "yuan/kWh";
}
