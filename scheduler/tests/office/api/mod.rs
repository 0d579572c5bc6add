//! The API, asked by a real client over a real socket.

mod events;
mod job_changes;
mod plans;
mod problems;
mod readers;
mod roles;
pub mod served;
mod tokens;
