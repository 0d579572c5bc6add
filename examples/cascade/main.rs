//! `cargo run --release --example cascade -- [rich|on_off] N T FOLDER`: writes a cascade of N reservoirs over T days, plain, rich, or
//! rich with turbines that are on or off, as a basin folder.

use std::path::Path;

mod generate;
mod rich;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (write, arguments): (fn(usize, usize, &Path) -> _, _) = match arguments.split_first() {
        Some((word, rest)) if word == "rich" => (rich::write, rest),
        Some((word, rest)) if word == "on_off" => (rich::write_on_off, rest),
        _ => (generate::write, arguments.as_slice()),
    };
    let parsed = match arguments {
        [n, days, folder] => n.parse().ok().zip(days.parse().ok()).map(|(n, days)| (n, days, folder)),
        _ => None,
    };
    match parsed {
        Some((n, days, folder)) if n > 0 && days > 0 => write(n, days, Path::new(folder)),
        _ => Err(std::io::Error::other("usage: cascade [rich|on_off] N T FOLDER, such as 10 365 out/cascade")),
    }
}
