//! The monotone curve of a reservoir: level ↔ storage ↔ area, linear between its points.
//!
//! Units: level m, storage hm³, area km². Fails: levels or storages that do not rise, areas that fall.

/// A monotone curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Points, rising in level and storage.
    pub points: Vec<CurvePoint>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// m
    pub level_m: f64,
    /// hm³
    pub storage_hm3: f64,
    /// km²
    pub area_km2: f64,
}
