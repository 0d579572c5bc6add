//! The API, asked by a real client over a real socket.

mod events;
mod plans;
mod problems;
mod readers;
mod roles;
mod served;
mod tokens;
