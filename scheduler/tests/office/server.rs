//! A PostgreSQL server: Debian's, started in a temporary folder on a port of its own.
//!
//! Where it is not installed a test says so and passes, but not in CI, where `CI` is set.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::skipped::skipped;

/// The newest server installed.
fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("pg_ctl").exists())
        .collect();
    found.sort();
    found.pop()
}

/// A server that ends with the test.
pub struct Server {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
}

/// A command of the server's, by its own user where this one is root: it refuses to run as root.
fn as_user(program: &Path) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.starts_with(b"0\n") {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        return command;
    }
    Command::new(program)
}

impl Server {
    /// A server on a free port; none, and said aloud, where none is installed.
    pub fn new() -> Option<Self> {
        let Some(bin) = binaries() else {
            assert!(std::env::var("CI").is_err(), "PostgreSQL is not installed");
            skipped("PostgreSQL is not installed (Debian: postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("weir-postgres").tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let made = as_user(&bin.join("initdb"))
            .args(["--auth=trust", "--username=weir", "--no-sync", "-D"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { bin, folder, port: free.local_addr().unwrap().port() };
        drop(free);
        server.start();
        Some(server)
    }

    /// Its address, without a database.
    pub fn url(&self) -> String {
        format!("postgres://weir@127.0.0.1:{}", self.port)
    }

    /// Makes a database, and says where it is.
    pub fn database(&self, name: &str) -> String {
        let port = self.port.to_string();
        let made = Command::new(self.bin.join("createdb"))
            .args(["-h", "127.0.0.1", "-p", &port, "-U", "weir", name])
            .status()
            .unwrap();
        assert!(made.success());
        format!("{}/{name}", self.url())
    }

    /// Starts it, or starts it again.
    pub fn start(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 -c fsync=off",
            self.port
        );
        let log = self.folder.path().join("log");
        let started = as_user(&self.bin.join("pg_ctl"))
            .args(["start", "-w", "-D"])
            .arg(self.folder.path().join("data"))
            .arg("-l")
            .arg(&log)
            .args(["-o", &options])
            .status()
            .unwrap();
        assert!(started.success(), "{}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// Ends it at once, as a crash would.
    pub fn stop(&self) {
        let mut stop = as_user(&self.bin.join("pg_ctl"));
        // A server that is gone already needs no stop.
        let _ = stop.args(["stop", "-m", "immediate", "-D"]).arg(self.folder.path().join("data")).output();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
