//! A client of the bridge's stream in Rust (tungstenite), written from docs/websocket.md.
//!
//!     client TYPE URL...
//!
//! It follows events of one type from now on. After a broken connection it goes on where it was, at the next URL. Each event is a line
//! {"event", "id", "hash"}; besides it says {"live"} and {"gap"}.
use std::{collections::HashSet, error::Error, net::TcpStream, process::exit, thread::sleep, time::Duration};

use serde_json::{Value, json};
use tungstenite::{
    Message, WebSocket,
    client::{IntoClientRequest, client},
    http::{HeaderValue, Request, header::SEC_WEBSOCKET_PROTOCOL},
};

const SUBPROTOCOL: &str = "gossip-bridge.v1+json";
/// The server says something every 10 s.
const SILENCE: Duration = Duration::from_secs(25);
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
const BROKE_THE_PROTOCOL: u16 = 4400;

type Fault = Box<dyn Error>;

struct Follower {
    event_type: String,
    /// Where to go on; none before the first place is known.
    cursor: Option<String>,
    seen: HashSet<String>,
    wait: Duration,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let event_type = arguments.next().unwrap_or_default();
    let urls: Vec<String> = arguments.collect();
    if urls.is_empty() {
        eprintln!("usage: client TYPE URL...");
        exit(2);
    }
    let mut follower = Follower { event_type, cursor: None, seen: HashSet::new(), wait: FIRST_WAIT };
    for url in urls.iter().cycle() {
        if let Ok(Some(BROKE_THE_PROTOCOL)) = follower.follow(url) {
            eprintln!("the server does not understand this client: closed with {BROKE_THE_PROTOCOL}");
            exit(1);
        }
        sleep(follower.wait.mul_f64(0.5 + rand::random::<f64>()));
        follower.wait = LONGEST_WAIT.min(follower.wait * 2);
    }
}

impl Follower {
    /// One connection, until it ends; the code with which the server closed it, if it did.
    fn follow(&mut self, url: &str) -> Result<Option<u16>, Fault> {
        let mut socket = connect(url)?;
        loop {
            let text = match socket.read()? {
                Message::Text(text) => text,
                Message::Close(close) => return Ok(close.map(|frame| frame.code.into())),
                _ => continue,
            };
            let message: Value = serde_json::from_str(&text)?;
            if message["type"] == "hello" {
                self.cursor = self.cursor.take().or_else(|| owned(&message["newest"]));
                socket.send(Message::text(self.subscription().to_string()))?;
            }
            self.handle(&message);
        }
    }

    fn subscription(&self) -> Value {
        match &self.cursor {
            Some(cursor) => json!({"type": "subscribe", "types": [self.event_type], "cursor": cursor}),
            None => json!({"type": "subscribe", "types": [self.event_type], "since": 0}),
        }
    }

    fn handle(&mut self, message: &Value) {
        match message["type"].as_str() {
            Some("event") => {
                let id = owned(&message["id"]).unwrap_or_default();
                if self.seen.insert(id.clone()) {
                    say(json!({"event": "event", "id": id, "hash": message["data"]["subtree"]["hash"]}));
                }
            }
            Some("gap") => say(json!({"event": "gap", "reason": message["reason"]})),
            Some("caught-up") => {
                self.wait = FIRST_WAIT;
                say(json!({"event": "live"}));
            }
            _ => {}
        }
        if let Some(cursor) = owned(&message["cursor"]) {
            self.cursor = Some(cursor);
        }
    }
}

fn connect(url: &str) -> Result<WebSocket<TcpStream>, Fault> {
    let mut request: Request<()> = url.into_client_request()?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    let host = request.uri().host().ok_or("the URL has no host")?.to_owned();
    let stream = TcpStream::connect((host, request.uri().port_u16().unwrap_or(80)))?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let (socket, _) = client(request, stream).map_err(|error| error.to_string())?;
    Ok(socket)
}

fn owned(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn say(line: Value) {
    println!("{line}");
}
