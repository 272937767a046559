#!/usr/bin/env bash
# runtimes.sh [NAME...] - the clients that AWS publishes, unmodified, under lam-trigger
#
# Each is installed from its registry into build/runtimes/NAME; where that cannot be
# done a line says so, and it is skipped.  Then a handler is invoked in each of the
# ways in which an invocation can end.  One line for each check.
#
#	python	awslambdaric		node	aws-lambda-ric
#	java	aws-lambda-java-runtime-interface-client
#	go	aws-lambda-go		rust	lambda_runtime
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BIN:=bin}"
bin=$PWD/$BIN root=$PWD/build/runtimes
mkdir -p "$root"
passed=0 failed=0 skipped=0
as=() nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
tmp=$(mktemp -d /tmp/lam-runtimes.XXXXXX)
chmod 1777 "$tmp"
trap 'rm -rf "$tmp"' EXIT

say() { # say STATUS NAME
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1)); echo "ok $2"
	else
		failed=$((failed + 1)); echo "not ok $2"
	fi
}

have() { command -v "$1" >/dev/null 2>&1; }

# What a handler does is in its event: {"do": "hello" | "error" | "sleep" | "big"}.
make_python() {
	have python3 || return 1
	[ -x v/bin/python ] || python3 -m venv v || return 1
	v/bin/python -c 'import awslambdaric' 2>/dev/null ||
		v/bin/pip -q install awslambdaric || return 1
	cat >app.py <<-'END'
	import time
	def handler(event, context):
	    do = event["do"]
	    if do == "error": raise ValueError("no good")
	    if do == "sleep": time.sleep(60)
	    if do == "big": return "x" * 7000000
	    return {"hello": event["n"]}
	END
	command=(v/bin/python -m awslambdaric app.handler)
}

make_node() {
	have npm && have cmake && have libtoolize && have automake || return 1
	[ -d node_modules/aws-lambda-ric ] ||
		npm install --silent aws-lambda-ric >npm.log 2>&1 || return 1
	cat >app.js <<-'END'
	exports.handler = async event => {
		if (event.do === 'error') throw new RangeError('no good');
		if (event.do === 'sleep') await new Promise(r => setTimeout(r, 60000));
		if (event.do === 'big') return 'x'.repeat(7000000);
		return { hello: event.n };
	};
	END
	command=(node node_modules/.bin/aws-lambda-ric app.handler)
}

make_java() {
	have mvn && have javac || return 1
	mkdir -p src/main/java/h
	cat >pom.xml <<-'END'
	<project xmlns="http://maven.apache.org/POM/4.0.0">
	<modelVersion>4.0.0</modelVersion>
	<groupId>h</groupId><artifactId>hello</artifactId><version>1</version>
	<properties><maven.compiler.source>17</maven.compiler.source>
	<maven.compiler.target>17</maven.compiler.target>
	<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
	</properties>
	<dependencies><dependency><groupId>com.amazonaws</groupId>
	<artifactId>aws-lambda-java-runtime-interface-client</artifactId>
	<version>2.6.0</version></dependency>
	<dependency><groupId>com.amazonaws</groupId>
	<artifactId>aws-lambda-java-core</artifactId>
	<version>1.2.3</version></dependency></dependencies>
	</project>
	END
	cat >src/main/java/h/Hello.java <<-'END'
	package h;
	import com.amazonaws.services.lambda.runtime.Context;
	import com.amazonaws.services.lambda.runtime.RequestHandler;
	import java.util.Map;
	public class Hello implements RequestHandler<Map<String, Object>, Object> {
		public Object handleRequest(Map<String, Object> event, Context context) {
			Object what = event.get("do");
			if ("error".equals(what)) throw new IllegalStateException("no good");
			if ("big".equals(what)) return "x".repeat(7000000);
			if ("sleep".equals(what))
				try { Thread.sleep(60000); } catch (InterruptedException e) { }
			return Map.of("hello", event.get("n"));
		}
	}
	END
	[ -d target/dependency ] && [ -f target/hello-1.jar ] ||
		mvn -q package dependency:copy-dependencies >mvn.log 2>&1 || return 1
	command=(java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
		-cp "target/hello-1.jar:target/dependency/*"
		com.amazonaws.services.lambda.runtime.api.client.AWSLambda
		h.Hello::handleRequest)
}

make_go() {
	have go || return 1
	cat >main.go <<-'END'
	package main

	import (
		"errors"
		"strings"
		"time"

		"github.com/aws/aws-lambda-go/lambda"
	)

	type event struct {
		Do string `json:"do"`
		N  int    `json:"n"`
	}

	func handler(e event) (any, error) {
		switch e.Do {
		case "error":
			return nil, errors.New("no good")
		case "sleep":
			time.Sleep(time.Minute)
		case "big":
			return strings.Repeat("x", 7000000), nil
		}
		return map[string]int{"hello": e.N}, nil
	}

	func main() { lambda.Start(handler) }
	END
	[ -f go.mod ] || go mod init hello 2>/dev/null
	[ -x bootstrap ] || { go mod tidy && CGO_ENABLED=0 go build -o bootstrap .; } \
		>go.log 2>&1 || return 1
	command=(./bootstrap)
}

make_rust() {
	have cargo || return 1
	mkdir -p src
	cat >Cargo.toml <<-'END'
	[package]
	name = "hello"
	version = "0.1.0"
	edition = "2021"
	[dependencies]
	lambda_runtime = "1"
	serde_json = "1"
	tokio = { version = "1", features = ["rt", "macros", "time"] }
	END
	cat >src/main.rs <<-'END'
	use lambda_runtime::{run, service_fn, Error, LambdaEvent};
	use serde_json::{json, Value};

	async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
	    match event.payload["do"].as_str() {
	        Some("error") => return Err("no good".into()),
	        Some("sleep") => tokio::time::sleep(std::time::Duration::from_secs(60)).await,
	        Some("big") => return Ok(Value::String("x".repeat(7000000))),
	        _ => (),
	    }
	    Ok(json!({ "hello": event.payload["n"] }))
	}

	#[tokio::main(flavor = "current_thread")]
	async fn main() -> Result<(), Error> {
	    run(service_fn(handler)).await
	}
	END
	[ -x target/release/hello ] || cargo build -q --release >cargo.log 2>&1 ||
		return 1
	command=(target/release/hello)
	options=(--token off) # its client knows no path in the address of the API
}

invoke() { # invoke EVENT...: one run of lam-trigger; its output and its reports
	printf '%s\n' "$@" | timeout 100 "${as[@]}" "$bin/lam-trigger" -v --batch 1 \
		--retries 0 --timeout 2s --memory 512M --runtime lambda "${options[@]}" -- \
		"${command[@]}" >out 2>err
	status=$?
}

reports() { sed -n 's/.* Status: \([a-z]*\)$/\1/p' err | tr '\n' ' '; }

check() { # check NAME: in its directory, with its command
	invoke '{"do":"hello","n":1}' '{"do":"error"}' '{"do":"hello","n":2}' \
		'{"do":"sleep"}' '{"do":"hello","n":3}' '{"do":"big"}' \
		'{"do":"hello","n":4}'
	[ "$(tr -d ' ' <out | tr '\n' ' ')" = \
		'{"hello":1} {"hello":2} {"hello":3} {"hello":4} ' ]
	say $? "$1: hello, also after an error, a timeout and an oversized answer"
	[ "$(reports)" = 'ok error ok timeout ok error ok ' ]
	say $? "$1: each end is told"
	[ $status -eq 5 ] && grep -q 'no good' err
	say $? "$1: the handler's own words are in the log"
	grep -q 'ResponseSizeTooLarge\|RequestEntityTooLarge\|Exceeded maximum' err
	say $? "$1: an answer that is too large is told so"
	LAM_DENY=cgroup,landlock,ns,net,seccomp invoke '{"do":"hello","n":5}'
	[ "$(tr -d ' ' <out)" = '{"hello":5}' ]
	say $? "$1: hello, with no isolation but the base"
	# An interpreter in somebody's home is none for others: that of the system is.
	if [ "$1" = python ] && ! "${nobody[@]}" test -x "${command[0]}"; then
		command[0]=/usr/bin/python3
		options+=(--env "PYTHONPATH=$(echo "$PWD"/v/lib/*/site-packages)")
	fi
	if [ "$(id -u)" -ne 0 ] || ! "${nobody[@]}" sh -c 'command -v "$1"' sh "${command[0]}" >>err; then
		skipped=$((skipped + 1))
		echo "ok $1 # skip: an ordinary user has no way to ${command[0]}"
	else
		as=("${nobody[@]}" env "TMPDIR=$tmp")
		invoke '{"do":"hello","n":6}' '{"do":"error"}' '{"do":"hello","n":7}'
		as=()
		[ "$(tr -d ' ' <out | tr '\n' ' ')" = '{"hello":6} {"hello":7} ' ]
		say $? "$1: hello, and an error, as an ordinary user"
	fi
	[ "$failed" -eq 0 ] || { sed 's/^/# /' err | cut -c1-300 | tail -20; }
}

for name in ${*:-python node java go rust}; do
	mkdir -p "$root/$name" && cd "$root/$name" || exit 1
	command=() options=()
	if "make_$name"; then
		check "$name"
	else
		skipped=$((skipped + 1))
		echo "ok $name # skip: its client cannot be installed here"
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
