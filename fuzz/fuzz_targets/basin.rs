//! Reads and lowers any bytes as a basin file: it must be read or refused, never panic.
//!
//! The bytes before the first NUL are the basin file, those after it are every file that it names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use weir_model::basin::Basin;
use weir_model::lower::lower;

fuzz_target!(|bytes: &[u8]| {
    let cut = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (file, table) = bytes.split_at(cut);
    let load = |_: &str| Ok(table.get(1..).unwrap_or_default().to_vec());
    let _ = Basin::parse(file, &load).and_then(|basin| lower(&basin, None));
});
