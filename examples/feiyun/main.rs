//! `cargo run --release --example feiyun-series [-- FOLDER]`: writes the synthetic inflow and record of the Feiyun example
//! (default folder: `examples/feiyun/series`) and says how dry the year written is.

use std::path::PathBuf;

mod generate;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("examples/feiyun/series"), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("inflow.csv"), generate::inflow())?;
    std::fs::write(folder.join("record.csv"), generate::record())?;
    let (written, normal) = generate::volumes_hm3();
    println!("{} hm3 in the year written; were each month as wet as normal, {} hm3", written.round(), normal.round());
    println!("{} hm3 is the drained area's part of the published annual runoff", generate::published_hm3().round());
    Ok(())
}
