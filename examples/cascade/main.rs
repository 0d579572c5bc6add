//! `cargo run --release --example cascade -- N T FOLDER`: writes a cascade of N reservoirs over T days as a basin folder.

use std::path::Path;

mod generate;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parsed = match arguments.as_slice() {
        [n, days, folder] => n.parse().ok().zip(days.parse().ok()).map(|(n, days)| (n, days, folder)),
        _ => None,
    };
    match parsed {
        Some((n, days, folder)) if n > 0 && days > 0 => generate::write(n, days, Path::new(folder)),
        _ => Err(std::io::Error::other("usage: cascade N T FOLDER, such as 10 365 out/cascade")),
    }
}
