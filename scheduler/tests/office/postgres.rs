//! The same office over PostgreSQL: every test of this program once more, each with a database of its own.

use std::process::Command;

use crate::made::STORE;
use crate::server::Server;

#[test]
fn the_same_over_postgresql() {
    if std::env::var(STORE).is_ok() {
        return;
    }
    let Some(server) = Server::new() else { return };
    let again = Command::new(std::env::current_exe().unwrap())
        .args(["--test-threads", "4"])
        .env(STORE, server.url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{said}");
    assert!(said.contains("of_four_instances_one_runs_each_morning ... ok"), "{said}");
}
