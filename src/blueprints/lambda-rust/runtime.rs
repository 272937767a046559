// A runtime for handlers of AWS Lambda: nothing but Rust's own library.
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::exit;

struct Api {
    host: String,
    prefix: String,
    stream: BufReader<TcpStream>,
}

impl Api {
    fn new() -> io::Result<Api> {
        let address = env::var("AWS_LAMBDA_RUNTIME_API").map_err(io::Error::other)?;
        let (host, secret) = address.split_once('/').unwrap_or((&address, ""));
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        let slash = if secret.is_empty() { "" } else { "/" };
        Ok(Api {
            host: host.to_string(),
            prefix: format!("{slash}{secret}/2018-06-01/runtime/invocation/"),
            stream: BufReader::new(stream),
        })
    }

    // The id of the request, if the answer has one, and its body.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<(String, String)> {
        let request = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.prefix, self.host, body.len());
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut id, mut size) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => size = value.trim().parse().map_err(io::Error::other)?,
                "lambda-runtime-aws-request-id" => id = value.trim().to_string(),
                _ => (),
            }
        }
        let mut got = vec![0; size];
        self.stream.read_exact(&mut got)?;
        Ok((id, String::from_utf8(got).map_err(io::Error::other)?))
    }
}

// TEXT in a string of JSON.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out
}

fn serve_on(api: &mut Api, handler: fn(&str) -> Result<String, String>) -> io::Result<()> {
    loop {
        let (id, event) = api.ask("GET", "next", "")?;
        match handler(&event) {
            Ok(answer) => api.ask("POST", &format!("{id}/response"), &answer)?,
            Err(why) => {
                eprintln!("{why}");
                let error = format!(
                    "{{\"errorMessage\": \"{}\", \"errorType\": \"Error\"}}", escaped(&why));
                api.ask("POST", &format!("{id}/error"), &error)?
            }
        };
    }
}

pub fn serve(handler: fn(&str) -> Result<String, String>) {
    if let Err(why) = Api::new().and_then(|mut api| serve_on(&mut api, handler)) {
        eprintln!("the Runtime API: {why}");
        exit(1);
    }
}
