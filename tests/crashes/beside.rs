//! What stands beside an office, over HTTP: a gauge that is asked for the level, and a receiver that is told of plans.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// What just happened here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A run gathers.
    Asked,
    /// A message arrived.
    Told,
}

/// The gauge and the receiver.
pub struct Beside {
    pub port: u16,
    /// Keys and numbers of all that arrived, in the order of their arrival.
    pub told: Arc<Mutex<Vec<(String, i64)>>>,
    pub happens: Receiver<Happened>,
}

impl Beside {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = Arc::new(Mutex::new(Vec::new()));
        let (happened, happens) = channel();
        let kept = Arc::clone(&told);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (told, happened) = (Arc::clone(&kept), happened.clone());
                // A connection that is killed half-way has nothing to tell.
                std::thread::spawn(move || answer(&connection?, &told, &happened));
            }
        });
        Self { port, told, happens }
    }

    /// Waits until something happens, at most so long.
    pub fn wait(&self, until: Happened, longest: Duration) {
        while self.happens.try_recv().is_ok() {}
        let begun = std::time::Instant::now();
        while let Ok(happened) = self.happens.recv_timeout(longest.saturating_sub(begun.elapsed())) {
            if happened == until {
                return;
            }
        }
    }
}

fn answer(mut connection: &TcpStream, told: &Mutex<Vec<(String, i64)>>, happened: &Sender<Happened>) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    let (mut head, mut length) = (String::new(), 0);
    while reader.read_line(&mut head)? > 2 {
        let line = head.lines().last().unwrap_or_default().to_lowercase();
        length = line.strip_prefix("content-length:").and_then(|text| text.trim().parse().ok()).unwrap_or(length);
    }
    if head.starts_with("GET") {
        // The test may be over.
        let _ = happened.send(Happened::Asked);
        // A gauge is some way off.
        std::thread::sleep(Duration::from_millis(20));
        let body = format!(r#"[{{"t": "{}", "v": 12.5}}]"#, Timestamp::now() - SignedDuration::from_mins(5));
        return write!(connection, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let event: Value = serde_json::from_slice(&body)?;
    let key = event["id"].as_str().unwrap().to_owned();
    let mut told = told.lock().unwrap();
    told.push((key, event["data"]["sequence"].as_i64().unwrap()));
    let is_lost = told.len() % 20 == 7;
    drop(told);
    let _ = happened.send(Happened::Told);
    // Now and then what arrived is never answered.
    if is_lost { Ok(()) } else { write!(connection, "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n") }
}
