//! Numbers as sentences hold them.

/// A number to a thousandth, of small ones five digits.
pub fn told(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let decimals = if value.abs() >= 0.1 { 3 } else { (4 - value.abs().log10().floor() as i32).clamp(3, 8) as usize };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
