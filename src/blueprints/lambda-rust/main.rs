// The function: it is given JSON as text, and answers JSON.
mod runtime;

fn handler(event: &str) -> Result<String, String> {
    // A real one reads its event with serde_json.
    let name = event.split_once("\"name\":\"").and_then(|(_, rest)| rest.split_once('"'));
    let name = name.map_or("world", |(name, _)| name);
    Ok(format!("{{\"message\": \"Hello, {name}\"}}"))
}

fn main() {
    runtime::serve(handler);
}
