//! Solving the reference instances from nothing.
fn main() {}
