//! A peer in Rust for the tests: rust-libp2p with its GossipSub, by its default limits, as other nodes run it. It takes one command
//! a line on its standard input and says what happens as one JSON object a line on its standard output; see protocol.md.
use std::{collections::VecDeque, error::Error, str::FromStr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use futures::{StreamExt, future::Either};
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder, Transport,
    core::upgrade::Version,
    StreamProtocol, gossipsub, identify, identity, kad, noise, ping,
    pnet::{PnetConfig, PreSharedKey},
    swarm::{
        NetworkBehaviour, SwarmEvent,
        behaviour::toggle::Toggle,
        dial_opts::{DialOpts, PeerCondition},
    },
    tcp, yamux,
};
use sha2::{Digest, Sha256};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::{Instant, sleep_until},
};

type Fault = Box<dyn Error>;

#[derive(NetworkBehaviour)]
struct Behaviour {
    gossipsub: gossipsub::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    kad: Toggle<kad::Behaviour<kad::store::MemoryStore>>,
}

/// A message that waits for its time.
struct Planned {
    at: Instant,
    topic: String,
    data: Vec<u8>,
    /// The last message of a burst.
    is_last: bool,
}

fn say(event: Value) {
    println!("{event}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let port = argument("--port").unwrap_or_else(|| "0".into());
    let key = match argument("--seed") {
        Some(seed) => identity::Keypair::ed25519_from_bytes(hex::decode(seed)?)?,
        None => identity::Keypair::generate_ed25519(),
    };
    let psk = argument("--psk").map(|text| read_psk(&text)).transpose()?;
    let kad = argument("--kad").map(|prefix| StreamProtocol::try_from_owned(format!("{prefix}/kad/1.0.0"))).transpose()?;
    let mut swarm = build(key, psk, kad)?;
    swarm.listen_on(Multiaddr::from_str(&format!("/ip4/127.0.0.1/tcp/{port}"))?)?;

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut planned: VecDeque<Planned> = VecDeque::new();
    loop {
        let next = planned.front().map_or_else(far_away, |message| message.at);
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let command: Value = serde_json::from_str(&line)?;
                let name = command["do"].as_str().unwrap_or_default();
                match run(&mut swarm, &mut planned, name, &command) {
                    Ok(true) => say(json!({"event": "done", "do": name})),
                    Ok(false) => {}
                    Err(error) => say(json!({"event": "failed", "do": name, "error": error.to_string()})),
                }
            }
            () = sleep_until(next), if !planned.is_empty() => {
                let Some(message) = planned.pop_front() else { continue };
                let published = publish(&mut swarm, &message.topic, message.data);
                if let Err(error) = published {
                    say(json!({"event": "failed", "do": "burst", "error": error.to_string()}));
                    planned.clear();
                } else if message.is_last {
                    say(json!({"event": "done", "do": "burst"}));
                }
            }
            event = swarm.select_next_some() => {
                join_dht(&mut swarm, &event);
                tell(&swarm, event);
            }
        }
    }
}

fn far_away() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn read_psk(text: &str) -> Result<PreSharedKey, Fault> {
    let bytes: [u8; 32] = hex::decode(text)?.try_into().map_err(|_| "--psk takes 32 bytes in hex")?;
    Ok(PreSharedKey::new(bytes))
}

fn build(key: identity::Keypair, psk: Option<PreSharedKey>, dht: Option<StreamProtocol>) -> Result<Swarm<Behaviour>, Fault> {
    let swarm = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_other_transport(|key| {
            let base = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
            let secret = base.and_then(move |socket, _| async move {
                match psk {
                    Some(psk) => PnetConfig::new(psk).handshake(socket).await.map(Either::Left).map_err(std::io::Error::other),
                    None => Ok(Either::Right(socket)),
                }
            });
            let noise = noise::Config::new(key).expect("an Ed25519 key is enough for noise");
            secret.upgrade(Version::V1Lazy).authenticate(noise).multiplex(yamux::Config::default())
        })?
        .with_behaviour(|key| {
            let authenticity = gossipsub::MessageAuthenticity::Signed(key.clone());
            Ok(Behaviour {
                gossipsub: gossipsub::Behaviour::new(authenticity, gossipsub::Config::default())?,
                identify: identify::Behaviour::new(identify::Config::new("/test-peer/1.0.0".into(), key.public())),
                ping: ping::Behaviour::default(),
                kad: dht.map(|protocol| serve_dht(key.public().to_peer_id(), protocol)).into(),
            })
        })?
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(60)))
        .build();
    Ok(swarm)
}

fn serve_dht(own: PeerId, protocol: StreamProtocol) -> kad::Behaviour<kad::store::MemoryStore> {
    let mut behaviour = kad::Behaviour::with_config(own, kad::store::MemoryStore::new(own), kad::Config::new(protocol));
    behaviour.set_mode(Some(kad::Mode::Server));
    behaviour
}

/// The key under which Go's discovery advertises a topic: the multihash of its name.
fn key_of(topic: &str) -> kad::RecordKey {
    let digest = Sha256::digest(topic.as_bytes());
    kad::RecordKey::new(&[&[0x12, 0x20], digest.as_slice()].concat())
}

/// Keeps the DHT's table as identify tells, and dials whom a search has found.
fn join_dht(swarm: &mut Swarm<Behaviour>, event: &SwarmEvent<BehaviourEvent>) {
    match event {
        // A provider record carries the addresses that others can reach.
        SwarmEvent::NewListenAddr { address, .. } => swarm.add_external_address(address.clone()),
        SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. })) => {
            let Some(dht) = swarm.behaviour_mut().kad.as_mut() else { return };
            if !info.protocols.iter().any(|protocol| dht.protocol_names().contains(protocol)) {
                return;
            }
            for address in &info.listen_addrs {
                dht.add_address(peer_id, address.clone());
            }
        }
        SwarmEvent::Behaviour(BehaviourEvent::Kad(kad::Event::OutboundQueryProgressed {
            result: kad::QueryResult::GetProviders(Ok(kad::GetProvidersOk::FoundProviders { providers, .. })),
            ..
        })) => {
            let own = *swarm.local_peer_id();
            for peer in providers.iter().filter(|peer| **peer != own) {
                // Whom it is connected to already is no fault.
                let _ = swarm.dial(DialOpts::peer_id(*peer).condition(PeerCondition::DisconnectedAndNotDialing).build());
            }
        }
        _ => {}
    }
}

/// True when the command is done, false when it will be later.
fn run(swarm: &mut Swarm<Behaviour>, planned: &mut VecDeque<Planned>, name: &str, command: &Value) -> Result<bool, Fault> {
    let text = |key: &str| command[key].as_str().unwrap_or_default().to_owned();
    let number = |key: &str| command[key].as_u64().unwrap_or_default();
    match name {
        "subscribe" => {
            swarm.behaviour_mut().gossipsub.subscribe(&gossipsub::IdentTopic::new(text("topic")))?;
        }
        "connect" => {
            swarm.dial(DialOpts::from(Multiaddr::from_str(&text("address"))?))?;
        }
        "discover" => {
            let key = key_of(&text("topic"));
            let dht = swarm.behaviour_mut().kad.as_mut().ok_or("it serves in no DHT: start it with --kad")?;
            dht.start_providing(key.clone())?;
            dht.get_providers(key);
        }
        "publish" => publish(swarm, &text("topic"), BASE64.decode(text("data"))?)?,
        "burst" => {
            let (count, bytes) = (number("count"), number("bytes") as usize);
            let began = Instant::now();
            for i in 0..count {
                let mut data = format!("{i} ").into_bytes();
                data.resize(bytes.max(data.len()), b'.');
                let at = began + Duration::from_millis(number("inMs") * i / count);
                planned.push_back(Planned { at, topic: text("topic"), data, is_last: i + 1 == count });
            }
            return Ok(count == 0);
        }
        _ => return Err(format!("no such command: {name:?}").into()),
    }
    Ok(true)
}

fn publish(swarm: &mut Swarm<Behaviour>, topic: &str, data: Vec<u8>) -> Result<(), Fault> {
    swarm.behaviour_mut().gossipsub.publish(gossipsub::IdentTopic::new(topic), data)?;
    Ok(())
}

fn tell(swarm: &Swarm<Behaviour>, event: SwarmEvent<BehaviourEvent>) {
    match event {
        SwarmEvent::NewListenAddr { address, .. } => {
            let own: &PeerId = swarm.local_peer_id();
            say(json!({"event": "started", "peerId": own.to_string(), "address": format!("{address}/p2p/{own}")}));
        }
        SwarmEvent::ConnectionEstablished { peer_id, .. } => say(json!({"event": "connected", "peerId": peer_id.to_string()})),
        SwarmEvent::ConnectionClosed { peer_id, .. } => say(json!({"event": "disconnected", "peerId": peer_id.to_string()})),
        SwarmEvent::Behaviour(BehaviourEvent::Gossipsub(gossipsub::Event::Subscribed { peer_id, topic })) => {
            say(json!({"event": "subscriber", "topic": topic.to_string(), "peerId": peer_id.to_string()}));
        }
        SwarmEvent::Behaviour(BehaviourEvent::Gossipsub(gossipsub::Event::Message { propagation_source, message, .. })) => {
            say(json!({
                "event": "message",
                "topic": message.topic.to_string(),
                "signer": message.source.map(|peer| peer.to_string()),
                "hop": propagation_source.to_string(),
                "data": BASE64.encode(&message.data),
            }));
        }
        _ => {}
    }
}
