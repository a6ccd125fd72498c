//! A client of the bridge's schema registry in Rust: schema_registry_converter with apache-avro. The test moves the bytes from and to Kafka.
//!
//!     client REGISTRY TOPIC read      prints the value as JSON for each line of standard input, the bytes of a record as hex
//!     client REGISTRY TOPIC write     prints the bytes of a record as hex for each line, a JSON object, with the newest schema of TOPIC-value

use apache_avro::types::Value;
use schema_registry_converter::blocking::avro::{AvroDecoder, AvroEncoder};
use schema_registry_converter::blocking::schema_registry::SrSettings;
use schema_registry_converter::schema_registry_common::SubjectNameStrategy;
use std::error::Error;
use std::io::{BufRead, stdin};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [registry, topic, task] = arguments.as_slice() else {
        return Err("usage: client REGISTRY TOPIC read|write".into());
    };
    let settings = SrSettings::new(registry.clone());
    if task == "write" { write(settings, topic) } else { read(settings) }
}

fn read(settings: SrSettings) -> Result<(), Box<dyn Error>> {
    let decoder = AvroDecoder::new(settings);
    for line in stdin().lock().lines() {
        let bytes = hex::decode(line?.trim())?;
        let decoded = decoder.decode(Some(&bytes))?;
        println!("{}", serde_json::Value::try_from(decoded.value)?);
    }
    Ok(())
}

fn write(settings: SrSettings, topic: &str) -> Result<(), Box<dyn Error>> {
    let encoder = AvroEncoder::new(settings);
    for line in stdin().lock().lines() {
        let json: serde_json::Value = serde_json::from_str(&line?)?;
        let fields = json.as_object().ok_or("not an object")?;
        let values = fields.iter().map(|(name, value)| (name.as_str(), avro(value))).collect();
        let strategy = SubjectNameStrategy::TopicNameStrategy(topic.to_owned(), false);
        println!("{}", hex::encode(encoder.encode(values, &strategy)?));
    }
    Ok(())
}

/// The other fields of a notification have defaults.
fn avro(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Number(number) => Value::Union(1, Box::new(Value::Long(number.as_i64().unwrap_or_default()))),
        serde_json::Value::String(text) => Value::String(text.clone()),
        _ => Value::Null,
    }
}
